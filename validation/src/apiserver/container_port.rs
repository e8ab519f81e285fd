//! Container ports.

use std::collections::BTreeSet;

use k8s_openapi::api::core::v1::{Container, ContainerPort};

use crate::apiserver::content::{is_valid_port_name, is_valid_port_num, report};
use crate::apiserver::error::Errors;
use crate::path::Path;

/// A port has a number and a protocol. Port names are optional and unique within the container.
///
/// Upstream: `core/validation.validateContainerPorts`.
pub(super) fn validate_container_ports(ports: &[ContainerPort], path: &Path<'_>, errors: &mut Errors) {
    let mut names = BTreeSet::new();
    for (index, port) in ports.iter().enumerate() {
        let item = path.index(index);
        if let Some(name) = port.name.as_deref().filter(|name| !name.is_empty()) {
            let messages = is_valid_port_name(name);
            if !messages.is_empty() {
                report(messages, name, &item.field("name"), errors);
            } else if !names.insert(name) {
                errors.duplicate(&item.field("name"), name);
            }
        }
        if port.container_port == 0 {
            errors.required(&item.field("containerPort"), "");
        } else {
            let number = port.container_port;
            report(is_valid_port_num(number.into()), number, &item.field("containerPort"), errors);
        }
        if let Some(number) = port.host_port.filter(|number| *number != 0) {
            report(is_valid_port_num(number.into()), number, &item.field("hostPort"), errors);
        }
        match port.protocol.as_deref().unwrap_or_default() {
            "TCP" | "UDP" | "SCTP" => {}
            "" => errors.required(&item.field("protocol"), ""),
            other => errors.not_supported(&item.field("protocol"), other, &["SCTP", "TCP", "UDP"]),
        }
    }
}

/// Two ports conflict if they have the same host port, host IP and protocol.
///
/// Upstream: `core/validation.checkHostPortConflicts`, `core/validation.AccumulateUniqueHostPorts`.
pub(super) fn check_host_port_conflicts(containers: &[Container], path: &Path<'_>, errors: &mut Errors) {
    let ports = containers.iter().flat_map(|container| container.ports.iter().flatten());
    if ports.filter_map(host_port).nth(1).is_none() {
        return;
    }
    let mut taken = BTreeSet::new();
    for (index, container) in containers.iter().enumerate() {
        for (place, port) in container.ports.iter().flatten().enumerate() {
            let Some(number) = host_port(port) else { continue };
            let protocol = port.protocol.as_deref().unwrap_or_default();
            let address = port.host_ip.as_deref().unwrap_or_default();
            let key = format!("{protocol}/{address}/{number}");
            if taken.contains(&key) {
                let container = path.index(index);
                let ports = container.field("ports");
                errors.duplicate(&ports.index(place).field("hostPort"), &key);
            } else {
                taken.insert(key);
            }
        }
    }
}

/// The host port, if it is set.
fn host_port(port: &ContainerPort) -> Option<i32> {
    port.host_port.filter(|number| *number != 0)
}
