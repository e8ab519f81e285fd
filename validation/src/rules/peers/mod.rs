//! Rules about several DaemonSets: those that are checked, and those in the cluster. What is decided is in `peers/`.

pub(super) mod host_port_clash;
pub(super) mod overlapping_selectors;
pub(super) mod uncovered_nodes;
pub(super) mod variants_on_one_node;

use crate::peers::Peers;

/// The names of nodes, in the order that a person expects.
fn node_names<'p>(peers: &'p Peers<'_>, nodes: &[usize]) -> Vec<&'p str> {
    nodes.iter().map(|node| peers.node_name(*node)).collect()
}
