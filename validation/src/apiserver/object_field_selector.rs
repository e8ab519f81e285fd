//! `fieldRef` of environment variables and downward API files.

use std::borrow::Cow;

use k8s_openapi::api::core::v1::ObjectFieldSelector;

use crate::apiserver::content::{is_qualified_name, lowercase, report, split_maybe_subscripted_path};
use crate::apiserver::error::Errors;
use crate::path::Path;

/// `fieldRef` has an API version and one of the supported fields in `expressions`, or a single label or annotation.
///
/// An invalid label or annotation key is reported at the selector, not at `fieldPath`.
///
/// Upstream: `core/validation.validateObjectFieldSelector`.
pub(super) fn validate_object_field_selector(
    selector: &ObjectFieldSelector,
    expressions: &[&str],
    path: &Path<'_>,
    errors: &mut Errors,
) {
    let version = selector.api_version.as_deref().unwrap_or_default();
    if version.is_empty() {
        errors.required(&path.field("apiVersion"), "");
        return;
    }
    let field_path = selector.field_path.as_str();
    if field_path.is_empty() {
        errors.required(&path.field("fieldPath"), "");
        return;
    }
    let internal = match convert_downward_api_field_label(version, field_path) {
        Ok(internal) => internal,
        Err(error) => {
            let detail = format!("error converting fieldPath: {error}");
            errors.invalid(&path.field("fieldPath"), field_path, detail);
            return;
        }
    };
    match split_maybe_subscripted_path(internal) {
        Some(("metadata.annotations", key)) => {
            let key = lowercase(key);
            report(is_qualified_name(&key), key.as_ref(), path, errors);
        }
        Some(("metadata.labels", key)) => report(is_qualified_name(key), key, path, errors),
        Some((other, _)) => errors.invalid(path, other, "does not support subscript"),
        None if expressions.contains(&internal) => {}
        None => errors.not_supported(&path.field("fieldPath"), internal, expressions),
    }
}

/// Converts a field label of an API version to the internal one.
///
/// Upstream: `core/pods.ConvertDownwardAPIFieldLabel`.
fn convert_downward_api_field_label<'l>(version: &str, label: &'l str) -> Result<&'l str, Cow<'static, str>> {
    if version != "v1" {
        return Err(format!("unsupported pod version: {version}").into());
    }
    if let Some((path, _)) = split_maybe_subscripted_path(label) {
        return match path {
            "metadata.annotations" | "metadata.labels" => Ok(label),
            _ => Err(format!("field label does not support subscript: {label}").into()),
        };
    }
    match label {
        "metadata.annotations"
        | "metadata.labels"
        | "metadata.name"
        | "metadata.namespace"
        | "metadata.uid"
        | "spec.nodeName"
        | "spec.restartPolicy"
        | "spec.serviceAccountName"
        | "spec.schedulerName"
        | "status.phase"
        | "status.hostIP"
        | "status.hostIPs"
        | "status.podIP"
        | "status.podIPs" => Ok(label),
        // The name of this field before Kubernetes 1.0.
        "spec.host" => Ok("spec.nodeName"),
        _ => Err(format!("field label not supported: {label}").into()),
    }
}
