//! The sentence about what an update adds.

use super::placed::Placed;
use crate::facts::{Facts, NodeSet, NodeState, PeerRelation};
use crate::finding::Finding;
use crate::rules::groups::Groups;
use crate::rules::line;
use crate::rules::peers::{host_port_clash, overlapping_selectors};
use crate::words::names::{listed, natural};

/// A finding about the new version, with a sentence that names what the update adds: some or all of its facts.
pub fn told(new: &Placed<'_>, finding: Finding, added: &Facts) -> Finding {
    let whole = finding.facts.as_deref() == Some(added);
    let message = match added {
        Facts::Nodes(NodeState::Absent, nodes) => Some(lost(new, &finding, nodes)),
        Facts::Nodes(NodeState::Pending, nodes) if !whole => {
            Some(format!("{}; with this update also on {}", finding.message, names(new, nodes)))
        }
        Facts::Nodes(_, nodes) if !whole => {
            Some(format!("{}; with this update on {}", finding.message, names(new, nodes)))
        }
        Facts::Unknown(_, nodes) if !nodes.is_empty() => {
            Some(format!("{}; it was known of {}", finding.message, names(new, nodes)))
        }
        Facts::Peers(PeerRelation::HostPorts, peers) if !whole => host_port_clash::added(new.peers, peers),
        Facts::Peers(PeerRelation::Selectors, peers) if !whole => Some(overlapping_selectors::added(peers)),
        _ => None,
    };
    match message {
        Some(message) => Finding { message: message.into(), ..finding },
        None => finding,
    }
}

/// What is said of nodes on which the stored version runs and the new one does not.
fn lost(new: &Placed<'_>, finding: &Finding, nodes: &NodeSet) -> String {
    let previewed = &new.previewed;
    if previewed.groups().runs_nowhere() {
        // Why is said already.
        return format!("{}; the stored version runs on {}", finding.message, names(new, nodes));
    }
    let groups = Groups::of_nodes(previewed.preview, previewed.snapshot.nodes(), nodes);
    line::lost(&groups, previewed.groups(), previewed.named_nodes)
}

/// `a-1, a-2 and 3 others`.
fn names(new: &Placed<'_>, nodes: &NodeSet) -> String {
    let previewed = &new.previewed;
    let all = previewed.snapshot.nodes();
    let mut names: Vec<&str> =
        nodes.iter().filter_map(|node| all.get(node as usize)).map(|node| &*node.name).collect();
    names.sort_by_cached_key(|name| natural(name));
    listed(&names, previewed.named_nodes.max(1))
}
