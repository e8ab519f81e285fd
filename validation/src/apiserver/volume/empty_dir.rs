//! `emptyDir` volumes.

use k8s_openapi::api::core::v1::EmptyDirVolumeSource;

use crate::apiserver::error::Errors;
use crate::path::Path;
use crate::quantity::Quantity;

/// The size limit is not negative. The mode is at most 01777: the permission bits and the sticky bit.
///
/// Upstream: `core/validation.validateVolumeSource`.
pub(super) fn validate_empty_dir_volume_source(
    source: &EmptyDirVolumeSource,
    path: &Path<'_>,
    errors: &mut Errors,
) {
    if source.size_limit.as_ref().is_some_and(|limit| Quantity::of(limit).sign() < 0) {
        errors.forbidden(&path.field("sizeLimit"), "SizeLimit field must be a valid resource quantity");
    }
    if let Some(mode) = source.mode
        && !(0..=0o1777).contains(&mode)
    {
        let detail = "must be a number between 0 and 01777 (octal), both inclusive";
        errors.invalid(&path.field("mode"), mode, detail);
    }
}
