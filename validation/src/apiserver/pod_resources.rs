//! Pod-level resources and the pod's overhead.

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::api::core::v1::{Container, PodSpec, ResourceRequirements};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity as Written;

use crate::apiserver::context::Context;
use crate::apiserver::error::Errors;
use crate::apiserver::resource_name::{is_huge_page_resource_name, validate_resource_name};
use crate::apiserver::resources::{validate_container_resource_requirements, validate_resource_requirements};
use crate::path::Path;
use crate::quantity::Quantity;

/// Amounts by resource name.
pub(crate) type Amounts<'s> = BTreeMap<&'s str, Quantity>;

/// The overhead is checked like the limits of a container.
///
/// Upstream: `core/validation.validateOverhead`.
pub(super) fn validate_overhead(
    overhead: &BTreeMap<String, Written>,
    path: &Path<'_>,
    cx: &Context<'_>,
    errors: &mut Errors,
) {
    let requirements = ResourceRequirements { limits: Some(overhead.clone()), ..Default::default() };
    validate_container_resource_requirements(&requirements, &BTreeSet::new(), path, cx, errors);
}

/// Pod-level resources have supported names, no claims, and are consistent with those of the containers. Windows pods have none.
///
/// Upstream: `core/validation.validatePodResources`, `core/validation.validatePodResourceRequirements`.
pub(super) fn validate_pod_resources(
    spec: &PodSpec,
    pod_claim_names: &BTreeSet<&str>,
    path: &Path<'_>,
    cx: &Context<'_>,
    errors: &mut Errors,
) {
    let Some(resources) = &spec.resources else { return };
    let path = path.field("resources");
    if spec.os.as_ref().is_some_and(|os| os.name == "windows") {
        errors.forbidden(&path, "may not be set for a windows pod");
        return;
    }
    // An empty list counts as set.
    if resources.claims.is_some() {
        errors.forbidden(&path.field("claims"), "claims may not be set for Resources at pod-level");
    }
    validate_resource_requirements(resources, validate_pod_resource_name, pod_claim_names, &path, cx, errors);
    validate_pod_resource_consistency(spec, resources, &path, errors);
}

/// Pod-level resources are CPU, memory and huge pages.
///
/// Upstream: `core/validation.validatePodResourceName`, `component-helpers/resource.IsSupportedPodLevelResource`,
/// `component-helpers/resource.SupportedPodLevelResources`.
fn validate_pod_resource_name(name: &str, path: &Path<'_>, errors: &mut Errors) {
    let before = errors.len();
    validate_resource_name(name, path, errors);
    let supported = matches!(name, "cpu" | "memory") || name.starts_with("hugepages-");
    if errors.len() == before && !supported {
        errors.not_supported(path, name, &["cpu", "hugepages-", "memory"]);
    }
}

/// Pod-level requests cover the sum of the containers' requests, pod-level huge page limits cover the sum of their limits, and no
/// container's limit is above the pod's.
///
/// Upstream: `core/validation.validatePodResourceConsistency`.
fn validate_pod_resource_consistency(
    spec: &PodSpec,
    resources: &ResourceRequirements,
    path: &Path<'_>,
    errors: &mut Errors,
) {
    let aggregate = |list| aggregate_container_resources(spec, list);
    if let Some(requests) = &resources.requests {
        let path = path.field("requests");
        for (name, needed) in aggregate(|resources| resources.requests.as_ref()) {
            covers(requests, name, &needed, "requests", &path, errors);
        }
    }
    let Some(limits) = &resources.limits else { return };
    let limits_path = path.field("limits");
    for (name, needed) in aggregate(|resources| resources.limits.as_ref()) {
        if is_huge_page_resource_name(name) {
            covers(limits, name, &needed, "limits", &limits_path, errors);
        }
    }
    let containers = path.field("containers");
    for (index, container) in spec.containers.iter().enumerate() {
        let path = containers.index(index);
        for (name, limit) in listed(container, |resources| resources.limits.as_ref()) {
            let Some(most) = limits.get(name) else { continue };
            let (limit, most) = (Quantity::of(limit), Quantity::of(most));
            if limit > most {
                // The server reports this below the pod's resources, although the value is the container's.
                let path = path.key(name);
                let detail = format!("must be less than or equal to pod limits of {most}");
                errors.invalid(&path.field("limits"), limit.to_string().as_str(), detail);
            }
        }
    }
}

/// The pod's amount of a resource, if set, is at least what its containers need together.
fn covers(
    own: &BTreeMap<String, Written>,
    name: &str,
    needed: &Quantity,
    kind: &str,
    path: &Path<'_>,
    errors: &mut Errors,
) {
    let Some(own) = own.get(name) else { return };
    let own = Quantity::of(own);
    if *needed > own {
        let detail = format!("must be greater than or equal to aggregate container {kind} of {needed}");
        errors.invalid(&path.key(name), own.to_string().as_str(), detail);
    }
}

/// Selects the requests or the limits.
pub(crate) type List = for<'s> fn(&'s ResourceRequirements) -> Option<&'s BTreeMap<String, Written>>;

/// The container's amounts in the selected list.
fn listed(container: &Container, list: List) -> impl Iterator<Item = (&str, &Written)> {
    let amounts = container.resources.as_ref().and_then(list);
    amounts.into_iter().flatten().map(|(name, amount)| (name.as_str(), amount))
}

/// The maximum that the containers need at any time: either all regular containers and sidecars, or an init container and the
/// sidecars before it.
///
/// Upstream: `component-helpers/resource.AggregateContainerRequests`, `component-helpers/resource.AggregateContainerLimits`,
/// `component-helpers/resource.aggregateContainerResourcesByFn`.
pub(crate) fn aggregate_container_resources(spec: &PodSpec, list: List) -> Amounts<'_> {
    let mut together = Amounts::new();
    for container in &spec.containers {
        add_container(&mut together, container, list);
    }
    let mut sidecars = Amounts::new();
    let mut starting = Amounts::new();
    // A step changes the resources of its container alone: of all others, what was so far still is the most.
    for container in spec.init_containers.iter().flatten() {
        if container.restart_policy.as_deref() == Some("Always") {
            add_container(&mut together, container, list);
            add_container(&mut sidecars, container, list);
            for (name, _) in listed(container, list) {
                let Some(sum) = sidecars.get(name) else { continue };
                max(&mut starting, name, sum);
            }
        } else {
            for (name, amount) in listed(container, list) {
                let mut now = Quantity::of(amount);
                if let Some(running) = sidecars.get(name) {
                    now.add(running);
                }
                max(&mut starting, name, &now);
            }
        }
    }
    for (name, amount) in &starting {
        max(&mut together, name, amount);
    }
    together
}

/// Adds the amounts of a container.
///
/// Upstream: `component-helpers/resource.addResourceList`.
fn add_container<'s>(sum: &mut Amounts<'s>, container: &'s Container, list: List) {
    for (name, amount) in listed(container, list) {
        add(sum, name, Quantity::of(amount));
    }
}

/// Adds an amount to the one of the same name.
pub(crate) fn add<'s>(sum: &mut Amounts<'s>, name: &'s str, amount: Quantity) {
    match sum.get_mut(name) {
        Some(sum) => sum.add(&amount),
        None => {
            sum.insert(name, amount);
        }
    }
}

/// Sets the amount of a resource to the greater of the two.
///
/// Upstream: `component-helpers/resource.maxResourceList`.
fn max<'s>(list: &mut Amounts<'s>, name: &'s str, amount: &Quantity) {
    if list.get(name).is_none_or(|own| amount > own) {
        list.insert(name, amount.clone());
    }
}
