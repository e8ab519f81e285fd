//! Projected volumes.

use k8s_openapi::api::core::v1::{
    KeyToPath, ProjectedVolumeSource, ServiceAccountTokenProjection, VolumeProjection,
};

use super::cluster_trust_bundle::validate_cluster_trust_bundle;
use super::downward_api::validate_downward_api_volume_file;
use super::file::{validate_file_mode, validate_user_field};
use super::key_to_path::validate_key_to_path;
use super::pod_certificate::validate_pod_certificate;
use super::projected_files::Files;
use super::required::required;
use crate::apiserver::content::{local_non_reserved_path, report};
use crate::apiserver::context::Context;
use crate::apiserver::error::Errors;
use crate::path::Path;

/// The shortest lifetime of a token in seconds: ten minutes.
const MIN_EXPIRATION_SECONDS: i64 = 600;

/// The longest lifetime of a token in seconds.
const MAX_EXPIRATION_SECONDS: i64 = 1 << 32;

/// Checks modes, owners and sources. No two files have the same path.
///
/// Upstream: `core/validation.validateProjectedVolumeSource`, `core/validation.validateProjectionSources`.
pub(super) fn validate_projected_volume_source(
    source: &ProjectedVolumeSource,
    path: &Path<'_>,
    cx: &Context<'_>,
    errors: &mut Errors,
) {
    validate_file_mode(source.default_mode, &path.field("defaultMode"), errors);
    validate_user_field(source.default_user, &path.field("defaultUser"), errors);
    let sources_path = path.field("sources");
    let mut files = Files::new(path);
    for (index, projection) in source.sources.iter().flatten().enumerate() {
        let path = sources_path.index(index);
        let kinds = validate_projection(projection, &mut files, &path, cx, errors);
        if kinds > 1 {
            errors.forbidden(&path, "may not specify more than 1 volume type per source");
        }
    }
}

/// Checks all sources of a projection and returns their number. None is allowed.
fn validate_projection<'v>(
    projection: &'v VolumeProjection,
    files: &mut Files<'v, '_>,
    path: &Path<'_>,
    cx: &Context<'_>,
    errors: &mut Errors,
) -> u8 {
    let mut kinds = 0_u8;
    let mut count = || kinds = kinds.saturating_add(1);
    if let Some(secret) = &projection.secret {
        count();
        let items = secret.items.as_deref().unwrap_or_default();
        validate_named_items(&secret.name, items, files, &path.field("secret"), errors);
    }
    if let Some(config_map) = &projection.config_map {
        count();
        let items = config_map.items.as_deref().unwrap_or_default();
        validate_named_items(&config_map.name, items, files, &path.field("configMap"), errors);
    }
    if let Some(downward_api) = &projection.downward_api {
        count();
        let path = path.field("downwardAPI");
        for file in downward_api.items.iter().flatten() {
            validate_downward_api_volume_file(file, &path, errors);
            if !file.path.is_empty() {
                files.add(&file.path, &file.path, errors);
            }
        }
    }
    if let Some(token) = &projection.service_account_token {
        count();
        validate_service_account_token(
            token,
            files.source_path(),
            &path.field("serviceAccountToken"),
            cx,
            errors,
        );
    }
    if let Some(bundle) = &projection.cluster_trust_bundle {
        count();
        validate_cluster_trust_bundle(bundle, &path.field("clusterTrustBundle"), errors);
        // An empty path is recorded as well, although it was reported.
        files.add(&bundle.path, &bundle.path, errors);
    }
    if let Some(certificate) = &projection.pod_certificate {
        count();
        validate_pod_certificate(certificate, files, &path.field("podCertificate"), errors);
    }
    kinds
}

/// A Secret or ConfigMap has a name, and its keys have different file paths.
fn validate_named_items<'v>(
    name: &str,
    items: &'v [KeyToPath],
    files: &mut Files<'v, '_>,
    path: &Path<'_>,
    errors: &mut Errors,
) {
    required(name, &path.field("name"), errors);
    let items_path = path.field("items");
    for (index, item) in items.iter().enumerate() {
        validate_key_to_path(item, &items_path.index(index), errors);
        if !item.path.is_empty() {
            // The server reports the name of the source instead of the path.
            files.add(&item.path, name, errors);
        }
    }
}

/// A token has a lifetime of ten minutes to 2^32 seconds and a file path. The server reports the path at the volume source, and
/// does not compare it with other paths.
fn validate_service_account_token(
    token: &ServiceAccountTokenProjection,
    volume_path: &Path<'_>,
    path: &Path<'_>,
    cx: &Context<'_>,
    errors: &mut Errors,
) {
    let expiration_path = path.field("expirationSeconds");
    match token.expiration_seconds {
        None => errors.required(&expiration_path, ""),
        Some(seconds) if seconds < MIN_EXPIRATION_SECONDS => {
            errors.invalid(&expiration_path, seconds, "may not specify a duration less than 10 minutes");
        }
        Some(seconds) if seconds > MAX_EXPIRATION_SECONDS => {
            errors.invalid(&expiration_path, seconds, "may not specify a duration larger than 2^32 seconds");
        }
        Some(_) => {}
    }
    let file_path = volume_path.field("path");
    if token.path.is_empty() {
        errors.required(&file_path, "");
    } else if !cx.options.allow_non_local_projected_token_path {
        report(local_non_reserved_path(&token.path), &token.path, &file_path, errors);
    }
    validate_user_field(token.user, &path.field("user"), errors);
}
