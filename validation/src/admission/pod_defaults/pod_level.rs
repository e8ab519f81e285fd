//! Resources of the pod as a whole, as far as they follow from those of its containers.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{PodSpec, ResourceRequirements};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity as Written;

use crate::apiserver::for_pods::{Amounts, aggregate_container_resources, is_huge_page_resource_name};
use crate::quantity::Quantity;

/// Amounts as they are written.
type Amount = BTreeMap<String, Written>;

/// The defaults of earlier minors, which are set before admission. A pod with limits of its own requests what its containers do, and
/// where they request nothing, its limits.
///
/// Upstream: `core/v1.defaultHugePagePodLimits`, `core/v1.defaultPodRequests`.
pub(super) fn set_early(spec: &mut PodSpec) {
    let Some(mut resources) = spec.resources.take() else { return };
    if has_amounts(&resources) {
        limit_huge_pages(&mut resources, spec);
        if resources.limits.as_ref().is_some_and(|limits| !limits.is_empty()) {
            request(&mut resources, spec);
        }
    }
    spec.resources = Some(resources);
}

/// The defaults of newer minors, which are set after admission: also with requests alone, and with limits where every container has
/// them.
///
/// Upstream: `api/pod.DefaultPodLevelResources`, `api/pod.defaultHugePagePodLevelLimits`, `api/pod.defaultPodLevelRequests`,
/// `api/pod.defaultPodLevelLimits`.
pub(in crate::admission) fn set_late(spec: &mut PodSpec) {
    let Some(mut resources) = spec.resources.take() else { return };
    if has_amounts(&resources) {
        limit_huge_pages(&mut resources, spec);
        request(&mut resources, spec);
        limit(&mut resources, spec);
    }
    spec.resources = Some(resources);
}

fn has_amounts(resources: &ResourceRequirements) -> bool {
    [&resources.requests, &resources.limits].into_iter().flatten().any(|list| !list.is_empty())
}

/// Whether a pod as a whole can have this resource.
///
/// Upstream: `component-helpers/resource.IsSupportedPodLevelResource`.
pub(in crate::admission) fn is_supported(name: &str) -> bool {
    matches!(name, "cpu" | "memory") || is_huge_page_resource_name(name)
}

/// Whether the pod as a whole has resources.
///
/// Upstream: `component-helpers/resource.IsPodLevelResourcesSet`.
pub(in crate::admission) fn is_set(spec: &PodSpec) -> bool {
    let lists = spec.resources.iter().flat_map(|resources| [&resources.requests, &resources.limits]);
    lists.flatten().flat_map(BTreeMap::keys).any(|name| is_supported(name))
}

fn requests_of(spec: &PodSpec) -> Amounts<'_> {
    aggregate_container_resources(spec, |resources| resources.requests.as_ref())
}

fn limits_of(spec: &PodSpec) -> Amounts<'_> {
    aggregate_container_resources(spec, |resources| resources.limits.as_ref())
}

/// Huge pages that the pod neither limits nor requests have the limit of the containers.
fn limit_huge_pages(resources: &mut ResourceRequirements, spec: &PodSpec) {
    let requested = resources.requests.as_ref();
    let missing: Vec<(String, Written)> = limits_of(spec)
        .into_iter()
        .filter(|(name, _)| is_huge_page_resource_name(name))
        .filter(|(name, _)| requested.is_none_or(|requests| !requests.contains_key(*name)))
        .map(|(name, amount)| (name.to_owned(), Written(amount.to_string())))
        .collect();
    fill(&mut resources.limits, missing);
}

/// CPU and memory that the pod does not request are requested as the containers do, and all else as the pod limits it.
fn request(resources: &mut ResourceRequirements, spec: &PodSpec) {
    let of_containers: Vec<(String, Written)> = requests_of(spec)
        .into_iter()
        .filter(|(name, _)| matches!(*name, "cpu" | "memory"))
        .map(|(name, amount)| (name.to_owned(), Written(amount.to_string())))
        .collect();
    fill(&mut resources.requests, of_containers);
    let limits = resources.limits.iter().flatten().filter(|(name, _)| is_supported(name));
    let limits: Vec<(String, Written)> =
        limits.map(|(name, amount)| (name.clone(), amount.clone())).collect();
    fill(&mut resources.requests, limits);
}

/// What the pod requests and every container limits has the limit of the containers, or that of the request if it is greater.
///
/// Upstream: `api/pod.aggregateContainerLimits`.
fn limit(resources: &mut ResourceRequirements, spec: &PodSpec) {
    let limits = resources.limits.as_ref();
    let requests = resources.requests.iter().flatten();
    let mut candidates: Vec<(&String, &Written)> = requests
        .filter(|(name, _)| is_supported(name))
        .filter(|(name, _)| limits.is_none_or(|limits| !limits.contains_key(*name)))
        .collect();
    for container in spec.containers.iter().chain(spec.init_containers.iter().flatten()) {
        let limits = container.resources.as_ref().and_then(|resources| resources.limits.as_ref());
        candidates.retain(|(name, _)| limits.is_some_and(|limits| limits.contains_key(*name)));
    }
    if candidates.is_empty() {
        return;
    }
    let of_containers = limits_of(spec);
    let mut missing = Vec::with_capacity(candidates.len());
    for (name, request) in candidates {
        let Some(limit) = of_containers.get(name.as_str()) else { continue };
        let greater =
            if Quantity::of(request) > *limit { request.clone() } else { Written(limit.to_string()) };
        missing.push((name.clone(), greater));
    }
    fill(&mut resources.limits, missing);
}

/// Adds the amounts of resources that have none.
fn fill(list: &mut Option<Amount>, missing: Vec<(String, Written)>) {
    if missing.is_empty() {
        return;
    }
    let list = list.get_or_insert_default();
    for (name, amount) in missing {
        list.entry(name).or_insert(amount);
    }
}
