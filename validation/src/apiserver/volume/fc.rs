//! Fibre Channel disks.

use k8s_openapi::api::core::v1::FCVolumeSource;

use super::iscsi::MAX_LUN;
use crate::apiserver::content::inclusive_range_error;
use crate::apiserver::error::{BadValue, Errors};
use crate::path::Path;

/// A volume has either target WWNs and a LUN, or WWIDs.
///
/// Upstream: `core/validation.validateFCVolumeSource`.
pub(super) fn validate_fc_volume_source(source: &FCVolumeSource, path: &Path<'_>, errors: &mut Errors) {
    let targets_path = path.field("targetWWNs");
    let has_targets = source.target_wwns.as_ref().is_some_and(|list| !list.is_empty());
    let has_identifiers = source.wwids.as_ref().is_some_and(|list| !list.is_empty());
    if !has_targets && !has_identifiers {
        errors.required(&targets_path, "must specify either targetWWNs or wwids, but not both");
    }
    if has_targets && has_identifiers {
        errors.invalid(
            &targets_path,
            BadValue::Omitted,
            "targetWWNs and wwids can not be specified simultaneously",
        );
    }
    if !has_targets {
        return;
    }
    match source.lun {
        None => errors.required(&path.field("lun"), "lun is required if targetWWNs is specified"),
        Some(lun) if !(0..=MAX_LUN).contains(&lun) => {
            errors.invalid(&path.field("lun"), lun, inclusive_range_error(0, i64::from(MAX_LUN)));
        }
        Some(_) => {}
    }
}
