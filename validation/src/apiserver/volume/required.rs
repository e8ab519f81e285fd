//! Required fields.

use k8s_openapi::api::core::v1::LocalObjectReference;

use crate::apiserver::error::Errors;
use crate::path::Path;

/// Reports an empty text as required.
pub(super) fn required(text: &str, path: &Path<'_>, errors: &mut Errors) {
    if text.is_empty() {
        errors.required(path, "");
    }
}

/// Reports a reference without a name.
pub(super) fn required_name(reference: Option<&LocalObjectReference>, path: &Path<'_>, errors: &mut Errors) {
    if let Some(reference) = reference {
        required(&reference.name, path, errors);
    }
}
