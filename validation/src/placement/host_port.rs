//! Host ports.

use k8s_openapi::api::core::v1::PodSpec;

use super::paths::pod_path;
use super::wire;
use crate::path::FieldPath;

/// The address that means all addresses of a node.
pub(super) const ANY: &str = "0.0.0.0";

/// A port of the node that a pod holds.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct HostPort {
    /// The address; `0.0.0.0` is all of them.
    pub ip: Box<str>,
    /// `TCP`, `UDP` or `SCTP`.
    pub protocol: Box<str>,
    /// The number.
    pub port: i32,
}

impl HostPort {
    /// The address that stands for all of them.
    pub const ALL_ADDRESSES: &str = ANY;

    /// Whether it is held on all addresses of the node.
    pub fn is_on_all_addresses(&self) -> bool {
        &*self.ip == ANY
    }

    fn new(ip: &str, protocol: &str, port: i32) -> Self {
        let or = |text: &str, default: &str| Box::from(if text.is_empty() { default } else { text });
        Self { ip: or(ip, ANY), protocol: or(protocol, "TCP"), port }
    }

    /// Whether two pods with these ports cannot run on one node.
    ///
    /// Upstream: `kube-scheduler/framework.HostPortInfo.CheckConflict`.
    pub fn conflicts_with(&self, other: &Self) -> bool {
        self.port == other.port
            && self.protocol == other.protocol
            && (self.ip == other.ip || &*self.ip == ANY || &*other.ip == ANY)
    }

    /// `9100/TCP`, with the address in front where it is not all of them.
    pub fn shown(&self) -> String {
        if &*self.ip == ANY {
            format!("{}/{}", self.port, self.protocol)
        } else {
            format!("{}:{}/{}", self.ip, self.port, self.protocol)
        }
    }
}

/// A host port of a template and its path.
#[derive(Clone, Debug)]
pub struct TemplatePort {
    /// The port.
    pub port: HostPort,
    /// Where it is written.
    pub path: FieldPath,
}

/// The host ports of a pod template: of containers and of restartable init containers.
///
/// Upstream: `scheduler/util.GetHostPorts`, after `core/v1.SetDefaults_Pod`.
pub fn of_template(pod: &PodSpec) -> Vec<TemplatePort> {
    let mut found = Vec::new();
    let host_network = pod.host_network == Some(true);
    // With `hostNetwork`, the host port defaults to the container port.
    let field = if host_network { "containerPort" } else { "hostPort" };
    let init = pod.init_containers.iter().flatten().enumerate();
    let staying = init.filter(|(_, container)| container.restart_policy.as_deref() == Some("Always"));
    let staying = staying.map(|one| ("initContainers", one));
    for (list, (place, container)) in
        staying.chain(pod.containers.iter().enumerate().map(|one| ("containers", one)))
    {
        for (index, port) in container.ports.iter().flatten().enumerate() {
            // The server sets the default when the pod is created, not in the template.
            let default = host_network.then_some(port.container_port);
            if let Some(number) = port.host_port.filter(|number| *number > 0).or(default) {
                let ip = port.host_ip.as_deref().unwrap_or_default();
                let protocol = port.protocol.as_deref().unwrap_or_default();
                let path = pod_path(&[list]).index(place).field("ports").index(index).field(field);
                found.push(TemplatePort { port: HostPort::new(ip, protocol, number), path });
            }
        }
    }
    found
}

/// The host ports of a pod.
///
/// Upstream: `scheduler/util.GetHostPorts`, after `core/v1.SetDefaults_PodSpec`.
pub(super) fn of_pod(spec: &wire::PodSpec<'_>) -> Vec<HostPort> {
    let host_network = spec.host_network.unwrap_or(false);
    let init = spec
        .init_containers
        .iter()
        .flatten()
        .filter(|container| container.restart_policy.as_deref() == Some("Always"));
    let ports = init.chain(&spec.containers).flat_map(|container| container.ports.iter().flatten());
    ports
        .filter_map(|port| {
            let default = if host_network { port.container_port } else { None };
            let number = port.host_port.filter(|number| *number > 0).or(default)?;
            Some(HostPort::new(&port.host_ip, &port.protocol, number))
        })
        .collect()
}
