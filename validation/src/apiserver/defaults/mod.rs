//! Defaults that the server sets before validation. Each type with defaults has a file.
//!
//! These are the defaults of pod *templates*. Defaults that upstream only sets on pods (requests from limits, host ports, service
//! links, pod-level requests, the protocol of HTTP probes) do not apply to a DaemonSet; `admission` sets them.

mod container;
mod conversion;
mod daemon_set;
mod downward_api;
mod fill;
mod image_name;
mod pod_spec;
mod probe;
mod projected_volume;
mod resource_list;
mod volume;

pub(super) use conversion::{
    INIT_CONTAINER_ANNOTATIONS, convert_template, convert_to_internal, take_template_generation,
};

use k8s_openapi::api::apps::v1::DaemonSetSpec;
use k8s_openapi::api::core::v1::PodSpec;

use crate::server::Server;

/// Sets all defaults.
///
/// Upstream: `apps/v1.SetObjectDefaults_DaemonSet`.
pub(super) fn set_defaults(spec: &mut DaemonSetSpec, server: &Server) {
    daemon_set::set_daemon_set(spec);
    set_template_spec(spec.template.spec.get_or_insert_default(), server);
}

/// Sets those of a template's spec. A spec that has them stays as it is.
pub(crate) fn set_template_spec(spec: &mut PodSpec, server: &Server) {
    pod_spec::set_pod_spec(spec);
    for volume in spec.volumes.iter_mut().flatten() {
        volume::set_volume(volume, server);
    }
    for container in spec.init_containers.iter_mut().flatten() {
        container::set_container(container);
    }
    for container in &mut spec.containers {
        container::set_container(container);
    }
    for container in spec.ephemeral_containers.iter_mut().flatten() {
        container::set_ephemeral_container(container);
    }
    resource_list::set_resource_list(spec.overhead.as_mut());
    if let Some(resources) = &mut spec.resources {
        resource_list::set_resource_requirements(resources);
    }
}
