//! The rule `uncovered-nodes`. Its page is `uncovered_nodes.md`.

use super::{node_names, node_set};
use crate::facts::{Facts, NodeSet, NodeState};
use crate::levels::{AdmissionLevel, Level};
use crate::path::FieldPath;
use crate::peers::Peers;
use crate::peers::variants::{Uncovered, families, uncovered};
use crate::rules::{Check, Family, PeerFindings, Rule};
use crate::words::count::counted;
use crate::words::names::{folded, listed};

/// Nodes that no variant of an agent runs on.
pub(in crate::rules) static RULE: Rule = Rule {
    id: "uncovered-nodes",
    level: Level::Info,
    admission: Some(AdmissionLevel::Off),
    family: Family::Peers,
    since: "0.1.0",
    summary: "no variant of the agent runs on some nodes",
    page: include_str!("uncovered_nodes.md"),
    check: Check::Peers(check),
};

/// How many kinds of nodes a message tells apart, and of how many variants it gives the reason.
const MAX_KINDS: usize = 3;

fn check(peers: &Peers<'_>, findings: &mut PeerFindings) {
    for family in families(peers) {
        let kinds = uncovered(peers, &family);
        if kinds.is_empty() {
            continue;
        }
        let members: Vec<&str> =
            family.iter().filter_map(|place| peers.get(*place)).map(|member| &*member.name).collect();
        let described: Vec<String> =
            kinds.iter().take(MAX_KINDS).map(|kind| described(peers, &members, kind)).collect();
        let more: usize = kinds.iter().skip(MAX_KINDS).map(|kind| kind.nodes.len()).sum();
        let more = if more == 0 {
            String::new()
        } else {
            format!("; {} for other reasons", counted(more, "more node"))
        };
        let message =
            format!("none of the variants {} runs on {}{more}", folded(&members), described.join("; "));
        let nodes = kinds.iter().fold(NodeSet::default(), |all, kind| all.or(&node_set(&kind.nodes)));
        for place in family.iter().copied().filter(|place| !peers.is_stored(*place)) {
            let path = FieldPath::of(&["spec", "template", "spec"]);
            let help = "if the agent belongs there, let one of them match the nodes, or add a variant";
            let facts = Facts::Nodes(NodeState::Uncovered, nodes.clone());
            findings.push(place, RULE.finding(path, message.clone()).help(help).facts(facts));
        }
    }
}

/// `gpu-1 and gpu-2 (agent-linux: NodeAffinity, agent-windows: TaintToleration)`.
fn described(peers: &Peers<'_>, members: &[&str], kind: &Uncovered) -> String {
    let why =
        members.iter().zip(&kind.filters).map(|(member, filter)| format!("{member}: {}", filter.as_str()));
    let why: Vec<String> = why.take(MAX_KINDS).collect();
    format!("{} ({})", listed(&node_names(peers, &kind.nodes), peers.named_nodes), why.join(", "))
}
