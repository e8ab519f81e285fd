//! Duplicate ports of a pod's containers.

use std::collections::{BTreeMap, HashMap};

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
    let mut seen: HashMap<(i32, &str), Earlier<'_>> = HashMap::new();
    for container in containers(spec) {
        let list = path.field(container.list);
        let container_path = list.index(container.index);
        let ports = container_path.field("ports");
        for (index, port) in container.ports.iter().enumerate() {
            if warnings.is_full() {
                return;
            }
            let listed = Listed { container, index, port };
            warn_about_useless_ip(&listed, &ports.index(index), warnings);
            let protocol = port.protocol.as_deref().unwrap_or_default();
            let earlier = seen.entry((port.container_port, protocol)).or_default();
            for other in earlier.that_may_conflict(&listed) {
                if warnings.is_full() {
                    return;
                }
                if let Some(verdict) = conflict(&listed, other) {
                    let other = other.path(path);
                    let message = format_args!("{verdict} port definition with {other}");
                    warnings.push(&ports.index(index), message);
                }
            }
            earlier.add(listed);
        }
    }
}

/// Ports with one number and one protocol.
#[derive(Default)]
struct Earlier<'s> {
    all: Vec<Listed<'s>>,
    /// The positions of the ports by host port and address; empty while there are few.
    index: BTreeMap<(i32, &'s str), Vec<usize>>,
}

/// With more ports than this, one port is not compared with all of them.
const MANY: usize = 32;

impl<'s> Earlier<'s> {
    fn add(&mut self, listed: Listed<'s>) {
        self.all.push(listed);
        let unindexed = match self.all.len() {
            0..=MANY => return,
            _ if self.index.is_empty() => 0,
            length => length.saturating_sub(1),
        };
        for (position, listed) in self.all.iter().enumerate().skip(unindexed) {
            let key = (listed.host_port(), listed.port.host_ip.as_deref().unwrap_or_default());
            self.index.entry(key).or_default().push(position);
        }
    }

    /// The ports that may conflict with another one, in order. Where they are many, all of them do.
    fn that_may_conflict(&self, listed: &Listed<'_>) -> impl Iterator<Item = &Listed<'s>> {
        let (host_port, address) = (listed.host_port(), listed.host_ip());
        let none = Vec::new();
        let on = |port: i32| {
            let from = self.index.range((port, "")..);
            from.take_while(move |((other, _), _)| *other == port).flat_map(|(_, positions)| positions)
        };
        let here = self.index.get(&(host_port, address)).unwrap_or(&none);
        let everywhere = self.index.get(&(host_port, "")).unwrap_or(&none);
        let mut found: Vec<usize> = match (host_port, address) {
            (0, _) => (0..self.all.len()).collect(),
            _ if self.index.is_empty() => (0..self.all.len()).collect(),
            (_, "") => on(0).chain(on(host_port)).copied().collect(),
            _ => on(0).chain(everywhere).chain(here).copied().collect(),
        };
        found.sort_unstable();
        found.into_iter().filter_map(|position| self.all.get(position))
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
