//! `resourceFieldRef` of environment variables and downward API files.

use k8s_openapi::api::core::v1::ResourceFieldSelector;

use crate::apiserver::error::Errors;
use crate::path::Path;
use crate::quantity::Quantity;

/// The supported resources.
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

/// The supported divisors of bytes.
///
/// Upstream: `core/validation.validContainerResourceDivisorForMemory`,
/// `core/validation.validContainerResourceDivisorForHugePages`,
/// `core/validation.validContainerResourceDivisorForEphemeralStorage`.
const BYTES: &[&str] = &["1", "1k", "1M", "1G", "1T", "1P", "1E", "1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei"];

/// `resourceFieldRef` has a supported resource and divisor; in a volume it also has the name of a container.
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

/// Whether the resource is a size of huge pages.
fn is_of_huge_pages(resource: &str) -> bool {
    resource.starts_with("requests.hugepages-") || resource.starts_with("limits.hugepages-")
}

/// The divisor is one of a few values. It is compared in its printed form, which is usually the original text: `1` is valid, `+1`
/// is not.
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
