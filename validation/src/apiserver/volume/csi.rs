//! Inline CSI volumes.

use k8s_openapi::api::core::v1::CSIVolumeSource;

use crate::apiserver::content::{is_dns1123_subdomain, lowercase, name_is_dns_subdomain, report};
use crate::apiserver::error::Errors;
use crate::path::Path;

/// The maximum length of a driver name in bytes.
const MAX_DRIVER_NAME: usize = 63;

/// A CSI volume has a driver name. The name of `nodePublishSecretRef`, if set, is a DNS subdomain.
///
/// Upstream: `core/validation.validateCSIVolumeSource`, `core/validation.ValidateSecretName`.
pub(super) fn validate_csi_volume_source(source: &CSIVolumeSource, path: &Path<'_>, errors: &mut Errors) {
    validate_csi_driver_name(&source.driver, &path.field("driver"), errors);
    let Some(secret) = &source.node_publish_secret_ref else { return };
    if secret.name.is_empty() {
        errors.required(&path.field("nodePublishSecretRef.name"), "");
    } else {
        // The server's path has a field `name` that a CSI volume does not have.
        report(name_is_dns_subdomain(&secret.name, false), &secret.name, &path.field("name"), errors);
    }
}

/// A driver name is a DNS subdomain of at most 63 bytes, ignoring case.
///
/// Upstream: `core/validation.ValidateCSIDriverName`.
fn validate_csi_driver_name(name: &str, path: &Path<'_>, errors: &mut Errors) {
    if name.is_empty() {
        errors.required(path, "");
        return;
    }
    if name.len() > MAX_DRIVER_NAME {
        errors.too_long(path, MAX_DRIVER_NAME);
    }
    report(is_dns1123_subdomain(&lowercase(name)), name, path, errors);
}
