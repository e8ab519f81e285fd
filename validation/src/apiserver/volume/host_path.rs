//! `hostPath` volumes.

use k8s_openapi::api::core::v1::HostPathVolumeSource;

use crate::apiserver::content::{path_no_backsteps, report};
use crate::apiserver::error::Errors;
use crate::path::Path;

/// The supported types, in the order in which the server lists them.
const TYPES: [&str; 8] =
    ["", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket"];

/// The path is set and does not contain `..`; it may be relative. The type is a supported one.
///
/// Upstream: `core/validation.validateHostPathVolumeSource`.
pub(super) fn validate_host_path_volume_source(
    source: &HostPathVolumeSource,
    path: &Path<'_>,
    errors: &mut Errors,
) {
    if source.path.is_empty() {
        errors.required(&path.field("path"), "");
        return;
    }
    report(path_no_backsteps(&source.path), &source.path, &path.field("path"), errors);
    validate_host_path_type(source.type_.as_deref(), &path.field("type"), errors);
}

/// Upstream: `core/validation.validateHostPathType`.
fn validate_host_path_type(kind: Option<&str>, path: &Path<'_>, errors: &mut Errors) {
    if let Some(kind) = kind
        && !TYPES.contains(&kind)
    {
        errors.not_supported(path, kind, &TYPES);
    }
}
