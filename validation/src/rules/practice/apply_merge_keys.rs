//! The rule `apply-merge-keys`. Its page is `apply_merge_keys.md`.

use std::collections::{HashMap, HashSet};

use k8s_openapi::api::core::v1::ContainerPort;

use super::rule;
use crate::levels::Level;
use crate::rules::pod::{Listed, containers, spec};
use crate::rules::{Findings, Object, Rule};

pub(in crate::rules) static RULE: Rule = rule(
    "apply-merge-keys",
    Level::Warning,
    (
        "list entries that server-side apply takes for the same one, and refuses",
        include_str!("apply_merge_keys.md"),
    ),
    check,
);

/// What the server itself warns of is left out.
fn check(object: &Object<'_>, findings: &mut Findings) {
    let Some(spec) = spec(object.daemon_set) else { return };
    for listed in containers(spec) {
        check_env(&listed, findings);
        check_ports(&listed, findings);
    }
}

fn check_env(listed: &Listed<'_>, findings: &mut Findings) {
    let mut seen = HashSet::new();
    for (index, variable) in listed.container.env.iter().flatten().enumerate() {
        if seen.insert(variable.name.as_str()) {
            continue;
        }
        let (value, name) = (variable.value.as_deref().unwrap_or_default(), &variable.name);
        let reference = format!("$({name})");
        if value.contains(&reference) && value != reference {
            let message = format!(
                "`{name}` stands in the list twice: server-side apply refuses the object, and client-side apply may drop one"
            );
            let path = listed.path().field("env").index(index).field("name");
            findings.push(RULE.finding(path, message).help("write the whole value once, or use two names"));
        }
    }
}

fn check_ports(listed: &Listed<'_>, findings: &mut Findings) {
    let mut seen: HashMap<(i32, &str), &ContainerPort> = HashMap::new();
    for (index, port) in listed.container.ports.iter().flatten().enumerate() {
        let protocol = port.protocol.as_deref().unwrap_or("TCP");
        let number = port.container_port;
        let Some(other) = seen.get(&(number, protocol)) else {
            seen.insert((number, protocol), port);
            continue;
        };
        let host = |port: &ContainerPort| port.host_port.unwrap_or_default();
        let address = |port: &&ContainerPort| port.host_ip.clone().unwrap_or_default();
        let same = host(port) == host(other);
        let one_address =
            address(&port).is_empty() || address(other).is_empty() || address(&port) == address(other);
        if host(port) == 0 || host(other) == 0 || same && one_address {
            continue;
        }
        let message = format!(
            "the container port {number} of {protocol} stands in the list twice: server-side apply refuses the object, and \
             client-side apply may drop one"
        );
        let help = "listen on another container port for the second host port";
        let path = listed.path().field("ports").index(index).field("containerPort");
        findings.push(RULE.finding(path, message).help(help));
    }
}
