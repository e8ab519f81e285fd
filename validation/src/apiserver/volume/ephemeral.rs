//! Ephemeral volumes.

use k8s_openapi::api::core::v1::EphemeralVolumeSource;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use crate::apiserver::content::{name_is_dns_subdomain, quote};
use crate::apiserver::context::Context;
use crate::apiserver::error::Errors;
use crate::apiserver::persistent_volume_claim::validate_persistent_volume_claim_template;
use crate::path::Path;

/// An ephemeral volume has a claim template.
///
/// Upstream: `core/validation.validateEphemeralVolumeSource`.
pub(super) fn validate_ephemeral_volume_source(
    source: &EphemeralVolumeSource,
    path: &Path<'_>,
    cx: &Context<'_>,
    errors: &mut Errors,
) {
    let path = path.field("volumeClaimTemplate");
    match &source.volume_claim_template {
        Some(template) => validate_persistent_volume_claim_template(template, &path, cx, errors),
        None => errors.required(&path, ""),
    }
}

/// For a pod with a name, checks the name of the claim: `<pod>-<volume>`.
///
/// Upstream: `core/validation.validateVolumeSource`, `core/validation.ValidatePersistentVolumeName`.
pub(super) fn validate_claim_name(
    volume_name: &str,
    pod_meta: Option<&ObjectMeta>,
    path: &Path<'_>,
    errors: &mut Errors,
) {
    let Some(pod_name) = pod_name(pod_meta).filter(|_| !volume_name.is_empty()) else { return };
    let claim_name = format!("{pod_name}-{volume_name}");
    for message in name_is_dns_subdomain(&claim_name, false) {
        let detail = format!("PVC name {}: {message}", quote(&claim_name));
        errors.invalid(&path.field("name"), volume_name, detail);
    }
}

/// The pod's name, if it has one. A template has none.
pub(super) fn pod_name(pod_meta: Option<&ObjectMeta>) -> Option<&str> {
    pod_meta.and_then(|meta| meta.name.as_deref()).filter(|name| !name.is_empty())
}
