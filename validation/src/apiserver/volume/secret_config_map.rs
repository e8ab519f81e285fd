//! Secret and ConfigMap volumes.

use k8s_openapi::api::core::v1::{ConfigMapVolumeSource, KeyToPath, SecretVolumeSource};

use super::file::{validate_file_mode, validate_user_field};
use super::key_to_path::validate_key_to_path;
use super::required::required;
use crate::apiserver::error::Errors;
use crate::path::Path;

/// A Secret volume has a name. Checks the modes and owners of its files.
///
/// Upstream: `core/validation.validateSecretVolumeSource`.
pub(super) fn validate_secret_volume_source(
    source: &SecretVolumeSource,
    path: &Path<'_>,
    errors: &mut Errors,
) {
    required(source.secret_name.as_deref().unwrap_or_default(), &path.field("secretName"), errors);
    validate_file_mode(source.default_mode, &path.field("defaultMode"), errors);
    validate_user_field(source.default_user, &path.field("defaultUser"), errors);
    validate_items(source.items.as_deref().unwrap_or_default(), &path.field("items"), errors);
}

/// A ConfigMap volume has a name. Checks the modes and owners of its files.
///
/// Upstream: `core/validation.validateConfigMapVolumeSource`.
pub(super) fn validate_config_map_volume_source(
    source: &ConfigMapVolumeSource,
    path: &Path<'_>,
    errors: &mut Errors,
) {
    required(&source.name, &path.field("name"), errors);
    validate_file_mode(source.default_mode, &path.field("defaultMode"), errors);
    validate_user_field(source.default_user, &path.field("defaultUser"), errors);
    validate_items(source.items.as_deref().unwrap_or_default(), &path.field("items"), errors);
}

fn validate_items(items: &[KeyToPath], path: &Path<'_>, errors: &mut Errors) {
    for (index, item) in items.iter().enumerate() {
        validate_key_to_path(item, &path.index(index), errors);
    }
}
