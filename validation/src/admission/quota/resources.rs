//! The resources of a quota that are about pods.

use crate::apiserver::for_pods::is_native_resource;

/// The prefix of a resource's requests in a quota.
pub(super) const REQUESTS: &str = "requests.";

/// The resources of pods that have a name of their own, sorted.
///
/// Upstream: `quota/v1/evaluator/core.podResources`.
const OF_PODS: [&str; 11] = [
    "count/pods",
    "cpu",
    "ephemeral-storage",
    "limits.cpu",
    "limits.ephemeral-storage",
    "limits.memory",
    "memory",
    "pods",
    "requests.cpu",
    "requests.ephemeral-storage",
    "requests.memory",
];

/// Those of the resources that are about pods. One that is so for two reasons is there twice, as in the server.
///
/// Upstream: `quota/v1/evaluator/core.podEvaluator.MatchingResources`.
pub(super) fn matching<'r>(resources: impl Iterator<Item = &'r String>) -> Vec<&'r str> {
    let mut found = Vec::new();
    for name in resources.map(String::as_str) {
        let reasons = [
            OF_PODS.contains(&name),
            name.starts_with("hugepages-") || name.starts_with("requests.hugepages-"),
            is_extended_in_quota(name),
        ];
        found.extend(reasons.into_iter().filter(|holds| *holds).map(|_| name));
    }
    found
}

/// Whether these are the requests of an extended resource.
///
/// Upstream: `quota/v1/evaluator/core.isExtendedResourceNameForQuota`.
fn is_extended_in_quota(name: &str) -> bool {
    let of_device_class = name.starts_with("requests.deviceclass.resource.kubernetes.io/");
    name.starts_with(REQUESTS) && (of_device_class || !is_native_resource(name))
}
