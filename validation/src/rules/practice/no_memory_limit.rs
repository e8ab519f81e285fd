//! The rule `no-memory-limit`. Its page is `no_memory_limit.md`.

use k8s_openapi::api::core::v1::ResourceRequirements;

use super::rule;
use crate::levels::Level;
use crate::rules::pod::{containers, spec};
use crate::rules::{Findings, Object, Rule};

pub(in crate::rules) static RULE: Rule = rule(
    "no-memory-limit",
    Level::Off,
    ("a container may use all memory of the node", include_str!("no_memory_limit.md")),
    check,
);

fn check(object: &Object<'_>, findings: &mut Findings) {
    let Some(spec) = spec(object.daemon_set).filter(|spec| !is_limited(spec.resources.as_ref())) else {
        return;
    };
    for listed in containers(spec).filter(|listed| listed.keeps_running()) {
        if !is_limited(listed.container.resources.as_ref()) {
            let message = "it has no memory limit: a leak on one node takes the memory of all pods there";
            let help = "write `resources.limits.memory`, with room above what it uses on the busiest node";
            findings.push(RULE.finding(listed.path().field("resources"), message).help(help));
        }
    }
}

fn is_limited(resources: Option<&ResourceRequirements>) -> bool {
    resources
        .and_then(|resources| resources.limits.as_ref())
        .is_some_and(|limits| limits.contains_key("memory"))
}
