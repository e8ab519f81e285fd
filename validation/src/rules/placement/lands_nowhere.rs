//! The rule `lands-nowhere`. Its page is `lands_nowhere.md`.

use super::rule;
use crate::facts::{Facts, NodeState};
use crate::levels::{AdmissionLevel, Level};
use crate::placement::{NearLabel, Remedy};
use crate::rules::groups::Absence;
use crate::rules::line;
use crate::rules::{Check, Findings, Previewed, Rule};
use crate::words::near_label::did_you_mean;

pub(in crate::rules) static RULE: Rule = rule(
    "lands-nowhere",
    (Level::Warning, AdmissionLevel::Warn),
    ("the DaemonSet runs on no node of the cluster", include_str!("lands_nowhere.md")),
    Check::Preview(check),
);

fn check(previewed: &Previewed<'_>, findings: &mut Findings) {
    let groups = previewed.groups();
    // If pods are refused, `pods-refused` has the reasons.
    let is_refused = groups.without_pod.iter().any(|group| group.absence == Absence::Refused);
    if let Some(first) = groups.without_pod.first()
        && groups.runs_nowhere()
        && !is_refused
    {
        let message = line::without_pod(groups, previewed.named_nodes);
        let facts = Facts::Nodes(NodeState::Absent, previewed.standing().absent.clone());
        let finding = RULE.finding(first.path.clone(), message).facts(facts);
        findings.push(match slips(previewed) {
            Some(slips) => finding.help(did_you_mean(slips)),
            None => finding,
        });
    }
}

/// The labels that the manifest's selector probably means.
fn slips<'p>(previewed: &Previewed<'p>) -> Option<&'p [NearLabel]> {
    let reasons = previewed.preview.verdicts.iter().flat_map(|verdict| verdict.outcome.reasons());
    reasons.into_iter().find_map(|reason| match &reason.remedy {
        Some(Remedy::Correct(labels)) => Some(&**labels),
        _ => None,
    })
}
