//! Azure file shares and disks.

use k8s_openapi::api::core::v1::{AzureDiskVolumeSource, AzureFileVolumeSource};

use super::required::required;
use crate::apiserver::error::Errors;
use crate::path::Path;

const CACHING_MODES: [&str; 3] = ["None", "ReadOnly", "ReadWrite"];
const MANAGED: &str = "Managed";
const KINDS: [&str; 3] = ["Dedicated", MANAGED, "Shared"];

/// A file share has a share name and a secret name.
///
/// Upstream: `core/validation.validateAzureFile`.
pub(super) fn validate_azure_file(source: &AzureFileVolumeSource, path: &Path<'_>, errors: &mut Errors) {
    required(&source.secret_name, &path.field("secretName"), errors);
    required(&source.share_name, &path.field("shareName"), errors);
}

/// A disk has a name and a URI that fits its kind. `kind` and `cachingMode` have supported values.
///
/// Upstream: `core/validation.validateAzureDisk`.
pub(super) fn validate_azure_disk(source: &AzureDiskVolumeSource, path: &Path<'_>, errors: &mut Errors) {
    let uri_path = path.field("diskURI");
    required(&source.disk_name, &path.field("diskName"), errors);
    required(&source.disk_uri, &uri_path, errors);
    if let Some(mode) = source.caching_mode.as_deref()
        && !CACHING_MODES.contains(&mode)
    {
        errors.not_supported(&path.field("cachingMode"), mode, &CACHING_MODES);
    }
    let Some(kind) = source.kind.as_deref() else { return };
    if !KINDS.contains(&kind) {
        errors.not_supported(&path.field("kind"), kind, &KINDS);
    }
    // An unsupported kind is checked like an unmanaged one.
    let (scheme, form) = if kind == MANAGED {
        (
            "/subscriptions/",
            "/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}",
        )
    } else {
        ("https://", "https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd")
    };
    if !source.disk_uri.starts_with(scheme) {
        errors.not_supported(&uri_path, &source.disk_uri, &[form]);
    }
}
