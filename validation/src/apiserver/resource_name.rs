//! Resource names of containers.

use crate::apiserver::content::{is_qualified_name, report};
use crate::apiserver::error::Errors;
use crate::path::Path;

/// Extended resource names must not contain this domain.
const NATIVE_NAMESPACE: &str = "kubernetes.io/";
/// The prefix of huge page resources; the page size follows.
const HUGE_PAGES_PREFIX: &str = "hugepages-";
/// The prefix of a resource's requests in a quota.
const REQUESTS_PREFIX: &str = "requests.";
/// The maximum length of an extended resource's domain in bytes. With the quota prefix it must still fit a DNS subdomain.
const DOMAIN_MAX_LENGTH: usize = 253 - REQUESTS_PREFIX.len();

/// A resource name is a qualified name. Without a domain it must be a standard resource.
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

/// Containers can have CPU, memory, ephemeral storage, huge pages and extended resources.
///
/// Upstream: `core/validation.ValidateContainerResourceName`, `core/validation.validateContainerResourceName`.
pub(super) fn validate_container_resource_name(name: &str, path: &Path<'_>, errors: &mut Errors) {
    // A shortcut for nearly all names.
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
pub(crate) fn is_huge_page_resource_name(name: &str) -> bool {
    name.starts_with(HUGE_PAGES_PREFIX)
}

/// The page size in the name of huge pages. Upstream: `core/helper.HugePageSizeFromResourceName`.
pub(super) fn huge_page_size(name: &str) -> Option<&str> {
    name.strip_prefix(HUGE_PAGES_PREFIX)
}

/// Whether the name is a standard resource of containers, volumes or quotas.
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

/// Whether the resource is an object count of a quota.
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

/// The standard container resources, except huge pages. Upstream: `core/helper.standardContainerResources`.
fn is_plain_container_resource_name(name: &str) -> bool {
    matches!(name, "cpu" | "memory" | "ephemeral-storage")
}

/// Whether the amount must be a whole number, as for object counts and extended resources.
///
/// Upstream: `core/helper.IsIntegerResourceName`.
pub(super) fn is_integer_resource_name(name: &str) -> bool {
    is_counted_resource_name(name) || is_extended_resource_name(name)
}

/// Whether the resource is native: without a domain, or with a domain that contains kubernetes.io.
///
/// Upstream: `core/helper.IsNativeResource`.
pub(crate) fn is_native_resource(name: &str) -> bool {
    !name.contains('/') || name.contains(NATIVE_NAMESPACE)
}

/// Whether the resource is an extended resource: it has a foreign domain, and with the quota prefix it is still a qualified name.
///
/// Upstream: `core/helper.IsExtendedResourceName`.
pub(crate) fn is_extended_resource_name(name: &str) -> bool {
    if is_native_resource(name) || name.starts_with(REQUESTS_PREFIX) {
        return false;
    }
    // The prefix only changes the length of the domain. An empty domain becomes one with a trailing dot.
    let domain_length = name.find('/').unwrap_or_default();
    domain_length <= DOMAIN_MAX_LENGTH && is_qualified_name(name).is_empty()
}

/// Whether the limit may exceed the request: for native resources except huge pages.
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
            // The domain is short enough for a name, but not with the quota prefix.
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
