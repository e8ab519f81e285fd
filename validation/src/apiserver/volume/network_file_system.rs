//! Network file systems.

use k8s_openapi::api::core::v1::{
    CephFSVolumeSource, FlockerVolumeSource, GlusterfsVolumeSource, NFSVolumeSource, QuobyteVolumeSource,
};

use super::required::required;
use crate::apiserver::error::Errors;
use crate::path::Path;

/// The maximum length of a Quobyte tenant in bytes.
const MAX_TENANT: usize = 64;

/// An NFS volume has a server and an absolute path.
///
/// Upstream: `core/validation.validateNFSVolumeSource`.
pub(super) fn validate_nfs_volume_source(source: &NFSVolumeSource, path: &Path<'_>, errors: &mut Errors) {
    required(&source.server, &path.field("server"), errors);
    let export_path = path.field("path");
    required(&source.path, &export_path, errors);
    if !source.path.starts_with('/') {
        errors.invalid(&export_path, &source.path, "must be an absolute path");
    }
}

/// A GlusterFS volume has endpoints and a path.
///
/// Upstream: `core/validation.validateGlusterfsVolumeSource`.
pub(super) fn validate_glusterfs_volume_source(
    source: &GlusterfsVolumeSource,
    path: &Path<'_>,
    errors: &mut Errors,
) {
    required(&source.endpoints, &path.field("endpoints"), errors);
    required(&source.path, &path.field("path"), errors);
}

/// A Flocker volume has either a dataset name or a dataset UUID.
///
/// Upstream: `core/validation.validateFlockerVolumeSource`.
pub(super) fn validate_flocker_volume_source(
    source: &FlockerVolumeSource,
    path: &Path<'_>,
    errors: &mut Errors,
) {
    let name = source.dataset_name.as_deref().unwrap_or_default();
    let identifier = source.dataset_uuid.as_deref().unwrap_or_default();
    if name.is_empty() && identifier.is_empty() {
        errors.required(path, "one of datasetName and datasetUUID is required");
    }
    if !name.is_empty() && !identifier.is_empty() {
        errors.invalid(path, "resource", "datasetName and datasetUUID can not be specified simultaneously");
    }
    if name.contains('/') {
        errors.invalid(&path.field("datasetName"), name, "must not contain '/'");
    }
}

/// A CephFS volume has monitors.
///
/// Upstream: `core/validation.validateCephFSVolumeSource`.
pub(super) fn validate_ceph_fs_volume_source(
    source: &CephFSVolumeSource,
    path: &Path<'_>,
    errors: &mut Errors,
) {
    if source.monitors.is_empty() {
        errors.required(&path.field("monitors"), "");
    }
}

/// A Quobyte volume has a volume name and registries of the form `host:port`. The registries are only checked if the tenant is not
/// too long.
///
/// Upstream: `core/validation.validateQuobyteVolumeSource`.
pub(super) fn validate_quobyte_volume_source(
    source: &QuobyteVolumeSource,
    path: &Path<'_>,
    errors: &mut Errors,
) {
    const PAIRS: &str = "must be a host:port pair or multiple pairs separated by commas";
    let registry_path = path.field("registry");
    if source.registry.is_empty() {
        errors.required(&registry_path, PAIRS);
    } else if source.tenant.as_ref().is_some_and(|tenant| tenant.len() > MAX_TENANT) {
        let detail = "must be a UUID and may not exceed a length of 64 characters";
        errors.required(&path.field("tenant"), detail);
    } else {
        for _ in source.registry.split(',').filter(|pair| !is_host_port(pair)) {
            errors.invalid(&registry_path, &source.registry, PAIRS);
        }
    }
    required(&source.volume, &path.field("volume"), errors);
}

/// Whether the text is `host:port`, where both may be empty. A host that contains colons is in brackets, and brackets occur nowhere
/// else.
///
/// Upstream: `net.SplitHostPort`.
fn is_host_port(text: &str) -> bool {
    let Some((host, port)) = text.rsplit_once(':') else { return false };
    let stray_bracket = |text: &str| text.contains(['[', ']']);
    let (host, may_have_colons) = match host.strip_prefix('[') {
        None => (host, false),
        Some(inside) => match inside.strip_suffix(']') {
            Some(inside) => (inside, true),
            None => return false,
        },
    };
    !stray_bracket(host) && !stray_bracket(port) && (may_have_colons || !host.contains(':'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn host_and_port_as_go_splits_them() {
        for (text, good) in [
            ("host:1", true),
            (":", true),
            ("host:", true),
            ("[::1]:80", true),
            ("[]:", true),
            ("", false),
            ("host", false),
            ("a:b:1", false),
            ("[::1]", false),
            ("[::1]x:1", false),
            ("[::1:1", false),
            ("::1]:1", false),
            ("a[b]:1", false),
            ("a:[1", false),
            ("[a]:1]", false),
            ("[[a]:1", false),
            ("[a]]:1", false),
        ] {
            assert_eq!(is_host_port(text), good, "{text}");
        }
    }
}
