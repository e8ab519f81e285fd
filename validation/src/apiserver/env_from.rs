//! Environment variables from all keys of a ConfigMap or Secret.

use k8s_openapi::api::core::v1::EnvFromSource;

use crate::apiserver::content::{name_is_dns_subdomain, report};
use crate::apiserver::context::Context;
use crate::apiserver::env::validate_env_var_name;
use crate::apiserver::error::Errors;
use crate::path::Path;

/// Each item has exactly one ConfigMap or Secret. The prefix of the variable names is itself a valid name.
///
/// A wrong number of sources is reported at the list, not at the item.
///
/// Upstream: `core/validation.ValidateEnvFrom`.
pub(super) fn validate_env_from(
    sources: &[EnvFromSource],
    path: &Path<'_>,
    cx: &Context<'_>,
    errors: &mut Errors,
) {
    for (index, source) in sources.iter().enumerate() {
        let item = path.index(index);
        if let Some(prefix) = source.prefix.as_deref().filter(|prefix| !prefix.is_empty()) {
            validate_env_var_name(prefix, &item.field("prefix"), cx, errors);
        }
        if let Some(config_map) = &source.config_map_ref {
            validate_env_source(&config_map.name, &item.field("configMapRef"), errors);
        }
        if let Some(secret) = &source.secret_ref {
            validate_env_source(&secret.name, &item.field("secretRef"), errors);
        }
        match (&source.config_map_ref, &source.secret_ref) {
            (None, None) => errors.invalid(path, "", "must specify one of: `configMapRef` or `secretRef`"),
            (Some(_), Some(_)) => {
                errors.invalid(path, "", "may not have more than one field specified at a time");
            }
            _ => {}
        }
    }
}

/// The name of the ConfigMap or Secret is required and is checked as a name prefix, so it may end with `-`.
///
/// Upstream: `core/validation.validateConfigMapEnvSource`, `core/validation.validateSecretEnvSource`,
/// `core/validation.ValidateConfigMapName`.
fn validate_env_source(name: &str, path: &Path<'_>, errors: &mut Errors) {
    if name.is_empty() {
        errors.required(&path.field("name"), "");
    } else {
        report(name_is_dns_subdomain(name, true), name, &path.field("name"), errors);
    }
}
