//! The rule `no-requests`. Its page is `no_requests.md`.

use k8s_openapi::api::core::v1::ResourceRequirements;

use super::rule;
use crate::levels::Level;
use crate::rules::pod::{containers, spec};
use crate::rules::{Findings, Object, Rule};

pub(in crate::rules) static RULE: Rule = rule(
    "no-requests",
    Level::Off,
    ("a container requests neither CPU nor memory", include_str!("no_requests.md")),
    check,
);

fn check(object: &Object<'_>, findings: &mut Findings) {
    let Some(spec) = spec(object.daemon_set) else { return };
    if asks(spec.resources.as_ref()) {
        return;
    }
    for listed in containers(spec).filter(|listed| listed.keeps_running()) {
        if asks(listed.container.resources.as_ref()) {
            continue;
        }
        let message = "it requests neither CPU nor memory: no room is kept for it on a node, and under pressure it is \
                       among the first to be evicted";
        let help = "write `resources.requests` with what it uses";
        findings.push(RULE.finding(listed.path().field("resources"), message).help(help));
    }
}

fn asks(resources: Option<&ResourceRequirements>) -> bool {
    // Where only a limit is written, the request is the same.
    let lists = resources.into_iter().flat_map(|resources| [&resources.requests, &resources.limits]);
    lists.flatten().any(|list| list.contains_key("cpu") || list.contains_key("memory"))
}
