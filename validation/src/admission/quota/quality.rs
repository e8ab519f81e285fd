//! The quality of service of a pod, as far as quotas ask for it.

use k8s_openapi::api::core::v1::{PodSpec, ResourceRequirements};

use crate::admission::pod_defaults::pod_level;
use crate::gates::Gate;
use crate::quantity::Quantity;
use crate::server::Server;

/// Whether the pod neither requests nor limits CPU or memory. Resources of the pod as a whole replace those of its containers, in
/// earlier minors even empty ones.
///
/// Upstream: `core/helper/qos.ComputePodQOS`, `core/helper/qos.requirementsQOS`.
pub(super) fn is_best_effort(spec: &PodSpec, server: &Server) -> bool {
    let empty_ones_count = !server.enabled(Gate::PodLevelResourcesFixKubeletQOSClass);
    match &spec.resources {
        Some(resources) if empty_ones_count || pod_level::is_set(spec) => has_none(resources),
        _ => {
            let all = spec.containers.iter().chain(spec.init_containers.iter().flatten());
            all.filter_map(|container| container.resources.as_ref()).all(has_none)
        }
    }
}

fn has_none(resources: &ResourceRequirements) -> bool {
    let lists = [&resources.requests, &resources.limits].into_iter().flatten();
    let mut amounts = lists.flatten().filter(|(name, _)| matches!(name.as_str(), "cpu" | "memory"));
    amounts.all(|(_, amount)| Quantity::of(amount).is_zero())
}
