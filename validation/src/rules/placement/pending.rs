//! The rule `pending`. Its page is `pending.md`.

use super::rule;
use crate::facts::{Facts, NodeState};
use crate::levels::{AdmissionLevel, Level};
use crate::rules::groups::{Absence, Groups};
use crate::rules::line;
use crate::rules::{Check, Findings, Previewed, Rule};

/// In the webhook `skips-nodes` names these nodes as well, so the rule is off there.
pub(in crate::rules) static RULE: Rule = rule(
    "pending",
    (Level::Warning, AdmissionLevel::Off),
    ("the scheduler cannot bind the pod on some nodes, so it stays pending", include_str!("pending.md")),
    Check::Preview(check),
);

fn check(previewed: &Previewed<'_>, findings: &mut Findings) {
    let groups = previewed.groups();
    // If it runs on no node, `lands-nowhere` has the reasons.
    if groups.runs_nowhere() {
        return;
    }
    let pending = groups.without_pod.iter().filter(|group| group.absence == Absence::Pending);
    let pending = Groups { without_pod: pending.cloned().collect(), ..Groups::default() };
    if let Some(first) = pending.without_pod.first() {
        let message = line::pending(&pending, previewed.named_nodes);
        let facts = Facts::Nodes(NodeState::Pending, previewed.standing().pending.clone());
        findings.push(RULE.finding(first.path.clone(), message).facts(facts));
    }
}
