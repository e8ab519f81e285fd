//! Keys of Secrets and ConfigMaps as files.

use k8s_openapi::api::core::v1::KeyToPath;

use super::file::{validate_file_mode, validate_user_field};
use super::required::required;
use crate::apiserver::content::{local_non_reserved_path, report};
use crate::apiserver::error::Errors;
use crate::path::Path;

/// An item has a key and a relative path without `..`.
///
/// Upstream: `core/validation.validateKeyToPath`.
pub(super) fn validate_key_to_path(value: &KeyToPath, path: &Path<'_>, errors: &mut Errors) {
    required(&value.key, &path.field("key"), errors);
    let file_path = path.field("path");
    required(&value.path, &file_path, errors);
    report(local_non_reserved_path(&value.path), &value.path, &file_path, errors);
    validate_file_mode(value.mode, &path.field("mode"), errors);
    validate_user_field(value.user, &path.field("user"), errors);
}
