//! Selectors of a container's resources, for variables and files.

use k8s_openapi::api::core::v1::ResourceFieldSelector;

use crate::apiserver::error::Errors;
use crate::path::Path;
use crate::quantity::Quantity;

/// The resources that can be shown.
///
/// Upstream: `core/validation.validContainerResourceFieldPathExpressions`.
const RESOURCES: &[&str] = &[
    "limits.cpu",
    "limits.ephemeral-storage",
    "limits.memory",
    "requests.cpu",
    "requests.ephemeral-storage",
    "requests.memory",
];

/// The units in which bytes can be shown.
///
/// Upstream: `core/validation.validContainerResourceDivisorForMemory`,
/// `core/validation.validContainerResourceDivisorForHugePages`,
/// `core/validation.validContainerResourceDivisorForEphemeralStorage`.
const BYTES: &[&str] = &["1", "1k", "1M", "1G", "1T", "1P", "1E", "1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei"];

/// A selector names a resource that can be shown and a unit of it; in a volume it also names the container.
///
/// Upstream: `core/validation.validateContainerResourceFieldSelector`.
pub(super) fn validate_container_resource_field_selector(
    selector: &ResourceFieldSelector,
    path: &Path<'_>,
    volume: bool,
    errors: &mut Errors,
) {
    let resource = selector.resource.as_str();
    if volume && selector.container_name.as_deref().unwrap_or_default().is_empty() {
        errors.required(&path.field("containerName"), "");
    } else if resource.is_empty() {
        errors.required(&path.field("resource"), "");
    } else if !RESOURCES.contains(&resource) && !is_of_huge_pages(resource) {
        errors.not_supported(&path.field("resource"), resource, RESOURCES);
    }
    if let Some(divisor) = &selector.divisor {
        validate_container_resource_divisor(resource, &Quantity::of(divisor), path, errors);
    }
}

/// Whether the resource is huge pages of some size.
fn is_of_huge_pages(resource: &str) -> bool {
    resource.starts_with("requests.hugepages-") || resource.starts_with("limits.hugepages-")
}

/// A resource is shown in one of a few units. The unit is judged as it would be printed, which for most spellings is as it was
/// written: `1` passes and `+1` does not.
///
/// Upstream: `core/validation.validateContainerResourceDivisor`.
fn validate_container_resource_divisor(
    resource: &str,
    divisor: &Quantity,
    path: &Path<'_>,
    errors: &mut Errors,
) {
    let (allowed, detail): (&[&str], &'static str) = match resource {
        "limits.cpu" | "requests.cpu" => {
            (&["1m", "1"], "only divisor's values 1m and 1 are supported with the cpu resource")
        }
        "limits.memory" | "requests.memory" => (
            BYTES,
            "only divisor's values 1, 1k, 1M, 1G, 1T, 1P, 1E, 1Ki, 1Mi, 1Gi, 1Ti, 1Pi, 1Ei are supported with the memory resource",
        ),
        "limits.ephemeral-storage" | "requests.ephemeral-storage" => (
            BYTES,
            "only divisor's values 1, 1k, 1M, 1G, 1T, 1P, 1E, 1Ki, 1Mi, 1Gi, 1Ti, 1Pi, 1Ei are supported with the local ephemeral storage resource",
        ),
        other if is_of_huge_pages(other) => (
            BYTES,
            "only divisor's values 1, 1k, 1M, 1G, 1T, 1P, 1E, 1Ki, 1Mi, 1Gi, 1Ti, 1Pi, 1Ei are supported with the hugepages resource",
        ),
        _ => return,
    };
    if !divisor.is_zero() && !allowed.contains(&divisor.to_string().as_str()) {
        errors.invalid(&path.field("divisor"), resource, detail);
    }
}
