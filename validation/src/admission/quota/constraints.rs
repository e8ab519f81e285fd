//! What every container must say where a quota limits CPU or memory.

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::api::core::v1::{Container, ResourceQuota};

use super::read::name;
use crate::admission::plugin::Plugin;
use crate::admission::pod::Pod;
use crate::admission::pod_defaults::pod_level;
use crate::admission::refusal::{Detail, Refusal};
use crate::path::FieldPath;

/// The containers that lack a resource, by the resource as the quota names it.
pub(super) type Missing = BTreeMap<String, BTreeSet<String>>;

/// What containers lack of the restricted resources. A pod with resources of its own lacks nothing.
///
/// Upstream: `quota/v1/evaluator/core.podEvaluator.Constraints`,
/// `quota/v1/evaluator/core.enforcePodContainerConstraints`.
pub(super) fn missing(restricted: &[&str], pod: &Pod) -> Missing {
    let mut missing = Missing::new();
    if pod_level::is_set(&pod.spec) {
        return missing;
    }
    for name in restricted {
        let Some((of_limits, resource)) = must_be_said(name) else { continue };
        for container in pod.spec.containers.iter().chain(pod.spec.init_containers.iter().flatten()) {
            if !says(container, of_limits, resource) {
                missing.entry((*name).to_owned()).or_default().insert(container.name.clone());
            }
        }
    }
    missing
}

/// The resource of a container behind the name in the quota, and whether its limit counts or its request.
///
/// Upstream: `quota/v1/evaluator/core.validationSet`.
fn must_be_said(name: &str) -> Option<(bool, &'static str)> {
    match name {
        "cpu" | "requests.cpu" => Some((false, "cpu")),
        "memory" | "requests.memory" => Some((false, "memory")),
        "limits.cpu" => Some((true, "cpu")),
        "limits.memory" => Some((true, "memory")),
        _ => None,
    }
}

fn says(container: &Container, of_limits: bool, resource: &str) -> bool {
    let resources = container.resources.as_ref();
    let list = resources.and_then(|all| if of_limits { all.limits.as_ref() } else { all.requests.as_ref() });
    list.is_some_and(|list| list.contains_key(resource))
}

/// What the quota says of them.
pub(super) fn refusal(quota: &ResourceQuota, missing: Missing, pod: &Pod) -> Refusal {
    let parts: Vec<String> = missing
        .iter()
        .map(|(resource, containers)| {
            let names: Vec<&str> = containers.iter().map(String::as_str).collect();
            format!("{resource} for: {}", names.join(","))
        })
        .collect();
    let message = format!("failed quota: {}: must specify {}", name(quota), parts.join("; "));
    let path = first_place(&missing, pod).field("resources");
    let detail = Detail::QuotaMissing { quota: name(quota).into(), missing };
    Refusal { plugin: Plugin::ResourceQuota, message, path, detail }
}

/// The place of the first container that lacks something.
fn first_place(missing: &Missing, pod: &Pod) -> FieldPath {
    let lacks = |container: &Container| missing.values().any(|names| names.contains(&container.name));
    let spec = FieldPath::of(&["spec", "template", "spec"]);
    if let Some(index) = pod.spec.containers.iter().position(lacks) {
        return spec.field("containers").index(index);
    }
    let init = pod.spec.init_containers.iter().flatten().position(lacks);
    spec.field("initContainers").index(init.unwrap_or_default())
}
