//! The rule `lands-nowhere`. Its page is `lands_nowhere.md`.

use super::rule;
use crate::levels::{AdmissionLevel, Level};
use crate::rules::line;
use crate::rules::{Check, Findings, Previewed, Rule};

pub(in crate::rules) static RULE: Rule = rule(
    "lands-nowhere",
    (Level::Warning, AdmissionLevel::Warn),
    ("the DaemonSet runs on no node of the cluster", include_str!("lands_nowhere.md")),
    Check::Preview(check),
);

fn check(previewed: &Previewed<'_>, findings: &mut Findings) {
    let groups = previewed.groups();
    if let Some(first) = groups.without_pod.first()
        && groups.runs_nowhere()
    {
        let message = line::without_pod(groups, previewed.named_nodes);
        findings.push(RULE.finding(first.path.clone(), message));
    }
}
