//! DaemonSets that want the same port of the same nodes.

use std::collections::{BTreeSet, HashMap};

use super::{Gathering, MOST_LOOKED_AT};
use crate::placement::note::Note;
use crate::words::names::folded;

/// A note for each other DaemonSet that wants a port of a node where both would run. Ports that pods hold already are the filter
/// `NodePorts`' to tell: there one of both does not run.
pub(super) fn notes(all: &Gathering<'_>) -> Vec<(usize, Note)> {
    let mut wanting: HashMap<(i32, &str), Vec<usize>> = HashMap::new();
    for (place, party) in all.parties.iter().enumerate() {
        for port in &party.ports {
            wanting.entry((port.port, &port.protocol)).or_default().push(place);
        }
    }
    let mut notes = Vec::new();
    for (place, one) in all.given() {
        let rivals = one.ports.iter().filter_map(|port| wanting.get(&(port.port, &*port.protocol))).flatten();
        let rivals: BTreeSet<usize> = rivals.copied().collect();
        let others = rivals.into_iter().filter_map(|place| Some((place, all.get(place)?)));
        for (rival, other) in others.filter(|(_, other)| !one.is(other)).take(MOST_LOOKED_AT) {
            let contested =
                one.ports.iter().filter(|port| other.ports.iter().any(|held| held.conflicts_with(port)));
            let contested: BTreeSet<String> = contested.map(|port| port.shown()).collect();
            let nodes = all.nodes_where(|node| one.runs(node) && other.runs(node));
            if contested.is_empty() || nodes.is_empty() {
                continue;
            }
            let contested: Vec<&str> = contested.iter().map(String::as_str).collect();
            let noun = if contested.len() == 1 { "port" } else { "ports" };
            let message = format!(
                "{}/{}{} wants host {noun} {} too, on {}: the pod that is scheduled second stays Pending there; use other \
                 ports, or keep the two on different nodes",
                other.namespace,
                other.name,
                all.whereabouts(rival),
                folded(&contested),
                folded(&nodes),
            );
            notes.push((place, Note { id: "host-port-collision", message, path: None }));
        }
    }
    notes
}
