//! The rule `surge-on-host-network`. Its page is `surge_on_host_network.md`.

use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::rule;
use crate::levels::Level;
use crate::path::FieldPath;
use crate::placement::rollout::Limits;
use crate::placement::template_ports;
use crate::rules::pod::{containers, on_host_network, spec};
use crate::rules::{Findings, Object, Rule};

pub(in crate::rules) static RULE: Rule = rule(
    "surge-on-host-network",
    Level::Warning,
    (
        "`maxSurge` starts new pods on the host's network beside the old ones, which hold the port that is probed",
        include_str!("surge_on_host_network.md"),
    ),
    check,
);

fn check(object: &Object<'_>, findings: &mut Findings) {
    let surges = Limits::new(object.daemon_set, 1).is_some_and(|limits| limits.surges);
    // Ports that are declared are the matter of `rollout-host-port-surge`.
    let undeclared = |spec: &_| on_host_network(spec) && template_ports(spec).is_empty();
    let Some(spec) = spec(object.daemon_set).filter(|spec| surges && undeclared(spec)) else { return };
    let probed = containers(spec).filter(|listed| listed.keeps_running()).find_map(|listed| {
        listed.probes().find_map(|(_, probe)| {
            let of_http = probe.http_get.as_ref().map(|action| &action.port);
            let port = of_http.or_else(|| probe.tcp_socket.as_ref().map(|action| &action.port))?;
            match port {
                IntOrString::Int(number) => Some(*number),
                IntOrString::String(_) => None,
            }
        })
    });
    let Some(port) = probed else { return };
    let message = format!(
        "with `maxSurge` a new pod starts beside the old one on the host's network, where the old one still listens on \
         port {port}: the new one cannot, and its probes ask the old one"
    );
    let path = FieldPath::of(&["spec", "updateStrategy", "rollingUpdate", "maxSurge"]);
    findings.push(RULE.finding(path, message).help("use `maxUnavailable` instead of `maxSurge`"));
}
