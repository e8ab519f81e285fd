//! Paths of the node.

use k8s_openapi::api::core::v1::HostPathVolumeSource;

use crate::apiserver::content::{path_no_backsteps, report};
use crate::apiserver::error::Errors;
use crate::path::Path;

/// What may be demanded of a path, in the order in which the server lists it.
const TYPES: [&str; 8] =
    ["", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket"];

/// A path of the node is given and does not climb; its type is a known one. It may be relative.
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
