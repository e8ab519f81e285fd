//! The scopes of a quota.

use k8s_openapi::api::core::v1::{
    PodAffinityTerm, PodSpec, ResourceQuota, ScopedResourceSelectorRequirement, WeightedPodAffinityTerm,
};

use super::quality::is_best_effort;
use crate::admission::pod::Pod;
use crate::server::Server;

/// Whether the pod is in all scopes of the quota.
///
/// Upstream: `apiserver/quota/v1/generic.getScopeSelectorsFromQuota`.
pub(super) fn match_all(quota: &ResourceQuota, pod: &Pod, server: &Server) -> bool {
    let Some(spec) = &quota.spec else { return true };
    let selectors =
        spec.scope_selector.iter().flat_map(|selector| selector.match_expressions.iter().flatten());
    spec.scopes.iter().flatten().all(|scope| is_in(scope, None, pod, server))
        && selectors.into_iter().all(|one| is_in(&one.scope_name, Some(one), pod, server))
}

/// Whether the pod is in a scope. A scope that is not about pods has none of them.
///
/// The operator matters to the scope of priority classes alone. No server stores one that it does not know.
///
/// Upstream: `quota/v1/evaluator/core.podMatchesScopeFunc`, `quota/v1/evaluator/core.IsTerminating`.
fn is_in(
    scope: &str,
    selector: Option<&ScopedResourceSelectorRequirement>,
    pod: &Pod,
    server: &Server,
) -> bool {
    let terminating = || pod.spec.active_deadline_seconds.is_some_and(|seconds| seconds >= 0);
    match scope {
        "Terminating" => terminating(),
        "NotTerminating" => !terminating(),
        "BestEffort" => is_best_effort(&pod.spec, server),
        "NotBestEffort" => !is_best_effort(&pod.spec, server),
        "PriorityClass" => has_priority_class(&pod.spec, selector),
        "CrossNamespacePodAffinity" => uses_cross_namespace_pod_affinity(&pod.spec),
        _ => false,
    }
}

/// Upstream: `quota/v1/evaluator/core.podMatchesSelector`.
fn has_priority_class(spec: &PodSpec, selector: Option<&ScopedResourceSelectorRequirement>) -> bool {
    let class = spec.priority_class_name.as_deref().filter(|name| !name.is_empty());
    let Some(selector) = selector else { return class.is_some() };
    let among = |class: &str| selector.values.iter().flatten().any(|value| value == class);
    match selector.operator.as_str() {
        "Exists" => class.is_some(),
        "DoesNotExist" => class.is_none(),
        "In" => class.is_some_and(among),
        "NotIn" => !class.is_some_and(among),
        _ => false,
    }
}

/// Upstream: `quota/v1/evaluator/core.usesCrossNamespacePodAffinity`.
fn uses_cross_namespace_pod_affinity(spec: &PodSpec) -> bool {
    let Some(affinity) = &spec.affinity else { return false };
    let any = |preferred: Option<&Vec<WeightedPodAffinityTerm>>, required: Option<&Vec<PodAffinityTerm>>| {
        let preferred = preferred.into_iter().flatten().map(|weighted| &weighted.pod_affinity_term);
        preferred.chain(required.into_iter().flatten()).any(crosses_namespaces)
    };
    affinity.pod_affinity.as_ref().is_some_and(|near| {
        any(
            near.preferred_during_scheduling_ignored_during_execution.as_ref(),
            near.required_during_scheduling_ignored_during_execution.as_ref(),
        )
    }) || affinity.pod_anti_affinity.as_ref().is_some_and(|far| {
        any(
            far.preferred_during_scheduling_ignored_during_execution.as_ref(),
            far.required_during_scheduling_ignored_during_execution.as_ref(),
        )
    })
}

/// Upstream: `quota/v1/evaluator/core.crossNamespacePodAffinityTerm`.
fn crosses_namespaces(term: &PodAffinityTerm) -> bool {
    term.namespace_selector.is_some() || term.namespaces.iter().flatten().next().is_some()
}
