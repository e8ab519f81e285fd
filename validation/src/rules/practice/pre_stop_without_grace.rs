//! The rule `pre-stop-without-grace`. Its page is `pre_stop_without_grace.md`.

use super::rule;
use crate::levels::Level;
use crate::rules::pod::{containers, spec, spec_path};
use crate::rules::{Findings, Object, Rule};

pub(in crate::rules) static RULE: Rule = rule(
    "pre-stop-without-grace",
    Level::Warning,
    (
        "a `preStop` hook has one second at most, because the grace period is 0",
        include_str!("pre_stop_without_grace.md"),
    ),
    check,
);

fn check(object: &Object<'_>, findings: &mut Findings) {
    let Some(spec) = spec(object.daemon_set) else { return };
    if spec.termination_grace_period_seconds != Some(0) {
        return;
    }
    let has_hook = |listed: &crate::rules::pod::Listed<'_>| {
        listed.container.lifecycle.as_ref().is_some_and(|lifecycle| lifecycle.pre_stop.is_some())
    };
    if let Some(listed) = containers(spec).find(has_hook) {
        let name = &listed.container.name;
        let message = format!(
            "with a grace period of 0 the kubelet ends the `preStop` hook of `{name}` after one second"
        );
        let help = "give the hook the seconds that it needs, or remove it";
        findings.push(RULE.finding(spec_path().field("terminationGracePeriodSeconds"), message).help(help));
    }
}
