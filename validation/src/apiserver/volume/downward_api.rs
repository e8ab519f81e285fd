//! Downward API volumes.

use k8s_openapi::api::core::v1::{DownwardAPIVolumeFile, DownwardAPIVolumeSource};

use super::file::{validate_file_mode, validate_user_field};
use super::required::required;
use crate::apiserver::content::{local_non_reserved_path, report};
use crate::apiserver::error::Errors;
use crate::apiserver::object_field_selector::validate_object_field_selector;
use crate::apiserver::resource_field_selector::validate_container_resource_field_selector;
use crate::path::Path;

/// The pod fields that a file can have.
///
/// Upstream: `core/validation.validVolumeDownwardAPIFieldPathExpressions`.
const FIELDS: &[&str] =
    &["metadata.annotations", "metadata.labels", "metadata.name", "metadata.namespace", "metadata.uid"];

/// Checks the modes, owners and items. The server reports errors of an item at the path of the volume.
///
/// Upstream: `core/validation.validateDownwardAPIVolumeSource`.
pub(super) fn validate_downward_api_volume_source(
    source: &DownwardAPIVolumeSource,
    path: &Path<'_>,
    errors: &mut Errors,
) {
    validate_file_mode(source.default_mode, &path.field("defaultMode"), errors);
    validate_user_field(source.default_user, &path.field("defaultUser"), errors);
    for file in source.items.iter().flatten() {
        validate_downward_api_volume_file(file, path, errors);
    }
}

/// A file has either a `fieldRef` or a `resourceFieldRef`.
///
/// Upstream: `core/validation.validateDownwardAPIVolumeFile`.
pub(super) fn validate_downward_api_volume_file(
    file: &DownwardAPIVolumeFile,
    path: &Path<'_>,
    errors: &mut Errors,
) {
    let file_path = path.field("path");
    required(&file.path, &file_path, errors);
    report(local_non_reserved_path(&file.path), &file.path, &file_path, errors);
    match (&file.field_ref, &file.resource_field_ref) {
        (Some(field), resource) => {
            validate_object_field_selector(field, FIELDS, &path.field("fieldRef"), errors);
            if resource.is_some() {
                let detail = "fieldRef and resourceFieldRef can not be specified simultaneously";
                errors.invalid(path, "resource", detail);
            }
        }
        (None, Some(resource)) => {
            let path = path.field("resourceFieldRef");
            validate_container_resource_field_selector(resource, &path, true, errors);
        }
        (None, None) => errors.required(path, "one of fieldRef and resourceFieldRef is required"),
    }
    validate_file_mode(file.mode, &path.field("mode"), errors);
    validate_user_field(file.user, &path.field("user"), errors);
}
