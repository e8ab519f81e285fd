//! The rule `cpu-limit`. Its page is `cpu_limit.md`.

use super::rule;
use crate::levels::Level;
use crate::rules::pod::{containers, spec};
use crate::rules::{Findings, Object, Rule};

pub(in crate::rules) static RULE: Rule = rule(
    "cpu-limit",
    Level::Off,
    ("a CPU limit slows an agent down when its node needs it most", include_str!("cpu_limit.md")),
    check,
);

fn check(object: &Object<'_>, findings: &mut Findings) {
    let Some(spec) = spec(object.daemon_set) else { return };
    for listed in containers(spec).filter(|listed| listed.keeps_running()) {
        let limits = listed.container.resources.as_ref().and_then(|resources| resources.limits.as_ref());
        if limits.is_some_and(|limits| limits.contains_key("cpu")) {
            let path = listed.path().field("resources").field("limits").key("cpu");
            let message = "the limit holds even while the node's CPUs are idle: under load the agent falls behind, and its \
                           probes may time out";
            findings.push(RULE.finding(path, message).help("write a CPU request and no CPU limit"));
        }
    }
}
