//! Runs the rules: one function for each kind of check.

use super::check::{Check, Findings, Object, PeerFindings, Previewed};
use super::levels::Levels;
use crate::finding::Finding;
use crate::ledger::Ledger;
use crate::peers::Peers;
use crate::together::Together;

/// Runs the rules on one object.
pub fn check_object(object: &Object<'_>, levels: &Levels) -> Vec<Finding> {
    check_object_within(object, levels, Ledger::default()).0
}

/// The same with a ledger, which decides what is found in full.
pub(crate) fn check_object_within(
    object: &Object<'_>,
    levels: &Levels,
    mut ledger: Ledger,
) -> (Vec<Finding>, Ledger) {
    let mut found = Vec::new();
    for (rule, level) in levels.iter() {
        if let (Check::Object(check), Some(severity)) = (&rule.check, level.severity()) {
            let mut findings = Findings { severity, found, ledger };
            check(object, &mut findings);
            Findings { found, ledger, .. } = findings;
        }
    }
    (found, ledger)
}

/// Runs the rules on the preview of one DaemonSet.
pub fn check_preview(previewed: &Previewed<'_>, levels: &Levels) -> Vec<Finding> {
    let mut found = Vec::new();
    for (rule, level) in levels.iter() {
        if let (Check::Preview(check) | Check::Snapshot(check), Some(severity)) =
            (&rule.check, level.severity())
        {
            let mut findings = Findings { severity, found, ledger: Ledger::default() };
            check(previewed, &mut findings);
            found = findings.found;
        }
    }
    found
}

/// Runs the rules on several DaemonSets: each finding with the place of its DaemonSet among those that are checked.
pub fn check_peers(peers: &Peers<'_>, levels: &Levels) -> Vec<(usize, Finding)> {
    let mut found = Vec::new();
    for (rule, level) in levels.iter() {
        if let (Check::Peers(check), Some(severity)) = (&rule.check, level.severity()) {
            let mut findings = PeerFindings { severity, found };
            check(peers, &mut findings);
            found = findings.found;
        }
    }
    found
}

/// Runs the rules on the DaemonSets of the files and the other objects of the files: each finding with the place of its DaemonSet.
pub fn check_together(together: &Together<'_>, levels: &Levels) -> Vec<(usize, Finding)> {
    let mut found = Vec::new();
    for (rule, level) in levels.iter() {
        if let (Check::Together(check), Some(severity)) = (&rule.check, level.severity()) {
            let mut findings = PeerFindings { severity, found };
            check(together, &mut findings);
            found = findings.found;
        }
    }
    found
}
