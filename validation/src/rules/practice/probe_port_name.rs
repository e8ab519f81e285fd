//! The rule `probe-port-name`. Its page is `probe_port_name.md`.

use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::rule;
use crate::did_you_mean::did_you_mean;
use crate::edit::Edit;
use crate::levels::Level;
use crate::rules::pod::{containers, spec};
use crate::rules::{Findings, Object, Rule};

pub(in crate::rules) static RULE: Rule = rule(
    "probe-port-name",
    Level::Error,
    ("a probe or hook names a port that its container does not have", include_str!("probe_port_name.md")),
    check,
);

fn check(object: &Object<'_>, findings: &mut Findings) {
    let Some(spec) = spec(object.daemon_set) else { return };
    for listed in containers(spec) {
        let ports = listed.container.ports.as_deref().unwrap_or_default();
        let names = || ports.iter().filter_map(|port| port.name.as_deref());
        for handler in listed.handlers() {
            let of_http = handler.http.map(|action| ("httpGet", &action.port));
            let Some((field, port)) =
                of_http.or_else(|| handler.tcp.map(|action| ("tcpSocket", &action.port)))
            else {
                continue;
            };
            let IntOrString::String(name) = port else { continue };
            if name.bytes().all(|byte| byte.is_ascii_digit()) || names().any(|known| known == name) {
                continue;
            }
            let path = listed.path_to(&handler).field(field).field("port");
            let message = format!(
                "the container has no port named `{name}`, so the kubelet cannot ask it and the probe fails"
            );
            let finding = RULE.finding(path.clone(), message);
            findings.push(match did_you_mean(name, names()) {
                Some(near) => finding
                    .help(format!("did you mean `{near}`?"))
                    .fix(false, vec![Edit::Replace { path, value: near.into() }]),
                None => finding.help("write the number of the port, or give one of its `ports` this name"),
            });
        }
    }
}
