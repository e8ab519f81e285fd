//! Defaults that pods have and templates do not.

pub(super) mod pod_level;

use k8s_openapi::api::core::v1::{Container, PodSpec};

use crate::gates::Gate;
use crate::server::Server;

/// The grace period, in seconds, of a pod whose template has a negative one.
const SHORTEST_GRACE_PERIOD: i64 = 1;

/// Sets the defaults of a pod on a spec that has those of a template.
///
/// A gate that is off in every supported minor guards one more: the protocol of HTTP probes. Earlier minors correct a negative
/// grace period during conversion. The result is the same.
///
/// Upstream: `core/v1.SetDefaults_Pod`, `core/v1.SetObjectDefaults_Pod`, `core/v1.Convert_v1_Pod_To_core_Pod`.
pub fn set(spec: &mut PodSpec, server: &Server) {
    if spec.termination_grace_period_seconds.is_some_and(|seconds| seconds < 0) {
        spec.termination_grace_period_seconds = Some(SHORTEST_GRACE_PERIOD);
    }
    all_containers(spec).for_each(request_limits);
    if !server.enabled(Gate::PodLevelResourcesFixDefaulting) {
        pod_level::set_early(spec);
    }
    spec.enable_service_links.get_or_insert(true);
    if spec.host_network == Some(true) {
        all_containers(spec).for_each(use_host_ports);
    }
}

fn all_containers(spec: &mut PodSpec) -> impl Iterator<Item = &mut Container> {
    spec.containers.iter_mut().chain(spec.init_containers.iter_mut().flatten())
}

/// A limit without a request is the request.
fn request_limits(container: &mut Container) {
    let Some(resources) = &mut container.resources else { return };
    let Some(limits) = &resources.limits else { return };
    let requests = resources.requests.get_or_insert_default();
    for (name, limit) in limits {
        if !requests.contains_key(name) {
            requests.insert(name.clone(), limit.clone());
        }
    }
}

/// On the host's network, a port is a port of the host.
///
/// Upstream: `core/v1.defaultHostNetworkPorts`.
fn use_host_ports(container: &mut Container) {
    for port in container.ports.iter_mut().flatten() {
        if port.host_port.is_none_or(|number| number == 0) {
            port.host_port = Some(port.container_port);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use k8s_openapi::api::core::v1::{ContainerPort, ResourceRequirements};
    use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

    use super::*;

    #[test]
    fn the_default_that_is_left_out_has_its_gate_off() {
        for minor in Server::supported() {
            let server = Server::of_version(minor).unwrap();
            assert!(!server.enabled(Gate::H2CContainerProbe), "{minor}: set the protocol of HTTP probes");
        }
    }

    #[test]
    fn limits_are_requests_and_ports_are_the_hosts() {
        let amount = |text: &str| Quantity(text.to_owned());
        let limits =
            BTreeMap::from([(String::from("cpu"), amount("1")), (String::from("memory"), amount("1Gi"))]);
        let requests = BTreeMap::from([(String::from("cpu"), amount("100m"))]);
        let container = Container {
            resources: Some(ResourceRequirements {
                limits: Some(limits),
                requests: Some(requests),
                ..ResourceRequirements::default()
            }),
            ports: Some(vec![ContainerPort { container_port: 9100, ..ContainerPort::default() }]),
            ..Container::default()
        };
        let mut spec = PodSpec {
            containers: vec![container.clone()],
            init_containers: Some(vec![container]),
            host_network: Some(true),
            ..PodSpec::default()
        };
        set(&mut spec, &Server::newest());
        for container in all_containers(&mut spec) {
            let requests = container.resources.as_ref().and_then(|resources| resources.requests.as_ref());
            let expected = BTreeMap::from([
                (String::from("cpu"), amount("100m")),
                (String::from("memory"), amount("1Gi")),
            ]);
            assert_eq!(requests, Some(&expected));
            assert_eq!(container.ports.as_ref().unwrap()[0].host_port, Some(9100));
        }
        assert_eq!(spec.enable_service_links, Some(true));
    }
}
