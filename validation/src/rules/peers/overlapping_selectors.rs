//! The rule `overlapping-selectors`. Its page is `overlapping_selectors.md`.

use super::peer_facts;
use crate::facts::{Facts, PeerFacts, PeerRelation};
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

/// How many others of each kind are told.
const MAX_TOLD: usize = 8;

/// How many others of each kind are looked for on a cluster, where an update is compared with what is there.
const MAX_FOUND: usize = 1_000;

fn check(peers: &Peers<'_>, findings: &mut PeerFindings) {
    // Of many that are checked, each has few, or a run of a million would hold millions.
    let is_one_on_cluster = peers.checked() == 1 && peers.node_count() > 0;
    let limit = if is_one_on_cluster { MAX_FOUND } else { MAX_TOLD };
    for (place, overlap) in overlaps(peers, limit).iter().enumerate() {
        if let Some(finding) = finding(peers, overlap) {
            findings.push(place, finding);
        }
    }
}

/// One finding: the selector that matches other pods comes before other selectors that match its pods, since it can be mended here.
fn finding(peers: &Peers<'_>, overlap: &Overlap) -> Option<Finding> {
    let message = match (overlap.selected.as_slice(), overlap.selecting.as_slice()) {
        ([], []) => return None,
        ([], selecting) => {
            let told = selecting.get(..MAX_TOLD).unwrap_or(selecting);
            format!("the pods also match the selector of {}", shown(peers, told))
        }
        (selected, _) => {
            format!("the selector also matches the pods of {}", shown(peers, &first_by_name(peers, selected)))
        }
    };
    let mut finding = RULE.finding(FieldPath::of(&["spec", "selector"]), message);
    if peers.node_count() > 0 {
        let places = overlap.selected.iter().chain(&overlap.selecting);
        let facts = places.filter_map(|place| peer_facts(peers, *place)).collect();
        finding = finding.facts(Facts::Peers(PeerRelation::Selectors, facts));
    }
    Some(
        finding
            .at(Anchor::Key)
            .help("give each DaemonSet a label of its own, in its selector and in its template"),
    )
}

/// Those that are told of many, in the order in which they were given.
fn first_by_name(peers: &Peers<'_>, places: &[usize]) -> Vec<usize> {
    let mut places = places.to_vec();
    if places.len() > MAX_TOLD {
        places.sort_by_key(|place| peers.get(*place).map(|peer| &*peer.name));
        places.truncate(MAX_TOLD);
        places.sort_unstable();
    }
    places
}

/// What an update adds.
pub(in crate::rules) fn added(added: &[PeerFacts]) -> String {
    let names: Vec<&str> = added.iter().take(MAX_TOLD).map(|peer| &*peer.name).collect();
    format!(
        "with this update its pods can be confused with those of DaemonSet {} in the cluster",
        folded(&names)
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
