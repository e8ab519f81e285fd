//! The rule `overlapping-selectors`. Its page is `overlapping_selectors.md`.

use crate::finding::{Anchor, Finding};
use crate::levels::{AdmissionLevel, Level};
use crate::path::FieldPath;
use crate::peers::Peers;
use crate::peers::selectors::{Overlap, overlaps};
use crate::rules::{Check, Family, PeerFindings, Rule};
use crate::words::names::folded;

/// Two DaemonSets of one namespace whose pods can be confused.
pub(in crate::rules) static RULE: Rule = Rule {
    id: "overlapping-selectors",
    level: Level::Warning,
    admission: Some(AdmissionLevel::Warn),
    family: Family::Peers,
    since: "0.1.0",
    summary: "two DaemonSets in one namespace select the same pods",
    page: include_str!("overlapping_selectors.md"),
    check: Check::Peers(check),
};

/// How many others of each kind are looked for.
const MAX_NAMED: usize = 8;

fn check(peers: &Peers<'_>, findings: &mut PeerFindings) {
    for (place, overlap) in overlaps(peers, MAX_NAMED).iter().enumerate() {
        if let Some(finding) = finding(peers, overlap) {
            findings.push(place, finding);
        }
    }
}

/// One finding: the selector that matches other pods comes before other selectors that match its pods, since it can be mended here.
fn finding(peers: &Peers<'_>, overlap: &Overlap) -> Option<Finding> {
    let message = match (overlap.selected.as_slice(), overlap.selecting.as_slice()) {
        ([], []) => return None,
        ([], selecting) => format!("the pods also match the selector of {}", shown(peers, selecting)),
        (selected, _) => format!("the selector also matches the pods of {}", shown(peers, selected)),
    };
    let finding = RULE.finding(FieldPath::of(&["spec", "selector"]), message);
    Some(
        finding
            .at(Anchor::Key)
            .help("give each DaemonSet a label of its own, in its selector and in its template"),
    )
}

/// `DaemonSet a (a.yaml:2) and b`, or `DaemonSet a and b in the cluster`.
fn shown(peers: &Peers<'_>, places: &[usize]) -> String {
    let one = |place: &usize| {
        let peer = peers.get(*place)?;
        let origin = if peer.origin.is_empty() { String::new() } else { format!(" ({})", peer.origin) };
        Some(format!("{}{origin}", peer.name))
    };
    let names: Vec<String> = places.iter().filter_map(one).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let whereabouts = if places.iter().all(|place| peers.is_stored(*place)) { " in the cluster" } else { "" };
    format!("DaemonSet {}{whereabouts}", folded(&names))
}
