//! The rule `placement-unknown`. Its page is `placement_unknown.md`.

use super::{pod_spec, rule};
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
        findings.push(RULE.finding(pod_spec(), line::unknown(groups)));
    }
}

/// The finding where nothing of the cluster is known, and why.
pub fn nothing_known(why: &str) -> Finding {
    RULE.finding(pod_spec(), one_line(&format!("placement is unknown: {why}")))
}
