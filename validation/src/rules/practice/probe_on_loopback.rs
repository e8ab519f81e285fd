//! The rule `probe-on-loopback`. Its page is `probe_on_loopback.md`.

use super::rule;
use crate::edit::Edit;
use crate::levels::Level;
use crate::rules::pod::{containers, on_host_network, spec};
use crate::rules::{Findings, Object, Rule};

pub(in crate::rules) static RULE: Rule = rule(
    "probe-on-loopback",
    Level::Warning,
    (
        "a probe asks the loopback address of the node, where the pod does not listen",
        include_str!("probe_on_loopback.md"),
    ),
    check,
);

fn check(object: &Object<'_>, findings: &mut Findings) {
    let Some(spec) = spec(object.daemon_set).filter(|spec| !on_host_network(spec)) else { return };
    for listed in containers(spec) {
        for handler in listed.handlers() {
            let of_http = handler.http.map(|action| ("httpGet", action.host.as_deref()));
            let of_tcp = handler.tcp.map(|action| ("tcpSocket", action.host.as_deref()));
            let Some((field, Some(host))) = of_http.or(of_tcp) else { continue };
            if matches!(host, "localhost" | "127.0.0.1" | "::1") {
                let path = listed.path_to(&handler).field(field).field("host");
                let message = format!(
                    "the kubelet connects from the node, so `{host}` is the node itself and not the pod"
                );
                let finding = RULE
                    .finding(path.clone(), message)
                    .help("delete `host`: the default is the pod's address");
                findings.push(finding.fix(false, vec![Edit::Remove { path }]));
            }
        }
    }
}
