//! Inline volumes of CSI drivers.

use k8s_openapi::api::core::v1::CSIVolumeSource;

use crate::apiserver::content::{is_dns1123_subdomain, lowercase, name_is_dns_subdomain, report};
use crate::apiserver::error::Errors;
use crate::path::Path;

/// The most bytes of a driver's name.
const MAX_DRIVER_NAME: usize = 63;

/// A driver is named; the secret for publishing, if any, has a name that a secret can have.
///
/// Upstream: `core/validation.validateCSIVolumeSource`, `core/validation.ValidateSecretName`.
pub(super) fn validate_csi_volume_source(source: &CSIVolumeSource, path: &Path<'_>, errors: &mut Errors) {
    validate_csi_driver_name(&source.driver, &path.field("driver"), errors);
    let Some(secret) = &source.node_publish_secret_ref else { return };
    if secret.name.is_empty() {
        errors.required(&path.field("nodePublishSecretRef.name"), "");
    } else {
        // The server points at a field that the source does not have.
        report(name_is_dns_subdomain(&secret.name, false), &secret.name, &path.field("name"), errors);
    }
}

/// A driver's name is a DNS subdomain of at most 63 bytes, in letters of whatever case.
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
