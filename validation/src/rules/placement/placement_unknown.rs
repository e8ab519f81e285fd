//! The rule `placement-unknown`. Its page is `placement_unknown.md`.

use super::{pod_spec, rule};
use crate::facts::{Facts, NodeSet, Unknown};
use crate::finding::Finding;
use crate::levels::{AdmissionLevel, Level};
use crate::rules::line;
use crate::rules::{Check, Findings, Previewed, Rule};
use crate::words::one_line::one_line;

pub(in crate::rules) static RULE: Rule = rule(
    "placement-unknown",
    (Level::Info, AdmissionLevel::Warn),
    (
        "whether the DaemonSet runs on some nodes is not known, because the snapshot lacks objects",
        include_str!("placement_unknown.md"),
    ),
    Check::Preview(check),
);

fn check(previewed: &Previewed<'_>, findings: &mut Findings) {
    let groups = previewed.groups();
    if !groups.missing.is_empty() {
        let facts = Facts::Unknown(Unknown::Incomplete, previewed.standing().unknown.clone());
        findings.push(RULE.finding(pod_spec(), line::unknown(groups)).facts(facts));
    }
}

/// The finding where no node's answer is known: the kind of the reason, and the reason in words.
pub fn nothing_known(kind: Unknown, why: &str) -> Finding {
    let finding = RULE.finding(pod_spec(), one_line(&format!("placement is unknown: {why}")));
    finding.facts(Facts::Unknown(kind, NodeSet::default()))
}
