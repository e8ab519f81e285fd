//! The rule `skips-nodes`. Its page is `skips_nodes.md`.

use super::rule;
use crate::facts::{Facts, NodeState};
use crate::levels::{AdmissionLevel, Level};
use crate::rules::groups::{Absence, Groups};
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
    // Where it runs nowhere, `lands-nowhere` says it, except where pods are refused.
    let is_refused = groups.without_pod.iter().any(|group| group.absence == Absence::Refused);
    if groups.runs_nowhere() && !is_refused {
        return;
    }
    // Refused pods are those of `pods-refused`.
    let others = groups.without_pod.iter().filter(|group| group.absence != Absence::Refused);
    let others =
        Groups { without_pod: others.cloned().collect(), missing: groups.missing.clone(), ..*groups };
    if let Some(first) = others.without_pod.first() {
        let message = line::without_pod(&others, previewed.named_nodes);
        let standing = previewed.standing();
        let facts = Facts::Nodes(NodeState::Absent, standing.absent.without(&standing.refused));
        findings.push(RULE.finding(first.path.clone(), message).facts(facts));
    }
}
