//! The rule `autoscaler-not-simulated`. Its page is `autoscaler_not_simulated.md`.

use super::{pod_spec, rule, waits_for_resources};
use crate::facts::Facts;
use crate::levels::{AdmissionLevel, Level};
use crate::rules::{Check, Findings, Previewed, Rule};

pub(in crate::rules) static RULE: Rule = rule(
    "autoscaler-not-simulated",
    (Level::Info, AdmissionLevel::Off),
    (
        "pods wait for resources, and a cluster autoscaler is not simulated",
        include_str!("autoscaler_not_simulated.md"),
    ),
    Check::Snapshot(check),
);

fn check(previewed: &Previewed<'_>, findings: &mut Findings) {
    if waits_for_resources(previewed) {
        let finding = RULE.finding(pod_spec(), "a cluster autoscaler is not simulated");
        findings.push(finding.facts(Facts::Whole));
    }
}
