//! Which of a finding's facts an update adds.

use std::collections::HashSet;

use super::placed::Placed;
use crate::facts::{Facts, NodeSet, NodeState, PeerFacts, PeerRelation};
use crate::finding::Finding;
use crate::peers::OnNode;
use crate::peers::host_ports::{clash, contested};
use crate::peers::selectors::overlap;

/// What an update adds to a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Added {
    /// Nothing: the stored version has it as well, or may have it.
    Nothing,
    /// All of it.
    All,
    /// These facts, which are some of its own.
    Some(Facts),
}

/// What a finding about a new version says that does not hold for `old`, the stored version. What may hold for all that is known is not
/// added.
///
/// A finding without facts is compared by its rule, field and message.
pub fn added(finding: &Finding, old: &Placed<'_>) -> Added {
    let of_rule = || old.findings().iter().filter(|found| found.rule == finding.rule);
    let Some(facts) = finding.facts.as_deref() else {
        // Rule, field and message are all that there is.
        let had = of_rule().any(|found| found.field == finding.field && found.message == finding.message);
        return if had { Added::Nothing } else { Added::All };
    };
    let of_old = || of_rule().filter_map(|found| found.facts.as_deref());
    match facts {
        Facts::Cluster => Added::Nothing,
        Facts::Whole => all_or_nothing(of_old().any(|facts| *facts == Facts::Whole)),
        Facts::Nodes(state, nodes) => {
            let left = nodes.without(&had(*state, nodes, old, of_old()));
            of_nodes(nodes, left, |left| Facts::Nodes(*state, left))
        }
        // The answer for all nodes is unknown where there was no preview, and the stored version has one.
        Facts::Unknown(_, nodes) if nodes.is_empty() => Added::All,
        Facts::Unknown(why, nodes) => {
            let left = nodes.without(&old.previewed.standing().unknown);
            of_nodes(nodes, left, |left| Facts::Unknown(*why, left))
        }
        Facts::Peers(relation, peers) => {
            let left: Vec<PeerFacts> = match relation {
                PeerRelation::HostPorts => peers.iter().flat_map(|peer| ports_added(peer, old)).collect(),
                PeerRelation::Selectors => {
                    peers.iter().filter(|peer| !overlaps(peer, old)).cloned().collect()
                }
                PeerRelation::Variants => {
                    peers.iter().filter_map(|peer| nodes_added(peer, old, of_old())).collect()
                }
            };
            if left.is_empty() {
                Added::Nothing
            } else if left == *peers {
                Added::All
            } else {
                Added::Some(Facts::Peers(*relation, left))
            }
        }
    }
}

fn all_or_nothing(had: bool) -> Added {
    if had { Added::Nothing } else { Added::All }
}

fn of_nodes(all: &NodeSet, left: NodeSet, facts: impl Fn(NodeSet) -> Facts) -> Added {
    if left.is_empty() {
        Added::Nothing
    } else if left == *all {
        Added::All
    } else {
        Added::Some(facts(left))
    }
}

/// The nodes of which the same was true of the stored version, or may have been.
fn had<'f>(
    state: NodeState,
    nodes: &NodeSet,
    old: &Placed<'_>,
    found: impl Iterator<Item = &'f Facts>,
) -> NodeSet {
    let standing = old.previewed.standing();
    match state {
        NodeState::Absent => standing.may_be_absent(),
        NodeState::Refused => standing.refused.or(&standing.unknown),
        NodeState::Pending => standing.pending.or(&standing.unknown),
        NodeState::Ended => standing.ended.clone(),
        NodeState::Lost => {
            let rollout = old.previewed.preview.rollout.iter();
            rollout.flat_map(|rollout| rollout.lost.iter().chain(&rollout.suspended)).copied().collect()
        }
        NodeState::NotReady => standing.may_be_wanted(nodes),
        NodeState::Uncovered => found.fold(standing.unknown.clone(), |all, facts| match facts {
            Facts::Nodes(NodeState::Uncovered, nodes) => all.or(nodes),
            _ => all,
        }),
    }
}

/// Ports and nodes that only the new version contests: ports that the stored version does not need, on all nodes, and the others on
/// nodes where the stored version does not need them.
fn ports_added(facts: &PeerFacts, old: &Placed<'_>) -> Vec<PeerFacts> {
    let all = || vec![facts.clone()];
    let place = old.place(&facts.namespace, &facts.name);
    let Some((one, place)) = old.peers.get(0).zip(place) else { return all() };
    let Some(other) = old.peers.get(place) else { return all() };
    let had: HashSet<(&str, i32)> =
        contested(one, other).map(|port| (&*port.port.protocol, port.port.port)).collect();
    let had = |port: &(Box<str>, i32)| had.contains(&(&*port.0, port.1));
    let (kept, new): (Vec<_>, Vec<_>) = facts.ports.iter().cloned().partition(had);
    if kept.is_empty() {
        return all();
    }
    // Of these ports only the nodes can be new.
    let nodes = clash(old.peers, 0, place).map(|clash| clash.nodes).unwrap_or_default();
    let mut nodes: NodeSet = nodes.into_iter().filter_map(|node| u32::try_from(node).ok()).collect();
    for (node, on_node) in (0..).zip(old.peers.nodes(0)) {
        if *on_node == OnNode::Unknown {
            nodes.insert(node);
        }
    }
    let nodes = facts.nodes.without(&nodes);
    if nodes == facts.nodes {
        return all();
    }
    let of_new = PeerFacts { ports: new, ..facts.clone() };
    let of_kept = PeerFacts { ports: kept, nodes, ..facts.clone() };
    [of_new, of_kept].into_iter().filter(|one| !one.ports.is_empty() && !one.nodes.is_empty()).collect()
}

fn overlaps(facts: &PeerFacts, old: &Placed<'_>) -> bool {
    let other = old.place(&facts.namespace, &facts.name).and_then(|place| old.peers.get(place));
    old.peers.get(0).zip(other).is_some_and(|(one, other)| overlap(one, other))
}

/// The nodes on which the stored version does not run beside the other one.
fn nodes_added<'f>(
    facts: &PeerFacts,
    old: &Placed<'_>,
    found: impl Iterator<Item = &'f Facts>,
) -> Option<PeerFacts> {
    let mut had = old.previewed.standing().unknown.clone();
    for facts_of_old in found {
        let Facts::Peers(PeerRelation::Variants, peers) = facts_of_old else { continue };
        let same = peers.iter().filter(|peer| peer.name == facts.name && peer.namespace == facts.namespace);
        had = same.fold(had, |all, peer| all.or(&peer.nodes));
    }
    let nodes = facts.nodes.without(&had);
    (!nodes.is_empty()).then(|| PeerFacts { nodes, ..facts.clone() })
}
