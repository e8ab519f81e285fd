//! The rule `no-readiness`. Its page is `no_readiness.md`.

use super::rule;
use crate::levels::Level;
use crate::path::FieldPath;
use crate::placement::rollout::Limits;
use crate::rules::pod::{containers, spec};
use crate::rules::{Findings, Object, Rule};

pub(in crate::rules) static RULE: Rule = rule(
    "no-readiness",
    Level::Off,
    (
        "no readiness probe and no `minReadySeconds`, so a broken update reaches every node",
        include_str!("no_readiness.md"),
    ),
    check,
);

fn check(object: &Object<'_>, findings: &mut Findings) {
    let rolls = Limits::new(object.daemon_set, 1).is_some();
    let waits = object.daemon_set.spec.min_ready_seconds.is_some_and(|seconds| seconds > 0);
    let Some(spec) = spec(object.daemon_set).filter(|_| rolls && !waits) else { return };
    let has_probe = |listed: crate::rules::pod::Listed<'_>| {
        listed.container.readiness_probe.is_some() || listed.container.startup_probe.is_some()
    };
    if !containers(spec).any(has_probe) {
        let message = "a pod counts as available as soon as its processes run, so the update goes on although the agent \
                       does not work";
        let help = "add a `readinessProbe`, or set `spec.minReadySeconds`";
        let path = FieldPath::of(&["spec", "template", "spec", "containers"]);
        findings.push(RULE.finding(path, message).help(help));
    }
}
