//! In-tree volumes of storage vendors.

use k8s_openapi::api::core::v1::{PortworxVolumeSource, ScaleIOVolumeSource, StorageOSVolumeSource};

use super::required::{required, required_name};
use crate::apiserver::content::{is_dns1123_label, report};
use crate::apiserver::error::Errors;
use crate::path::Path;

/// A Portworx volume has an ID.
///
/// Upstream: `core/validation.validatePortworxVolumeSource`.
pub(super) fn validate_portworx_volume_source(
    source: &PortworxVolumeSource,
    path: &Path<'_>,
    errors: &mut Errors,
) {
    required(&source.volume_id, &path.field("volumeID"), errors);
}

/// A ScaleIO volume has a volume name, a gateway and a system.
///
/// Upstream: `core/validation.validateScaleIOVolumeSource`.
pub(super) fn validate_scale_io_volume_source(
    source: &ScaleIOVolumeSource,
    path: &Path<'_>,
    errors: &mut Errors,
) {
    required(&source.gateway, &path.field("gateway"), errors);
    required(&source.system, &path.field("system"), errors);
    required(source.volume_name.as_deref().unwrap_or_default(), &path.field("volumeName"), errors);
}

/// The volume name and namespace of a StorageOS volume are DNS labels. If `secretRef` is set, it has a name.
///
/// Upstream: `core/validation.validateStorageOSVolumeSource`, `core/validation.ValidateDNS1123Label`.
pub(super) fn validate_storage_os_volume_source(
    source: &StorageOSVolumeSource,
    path: &Path<'_>,
    errors: &mut Errors,
) {
    let name = source.volume_name.as_deref().unwrap_or_default();
    let name_path = path.field("volumeName");
    if name.is_empty() {
        errors.required(&name_path, "");
    } else {
        report(is_dns1123_label(name), name, &name_path, errors);
    }
    if let Some(namespace) = source.volume_namespace.as_deref().filter(|namespace| !namespace.is_empty()) {
        report(is_dns1123_label(namespace), namespace, &path.field("volumeNamespace"), errors);
    }
    required_name(source.secret_ref.as_ref(), &path.field("secretRef.name"), errors);
}
