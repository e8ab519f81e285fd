//! DaemonSets that need the same host port of the same nodes.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::alternatives::Alternatives;
use super::{MAX_COMPARED, OnNode, Peer, Peers};
use crate::path::FieldPath;
use crate::placement::{HostPort, TemplatePort};

/// Another DaemonSet that needs host ports of nodes which one needs as well.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clash<'p> {
    /// The place of the other one in [`Peers`].
    pub other: usize,
    /// The ports, in the order of the manifest.
    pub ports: Vec<&'p HostPort>,
    /// The nodes on which only one of the two can run, by place in the snapshot.
    pub nodes: Vec<usize>,
    /// Where the first of the ports is written.
    pub path: &'p FieldPath,
}

/// The clashes of each DaemonSet that is checked, in order. Each is compared with at most [`MAX_COMPARED`] others that need one of its
/// ports; only these are previewed.
///
/// A node counts where both would run, or would run if their ports were free: whichever pod is scheduled second stays pending.
pub fn clashes<'p>(peers: &'p Peers<'_>) -> Vec<Vec<Clash<'p>>> {
    let checked = || (0..peers.checked()).filter_map(|place| peers.get(place));
    // A clash needs a node and a port.
    if peers.node_count() == 0 || checked().all(|one| one.ports.is_empty()) {
        return checked().map(|_| Vec::new()).collect();
    }
    let mut users: HashMap<(i32, &str), Vec<usize>> = HashMap::new();
    for (place, peer) in peers.iter() {
        if !peers.spend(peer.ports.len()) {
            break;
        }
        for port in &peer.ports {
            let users = users.entry((port.port.port, &port.port.protocol)).or_default();
            // One may need a port on many addresses.
            if users.last() != Some(&place) {
                users.push(place);
            }
        }
    }
    let alternatives = Alternatives::of(peers);
    (0..peers.checked()).map(|place| clashes_of(peers, &alternatives, &users, place)).collect()
}

/// The ports of `one` that the other needs as well, in their order.
pub fn contested<'p>(one: &'p Peer, other: &Peer) -> impl Iterator<Item = &'p TemplatePort> {
    let mut held: HashMap<(i32, &str), HashSet<&str>> = HashMap::new();
    for TemplatePort { port, .. } in &other.ports {
        held.entry((port.port, &port.protocol)).or_default().insert(&port.ip);
    }
    let conflicts = |port: &HostPort| {
        held.get(&(port.port, &*port.protocol)).is_some_and(|addresses| {
            port.is_on_all_addresses()
                || addresses.contains(&*port.ip)
                || addresses.contains(HostPort::ALL_ADDRESSES)
        })
    };
    let contested: Vec<_> = one.ports.iter().filter(|port| conflicts(&port.port)).collect();
    contested.into_iter()
}

fn clashes_of<'p>(
    peers: &'p Peers<'_>,
    alternatives: &Alternatives<'_>,
    users: &HashMap<(i32, &str), Vec<usize>>,
    place: usize,
) -> Vec<Clash<'p>> {
    let Some(one) = peers.get(place) else { return Vec::new() };
    // The first of all rivals are among the first users of each port, and thousands of DaemonSets may use the same one.
    let mut rivals: BTreeSet<usize> = BTreeSet::new();
    for port in &one.ports {
        let of_port = users.get(&(port.port.port, &*port.port.protocol));
        rivals.extend(of_port.into_iter().flatten().take(MAX_COMPARED.saturating_add(1)));
    }
    let others = rivals.into_iter().filter_map(|rival| Some((rival, peers.get(rival)?)));
    let others = others.filter(|(_, other)| !one.is(other) && alternatives.are_together(one, other));
    others.take(MAX_COMPARED).filter_map(|(rival, _)| clash(peers, place, rival)).collect()
}

/// What two DaemonSets both need, if they get in each other's way. Neither is compared with others.
pub fn clash<'p>(peers: &'p Peers<'_>, place: usize, rival: usize) -> Option<Clash<'p>> {
    let (one, other) = (peers.get(place)?, peers.get(rival)?);
    if !peers.spend(one.ports.len().saturating_add(other.ports.len())) {
        return None;
    }
    let contested: Vec<_> = contested(one, other).collect();
    let first = contested.first()?;
    let needs = |on_node: OnNode| matches!(on_node, OnNode::Runs | OnNode::NeedsPort);
    let nodes = peers.nodes_where(place, rival, |one, other| needs(one) && needs(other));
    let ports = contested.iter().map(|port| &port.port).collect();
    (!nodes.is_empty()).then_some(Clash { other: rival, ports, nodes, path: &first.path })
}
