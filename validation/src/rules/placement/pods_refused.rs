//! The rule `pods-refused`. Its page is `pods_refused.md`.

use super::rule;
use crate::facts::{Facts, NodeState};
use crate::finding::Finding;
use crate::levels::{AdmissionLevel, Level};
use crate::placement::{Cause, Outcome, RefusedPod};
use crate::rules::{Check, Findings, Previewed, Rule};
use crate::words::count::thousands;
use crate::words::one_line::one_line;
use crate::words::refused::advice_in_one;

pub(in crate::rules) static RULE: Rule = rule(
    "pods-refused",
    (Level::Error, AdmissionLevel::Warn),
    ("the API server would refuse the pods that the controller creates", include_str!("pods_refused.md")),
    Check::Preview(check),
);

fn check(previewed: &Previewed<'_>, findings: &mut Findings) {
    let verdicts = &previewed.preview.verdicts;
    let Some(refused) = verdicts.iter().find_map(|verdict| refused(&verdict.outcome)) else { return };
    let nodes = previewed.standing().refused.clone();
    let wanted = verdicts.iter().filter(|verdict| !matches!(verdict.outcome, Outcome::NotWanted(_))).count();
    let (refused_pods, noun) = (thousands(nodes.len()), if wanted == 1 { "pod" } else { "pods" });
    let message = format!(
        "{refused_pods} of {} {noun} would be refused: {}",
        thousands(wanted),
        one_line(&refused.refusal.message)
    );
    let facts = Facts::Nodes(NodeState::Refused, nodes);
    findings.push(with_help(RULE.finding(refused.refusal.path.clone(), message), refused).facts(facts));
}

/// The finding where no cluster with nodes was read, and the checked files alone say that the pods would be refused.
pub(crate) fn without_nodes(refused: &RefusedPod) -> Finding {
    let message = format!("its pods would be refused: {}", one_line(&refused.refusal.message));
    with_help(RULE.finding(refused.refusal.path.clone(), message), refused)
}

fn with_help(finding: Finding, refused: &RefusedPod) -> Finding {
    match advice_in_one(refused) {
        Some(help) => finding.help(help),
        None => finding,
    }
}

/// What refuses the pod of a node.
fn refused(outcome: &Outcome) -> Option<&RefusedPod> {
    let Outcome::Refused(reasons) = outcome else { return None };
    reasons.iter().find_map(|reason| match &reason.cause {
        Cause::Refused(refused) => Some(&**refused),
        _ => None,
    })
}
