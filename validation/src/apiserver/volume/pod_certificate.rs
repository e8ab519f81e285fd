//! Pod certificates in projected volumes.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::PodCertificateProjection;

use super::file::validate_user_field;
use super::projected_files::Files;
use crate::apiserver::content::{
    is_domain_prefixed_key, local_non_reserved_path, lowercase, report, validate_signer_name,
};
use crate::apiserver::error::Errors;
use crate::apiserver::object_meta::validate_annotations_size;
use crate::path::Path;

/// The supported key types, in the order in which the server lists them.
const KEY_TYPES: [&str; 6] = ["RSA3072", "RSA4096", "ECDSAP256", "ECDSAP384", "ECDSAP521", "ED25519"];

/// The shortest lifetime of a certificate: one hour.
const MIN_EXPIRATION_SECONDS: i32 = 3600;

/// The longest lifetime of a certificate: 91 days.
///
/// Upstream: `certificates.MaxMaxExpirationSeconds`.
const MAX_EXPIRATION_SECONDS: i32 = 91 * 24 * 60 * 60;

/// The longest lifetime of a certificate from a signer of Kubernetes: one day.
///
/// Upstream: `certificates.KubernetesMaxMaxExpirationSeconds`.
const KUBERNETES_MAX_EXPIRATION_SECONDS: i32 = 24 * 60 * 60;

/// A pod certificate has a signer name, a key type, an optional lifetime, and at least one file path.
///
/// Upstream: `core/validation.validateProjectionSources`.
pub(super) fn validate_pod_certificate<'v>(
    certificate: &'v PodCertificateProjection,
    files: &mut Files<'v, '_>,
    path: &Path<'_>,
    errors: &mut Errors,
) {
    validate_signer_name(&certificate.signer_name, &path.field("signerName"), errors);
    if let Some(annotations) = &certificate.user_annotations {
        let path = path.field("userAnnotations");
        validate_user_annotations(annotations, &path, errors);
    }
    validate_user_field(certificate.user, &path.field("user"), errors);
    let key_type = certificate.key_type.as_str();
    if !KEY_TYPES.contains(&key_type) {
        errors.not_supported(&path.field("keyType"), key_type, &KEY_TYPES);
    }
    validate_max_expiration_seconds(certificate, &path.field("maxExpirationSeconds"), errors);
    let mut has_files = false;
    for (name, file_path) in [
        ("credentialBundlePath", &certificate.credential_bundle_path),
        ("keyPath", &certificate.key_path),
        ("certificateChainPath", &certificate.certificate_chain_path),
    ] {
        let Some(file_path) = file_path.as_deref().filter(|file_path| !file_path.is_empty()) else {
            continue;
        };
        has_files = true;
        report(local_non_reserved_path(file_path), file_path, &path.field(name), errors);
        files.add(file_path, file_path, errors);
    }
    if !has_files {
        let detail = "specify at least one of credentialBundlePath, keyPath, and certificateChainPath";
        errors.required(path, detail);
    }
}

/// The annotations for the signer have domain-prefixed keys, and a limited size.
///
/// Upstream: `core/validation.ValidateUserAnnotations`.
fn validate_user_annotations(annotations: &BTreeMap<String, String>, path: &Path<'_>, errors: &mut Errors) {
    for key in annotations.keys() {
        is_domain_prefixed_key(&lowercase(key), path, errors);
    }
    validate_annotations_size(Some(annotations), path, errors);
}

/// The maximum lifetime of a certificate depends on the signer.
fn validate_max_expiration_seconds(
    certificate: &PodCertificateProjection,
    path: &Path<'_>,
    errors: &mut Errors,
) {
    let Some(seconds) = certificate.max_expiration_seconds else { return };
    if seconds < MIN_EXPIRATION_SECONDS {
        errors.invalid(path, seconds, "if provided, maxExpirationSeconds must be >= 3600");
    }
    let max = if is_kubernetes_signer_name(&certificate.signer_name) {
        KUBERNETES_MAX_EXPIRATION_SECONDS
    } else {
        MAX_EXPIRATION_SECONDS
    };
    if seconds > max {
        errors.invalid(path, seconds, format!("if provided, maxExpirationSeconds must be <= {max}"));
    }
}

/// Whether the signer name has a domain of Kubernetes.
///
/// Upstream: `core/validation.IsKubernetesSignerName`.
fn is_kubernetes_signer_name(name: &str) -> bool {
    let host = name.split_once('/').map_or(name, |(host, _)| host);
    host.strip_suffix("kubernetes.io").is_some_and(|above| above.is_empty() || above.ends_with('.'))
}
