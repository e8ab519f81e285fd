//! Duplicate ports of a pod's containers.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{ContainerPort, PodSpec};

use super::list::Warnings;
use crate::apiserver::container_visit::{ContainerView, containers};
use crate::path::{FieldPath, Path};

/// A port of a container and its position.
#[derive(Clone, Copy)]
struct Listed<'s> {
    container: ContainerView<'s>,
    index: usize,
    port: &'s ContainerPort,
}

impl Listed<'_> {
    fn host_ip(&self) -> &str {
        self.port.host_ip.as_deref().unwrap_or_default()
    }

    fn host_port(&self) -> i32 {
        self.port.host_port.unwrap_or_default()
    }

    fn path(&self, spec: &Path<'_>) -> FieldPath {
        let list = spec.field(self.container.list);
        let container = list.index(self.container.index);
        container.field("ports").index(self.index).to_field_path()
    }
}

/// Compares ports with the same number and protocol across all containers.
pub(super) fn warn_about_ports(spec: &PodSpec, path: &Path<'_>, warnings: &mut Warnings) {
    let mut seen: BTreeMap<(i32, &str), Vec<Listed<'_>>> = BTreeMap::new();
    for container in containers(spec) {
        let list = path.field(container.list);
        let container_path = list.index(container.index);
        let ports = container_path.field("ports");
        for (index, port) in container.ports.iter().enumerate() {
            let listed = Listed { container, index, port };
            warn_about_useless_ip(&listed, &ports.index(index), warnings);
            let protocol = port.protocol.as_deref().unwrap_or_default();
            let others = seen.entry((port.container_port, protocol)).or_default();
            for other in others.iter() {
                if warnings.is_full() {
                    return;
                }
                if let Some(verdict) = conflict(&listed, other) {
                    let other = other.path(path);
                    let message = format_args!("{verdict} port definition with {other}");
                    warnings.push(&ports.index(index), message);
                }
            }
            others.push(listed);
        }
    }
}

/// Warns about a host IP without a host port. The port is printed as Go prints a struct.
fn warn_about_useless_ip(listed: &Listed<'_>, path: &Path<'_>, warnings: &mut Warnings) {
    let (host_ip, host_port) = (listed.host_ip(), listed.host_port());
    if host_ip.is_empty() || host_port != 0 {
        return;
    }
    let name = listed.port.name.as_deref().unwrap_or_default();
    let number = listed.port.container_port;
    let protocol = listed.port.protocol.as_deref().unwrap_or_default();
    warnings.push(
        path,
        format_args!(
            "hostIP set without hostPort: {{Name:{name} HostPort:{host_port} ContainerPort:{number} \
             Protocol:{protocol} HostIP:{host_ip}}}"
        ),
    );
}

/// The problem with two ports of the same number and protocol, if there is one.
fn conflict(port: &Listed<'_>, other: &Listed<'_>) -> Option<&'static str> {
    let same_host_port = port.host_port() == other.host_port();
    if same_host_port && port.host_ip() == other.host_ip() {
        Some("duplicate")
    } else if port.host_port() == 0 || other.host_port() == 0 {
        Some("overlapping")
    } else if same_host_port && port.host_ip().is_empty() != other.host_ip().is_empty() {
        Some("dangerously ambiguous")
    } else {
        None
    }
}
