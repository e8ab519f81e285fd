//! The findings about the preview of one DaemonSet.

use daemonset_validation::rules::{self, Check};
use daemonset_validation::{Finding, Severity};

use crate::engine::outcome::{DocumentReport, Located};
use crate::shown::shown;

/// Rules whose findings say what the block of the DaemonSet says with its nodes.
const TOLD: &[&str] = &["lands-nowhere", "pending", "placement-unknown", "pods-refused"];

/// The findings that the block says in its own words.
pub(super) fn told(document: &DocumentReport) -> impl Iterator<Item = &Located> {
    document.notes().filter(|located| TOLD.contains(&located.finding.rule))
}

/// The findings about this DaemonSet alone.
pub(super) fn of_block(document: &DocumentReport) -> impl Iterator<Item = &Located> {
    document
        .notes()
        .filter(|located| !TOLD.contains(&located.finding.rule) && !is_about_snapshot(&located.finding))
}

/// Whether it is a fact of the snapshot, the same for every DaemonSet.
pub(crate) fn is_about_snapshot(finding: &Finding) -> bool {
    matches!(rules::find(finding.rule).map(|rule| &rule.check), Some(Check::Snapshot(_)))
}

/// `note[pods-not-read]: no pods were read …`.
pub(super) fn sentence(finding: &Finding) -> String {
    let help = finding.help.as_ref().map(|help| format!("; {help}")).unwrap_or_default();
    let text = format!("{}: {}{help}", label(finding), finding.sentence());
    shown(&text).into_owned()
}

/// `warning[pending]`.
pub(super) fn label(finding: &Finding) -> String {
    let severity = match finding.severity {
        Severity::Info => "note",
        severity => severity.as_str(),
    };
    format!("{severity}[{}]", finding.rule)
}
