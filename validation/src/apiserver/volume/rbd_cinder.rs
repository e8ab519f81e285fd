//! Ceph RBD and Cinder volumes.

use k8s_openapi::api::core::v1::{CinderVolumeSource, RBDVolumeSource};

use super::required::{required, required_name};
use crate::apiserver::error::Errors;
use crate::path::Path;

/// An RBD volume has monitors and an image.
///
/// Upstream: `core/validation.validateRBDVolumeSource`.
pub(super) fn validate_rbd_volume_source(source: &RBDVolumeSource, path: &Path<'_>, errors: &mut Errors) {
    if source.monitors.is_empty() {
        errors.required(&path.field("monitors"), "");
    }
    required(&source.image, &path.field("image"), errors);
}

/// A Cinder volume has an ID. If `secretRef` is set, it has a name.
///
/// Upstream: `core/validation.validateCinderVolumeSource`.
pub(super) fn validate_cinder_volume_source(
    source: &CinderVolumeSource,
    path: &Path<'_>,
    errors: &mut Errors,
) {
    required(&source.volume_id, &path.field("volumeID"), errors);
    required_name(source.secret_ref.as_ref(), &path.field("secretRef.name"), errors);
}
