//! Modes and owners of files in volumes.

use crate::apiserver::content::{is_valid_user_id, report};
use crate::apiserver::error::Errors;
use crate::path::Path;

/// A file mode is 0 to 0777.
///
/// Upstream: `core/validation.fileModeErrorMsg`.
pub(super) fn validate_file_mode(mode: Option<i32>, path: &Path<'_>, errors: &mut Errors) {
    if let Some(mode) = mode
        && !(0..=0o777).contains(&mode)
    {
        errors.invalid(path, mode, "must be a number between 0 and 0777 (octal), both inclusive");
    }
}

/// The owner of a file is a valid user ID.
///
/// Upstream: `core/validation.validateUserField`.
pub(super) fn validate_user_field(user: Option<i64>, path: &Path<'_>, errors: &mut Errors) {
    if let Some(user) = user {
        report(is_valid_user_id(user), user, path, errors);
    }
}
