//! Environment variables.

use k8s_openapi::api::core::v1::{EnvVar, EnvVarSource, FileKeySelector};

use crate::apiserver::content::{
    is_config_map_key, is_dns1123_label, is_env_var_name, is_relaxed_env_var_name, name_is_dns_subdomain,
    path_no_backsteps, report,
};
use crate::apiserver::context::Context;
use crate::apiserver::error::Errors;
use crate::apiserver::object_field_selector::validate_object_field_selector;
use crate::apiserver::resource_field_selector::validate_container_resource_field_selector;
use crate::path::Path;

/// The pod fields that `fieldRef` supports, besides a single label or annotation.
///
/// Upstream: `core/validation.validEnvDownwardAPIFieldPathExpressions`.
pub(crate) const FIELD_PATHS: &[&str] = &[
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
    "spec.nodeName",
    "spec.serviceAccountName",
    "status.hostIP",
    "status.hostIPs",
    "status.podIP",
    "status.podIPs",
];

/// A variable has a name, and either a value or one source of a value.
///
/// Upstream: `core/validation.ValidateEnv`.
pub(super) fn validate_env(vars: &[EnvVar], path: &Path<'_>, cx: &Context<'_>, errors: &mut Errors) {
    for (index, var) in vars.iter().enumerate() {
        let item = path.index(index);
        if var.name.is_empty() {
            errors.required(&item.field("name"), "");
        } else {
            validate_env_var_name(&var.name, &item.field("name"), cx, errors);
        }
        if let Some(source) = &var.value_from {
            let value = var.value.as_deref().unwrap_or_default();
            validate_env_var_value_from(value, source, &item.field("valueFrom"), cx, errors);
        }
    }
}

/// A variable's name follows the strict or the relaxed rule. The prefix of `envFrom` is checked in the same way.
pub(super) fn validate_env_var_name(name: &str, path: &Path<'_>, cx: &Context<'_>, errors: &mut Errors) {
    let messages = if cx.options.allow_relaxed_environment_variable_validation {
        is_relaxed_env_var_name(name)
    } else {
        is_env_var_name(name)
    };
    report(messages, name, path, errors);
}

/// `valueFrom` has exactly one source, and excludes `value`.
///
/// Upstream: `core/validation.validateEnvVarValueFrom`.
fn validate_env_var_value_from(
    value: &str,
    source: &EnvVarSource,
    path: &Path<'_>,
    cx: &Context<'_>,
    errors: &mut Errors,
) {
    let mut sources = 0_u8;
    if let Some(field) = &source.field_ref {
        sources = sources.saturating_add(1);
        validate_object_field_selector(field, FIELD_PATHS, &path.field("fieldRef"), errors);
    }
    if let Some(resource) = &source.resource_field_ref {
        sources = sources.saturating_add(1);
        let resource_path = path.field("resourceFieldRef");
        validate_container_resource_field_selector(resource, &resource_path, false, errors);
    }
    if let Some(key) = &source.config_map_key_ref {
        sources = sources.saturating_add(1);
        validate_key_selector(&key.name, &key.key, &path.field("configMapKeyRef"), errors);
    }
    if let Some(key) = &source.secret_key_ref {
        sources = sources.saturating_add(1);
        validate_key_selector(&key.name, &key.key, &path.field("secretKeyRef"), errors);
    }
    if let Some(key) = &source.file_key_ref {
        sources = sources.saturating_add(1);
        validate_file_key_selector(key, &path.field("fileKeyRef"), errors);
    }
    let detail = if sources == 0 && cx.options.allow_env_files_validation {
        "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`"
    } else if sources == 0 {
        "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`"
    } else if !value.is_empty() {
        "may not be specified when `value` is not empty"
    } else if sources > 1 {
        "may not have more than one field specified at a time"
    } else {
        return;
    };
    errors.invalid(path, "", detail);
}

/// A key of a ConfigMap or a Secret. The rules are the same for both.
///
/// Upstream: `core/validation.validateConfigMapKeySelector`, `core/validation.validateSecretKeySelector`.
fn validate_key_selector(name: &str, key: &str, path: &Path<'_>, errors: &mut Errors) {
    report(name_is_dns_subdomain(name, false), name, &path.field("name"), errors);
    if key.is_empty() {
        errors.required(&path.field("key"), "");
    } else {
        report(is_config_map_key(key), key, &path.field("key"), errors);
    }
}

/// A `fileKeyRef` has a variable name as its key, a volume name and a path without `..`.
///
/// Upstream: `core/validation.validateFileKeySelector`.
fn validate_file_key_selector(selector: &FileKeySelector, path: &Path<'_>, errors: &mut Errors) {
    let FileKeySelector { key, volume_name, path: file, .. } = selector;
    if key.is_empty() {
        errors.required(&path.field("key"), "");
    } else {
        report(is_relaxed_env_var_name(key), key, &path.field("key"), errors);
    }
    if volume_name.is_empty() {
        errors.required(&path.field("volumeName"), "");
    } else {
        report(is_dns1123_label(volume_name), volume_name, &path.field("volumeName"), errors);
    }
    if file.is_empty() {
        errors.required(&path.field("path"), "");
    } else {
        report(path_no_backsteps(file), file, &path.field("path"), errors);
    }
}
