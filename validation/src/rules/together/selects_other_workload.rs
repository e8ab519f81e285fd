//! The rule `selects-other-workload`. Its page is `selects_other_workload.md`.

use super::{MOST, rule};
use crate::finding::Anchor;
use crate::levels::Level;
use crate::path::FieldPath;
use crate::rules::{PeerFindings, Rule};
use crate::together::{Companion, Together, What};
use crate::words::names::folded;

pub(in crate::rules) static RULE: Rule = rule(
    "selects-other-workload",
    Level::Warning,
    (
        "the selector also matches the pods of another workload of the files, or the reverse",
        include_str!("selects_other_workload.md"),
    ),
    check,
);

fn check(together: &Together<'_>, findings: &mut PeerFindings) {
    for (place, member) in together.members() {
        let peer = member.peer;
        let selecting = peer.selector.prepare();
        let (mut selected, mut taken) = (Vec::new(), Vec::new());
        let here = |one: &&&Companion| *one.namespace == *peer.namespace;
        for one in together.beside(place).iter().filter(here) {
            let What::Workload { selector, labels } = &one.what else { continue };
            if selecting.selects(labels) {
                selected.push(one.shown());
            } else if selector.prepare().selects(&peer.labels) {
                taken.push(one.shown());
            }
        }
        let told = |names: &[String]| {
            let names: Vec<&str> = names.iter().take(MOST).map(String::as_str).collect();
            folded(&names)
        };
        let message = match (selected.as_slice(), taken.as_slice()) {
            ([], []) => continue,
            ([], taken) => format!("the selector of {} also matches these pods", told(taken)),
            (selected, _) => format!("the selector also matches the pods of {}", told(selected)),
        };
        let help = "give each workload a label of its own, in its selector and in its template";
        let path = FieldPath::of(&["spec", "selector"]);
        findings.push(place, RULE.finding(path, message).at(Anchor::Key).help(help));
    }
}
