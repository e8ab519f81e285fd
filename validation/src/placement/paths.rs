//! Paths of the pod template's fields.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{PodSpec, ResourceRequirements};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

use crate::path::FieldPath;

/// A path below the pod template's spec.
pub(super) fn pod_path(names: &[&'static str]) -> FieldPath {
    names.iter().fold(FieldPath::of(&["spec", "template", "spec"]), |path, name| path.field(name))
}

/// The path of a volume, by its index in `volumes`.
pub(super) fn volume_path(index: usize) -> FieldPath {
    pod_path(&["volumes"]).index(index)
}

/// Where a resource is requested: by the pod itself, else by the first container that requests it.
pub(super) fn requests_path(pod: &PodSpec, resource: &str) -> FieldPath {
    let names = |resources: Option<&ResourceRequirements>| {
        let resources = resources?;
        let asked = |list: &Option<BTreeMap<String, Quantity>>| {
            list.as_ref().is_some_and(|list| list.contains_key(resource))
        };
        if asked(&resources.requests) {
            Some("requests")
        } else {
            asked(&resources.limits).then_some("limits")
        }
    };
    let below = |path: FieldPath, list: &'static str| path.field("resources").field(list).key(resource);
    if let Some(list) = names(pod.resources.as_ref()) {
        return below(pod_path(&[]), list);
    }
    let containers = pod.containers.iter().map(|one| ("containers", one)).enumerate();
    let init = pod.init_containers.iter().flatten().map(|one| ("initContainers", one)).enumerate();
    for (place, (kind, container)) in containers.chain(init) {
        if let Some(list) = names(container.resources.as_ref()) {
            return below(pod_path(&[kind]).index(place), list);
        }
    }
    pod_path(&["overhead"])
}
