//! FlexVolumes.

use k8s_openapi::api::core::v1::FlexVolumeSource;

use super::required::required;
use crate::apiserver::content::lowercase;
use crate::apiserver::error::Errors;
use crate::path::Path;

/// The domains of options that are reserved for the kubelet.
const RESERVED: [&str; 2] = ["kubernetes.io", "k8s.io"];

/// A FlexVolume has a driver, and no options in a reserved domain.
///
/// Upstream: `core/validation.validateFlexVolumeSource`.
pub(super) fn validate_flex_volume_source(source: &FlexVolumeSource, path: &Path<'_>, errors: &mut Errors) {
    required(&source.driver, &path.field("driver"), errors);
    for option in source.options.iter().flatten().map(|(option, _)| option) {
        if is_reserved(option) {
            errors.invalid(
                &path.field("options").key(option),
                option,
                "kubernetes.io and k8s.io namespaces are reserved",
            );
        }
    }
}

/// Whether the part of an option before `/` (or all of it) is a reserved domain or a subdomain of one.
fn is_reserved(option: &str) -> bool {
    let namespace = lowercase(option.split_once('/').map_or(option, |(namespace, _)| namespace));
    RESERVED
        .iter()
        .filter_map(|domain| namespace.strip_suffix(domain))
        .any(|above| above.is_empty() || above.ends_with('.'))
}
