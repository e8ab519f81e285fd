//! Names of resources: what a container may ask for.

use crate::apiserver::content::{is_qualified_name, report};
use crate::apiserver::error::Errors;
use crate::path::Path;

/// What the names of vendors' resources may not contain, and what is left out of the system's own.
const NATIVE_NAMESPACE: &str = "kubernetes.io/";
/// What the names of huge pages begin with; their size follows.
const HUGE_PAGES_PREFIX: &str = "hugepages-";
/// What stands before a resource's name in a quota for requests.
const REQUESTS_PREFIX: &str = "requests.";
/// The most bytes of a name's domain once it stands in a quota: the quota's own words count too.
const DOMAIN_MAX_LENGTH: usize = 253 - REQUESTS_PREFIX.len();

/// A resource's name is a qualified name; without a domain it is one that the system knows.
///
/// Upstream: `core/validation.validateResourceName`.
pub(super) fn validate_resource_name(name: &str, path: &Path<'_>, errors: &mut Errors) {
    let messages = is_qualified_name(name);
    if !messages.is_empty() {
        report(messages, name, path, errors);
    } else if !name.contains('/') && !is_standard_resource_name(name) {
        errors.invalid(path, name, "must be a standard resource type or fully qualified");
    }
}

/// A container can ask for the processor, memory, local storage and huge pages, and for the resources of vendors.
///
/// Upstream: `core/validation.ValidateContainerResourceName`, `core/validation.validateContainerResourceName`.
pub(super) fn validate_container_resource_name(name: &str, path: &Path<'_>, errors: &mut Errors) {
    // Nearly every name is one of these.
    if is_plain_container_resource_name(name) {
        return;
    }
    validate_resource_name(name, path, errors);
    if !name.contains('/') {
        if !is_standard_container_resource_name(name) {
            errors.invalid(path, name, "must be a standard resource for containers");
        }
    } else if !is_native_resource(name) && !is_extended_resource_name(name) {
        errors.invalid(path, name, "doesn't follow extended resource name standard");
    }
}

/// Upstream: `core/helper.IsHugePageResourceName`.
pub(super) fn is_huge_page_resource_name(name: &str) -> bool {
    name.starts_with(HUGE_PAGES_PREFIX)
}

/// The size in the name of huge pages. Upstream: `core/helper.HugePageSizeFromResourceName`.
pub(super) fn huge_page_size(name: &str) -> Option<&str> {
    name.strip_prefix(HUGE_PAGES_PREFIX)
}

/// Whether the system knows the resource, for containers, volumes or quotas.
///
/// Upstream: `core/helper.IsStandardResourceName`, `core/helper.IsQuotaHugePageResourceName`.
fn is_standard_resource_name(name: &str) -> bool {
    matches!(
        name,
        "cpu"
            | "memory"
            | "ephemeral-storage"
            | "requests.cpu"
            | "requests.memory"
            | "requests.ephemeral-storage"
            | "limits.cpu"
            | "limits.memory"
            | "limits.ephemeral-storage"
            | "storage"
            | "requests.storage"
    ) || is_counted_resource_name(name)
        || is_huge_page_resource_name(name.strip_prefix(REQUESTS_PREFIX).unwrap_or(name))
}

/// Whether the resource is objects that a quota counts.
///
/// Upstream: `core/helper.integerResources`.
fn is_counted_resource_name(name: &str) -> bool {
    matches!(
        name,
        "pods"
            | "resourcequotas"
            | "services"
            | "replicationcontrollers"
            | "secrets"
            | "configmaps"
            | "persistentvolumeclaims"
            | "services.nodeports"
            | "services.loadbalancers"
    )
}

/// Upstream: `core/helper.IsStandardContainerResourceName`.
fn is_standard_container_resource_name(name: &str) -> bool {
    is_plain_container_resource_name(name) || is_huge_page_resource_name(name)
}

/// What every node has under one name. Upstream: `core/helper.standardContainerResources`.
fn is_plain_container_resource_name(name: &str) -> bool {
    matches!(name, "cpu" | "memory" | "ephemeral-storage")
}

/// Whether the resource comes in whole numbers: objects that are counted, and whatever a vendor adds.
///
/// Upstream: `core/helper.IsIntegerResourceName`.
pub(super) fn is_integer_resource_name(name: &str) -> bool {
    is_counted_resource_name(name) || is_extended_resource_name(name)
}

/// Whether the resource is the system's own: its name has no domain, or one of kubernetes.io.
///
/// Upstream: `core/helper.IsNativeResource`.
fn is_native_resource(name: &str) -> bool {
    !name.contains('/') || name.contains(NATIVE_NAMESPACE)
}

/// Whether the resource is a vendor's: its name has a foreign domain and stays a name when it stands in a quota.
///
/// Upstream: `core/helper.IsExtendedResourceName`.
fn is_extended_resource_name(name: &str) -> bool {
    if is_native_resource(name) || name.starts_with(REQUESTS_PREFIX) {
        return false;
    }
    // A label before the domain changes nothing but the domain's length; an empty domain becomes one that ends with a dot.
    let domain_length = name.find('/').unwrap_or_default();
    domain_length <= DOMAIN_MAX_LENGTH && is_qualified_name(name).is_empty()
}

/// Whether requests may be less than limits: the node can share what is its own, but for huge pages.
///
/// Upstream: `core/helper.IsOvercommitAllowed`.
pub(super) fn is_overcommit_allowed(name: &str) -> bool {
    is_native_resource(name) && !is_huge_page_resource_name(name)
}

#[cfg(test)]
mod tests {
    use super::validate_container_resource_name;
    use crate::apiserver::error::Errors;
    use crate::path::Path;

    #[test]
    fn names_for_containers() {
        let longest = format!("{0}.{0}.{0}.{0}.{1}/x", "c".repeat(50), "d".repeat(40));
        let longer = longest.replace('/', "d/");
        for (name, complaints) in [
            ("cpu", 0),
            ("hugepages-2Mi", 0),
            ("nvidia.com/gpu", 0),
            ("kubernetes.io/anything", 0),
            (longest.as_str(), 0),
            // The domain has room in a name, and none in a quota's.
            (longer.as_str(), 1),
            ("storage", 1),
            ("gpu", 2),
            ("requests.example.com/x", 1),
            ("/x", 2),
        ] {
            let mut errors = Errors::new();
            validate_container_resource_name(name, &Path::root("limits"), &mut errors);
            assert_eq!(errors.len(), complaints, "{name}");
        }
    }
}
