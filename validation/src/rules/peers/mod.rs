//! Rules about several DaemonSets: those that are checked, and those in the cluster. What is decided is in `peers/`.

pub(super) mod host_port_clash;
pub(super) mod overlapping_selectors;
pub(super) mod uncovered_nodes;
pub(super) mod variants_on_one_node;

use crate::facts::{NodeSet, PeerFacts};
use crate::peers::Peers;

/// The names of nodes, in the order that a person expects.
fn node_names<'p>(peers: &'p Peers<'_>, nodes: &[usize]) -> Vec<&'p str> {
    nodes.iter().map(|node| peers.node_name(*node)).collect()
}

fn node_set(nodes: &[usize]) -> NodeSet {
    nodes.iter().filter_map(|node| u32::try_from(*node).ok()).collect()
}

/// What is said of the DaemonSet at `place`, without ports and nodes.
fn peer_facts(peers: &Peers<'_>, place: usize) -> Option<PeerFacts> {
    let peer = peers.get(place)?;
    Some(PeerFacts {
        namespace: peer.namespace.as_str().into(),
        name: peer.name.as_str().into(),
        ports: Vec::new(),
        nodes: NodeSet::default(),
    })
}
