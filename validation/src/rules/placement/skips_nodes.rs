//! The rule `skips-nodes`. Its page is `skips_nodes.md`.

use super::rule;
use crate::facts::{Facts, NodeState};
use crate::levels::{AdmissionLevel, Level};
use crate::rules::line;
use crate::rules::{Check, Findings, Previewed, Rule};

/// The command lists every node, so the rule is off there.
pub(in crate::rules) static RULE: Rule = rule(
    "skips-nodes",
    (Level::Off, AdmissionLevel::Warn),
    ("the DaemonSet runs on some nodes, but not on all", include_str!("skips_nodes.md")),
    Check::Preview(check),
);

fn check(previewed: &Previewed<'_>, findings: &mut Findings) {
    let groups = previewed.groups();
    if let Some(first) = groups.without_pod.first()
        && !groups.runs_nowhere()
    {
        let message = line::without_pod(groups, previewed.named_nodes);
        let facts = Facts::Nodes(NodeState::Absent, previewed.standing().absent.clone());
        findings.push(RULE.finding(first.path.clone(), message).facts(facts));
    }
}
