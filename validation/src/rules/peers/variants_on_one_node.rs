//! The rule `variants-on-one-node`. Its page is `variants_on_one_node.md`.

use super::{node_names, node_set, peer_facts};
use crate::facts::{Facts, PeerFacts, PeerRelation};
use crate::levels::{AdmissionLevel, Level};
use crate::path::FieldPath;
use crate::peers::Peers;
use crate::peers::variants::{beside, families};
use crate::rules::{Check, Family, PeerFindings, Rule};
use crate::words::names::{folded, listed};

/// Two variants of one agent run on the same node.
pub(in crate::rules) static RULE: Rule = Rule {
    id: "variants-on-one-node",
    level: Level::Info,
    admission: Some(AdmissionLevel::Off),
    family: Family::Peers,
    since: "0.1.0",
    summary: "two variants of one agent run on the same node",
    page: include_str!("variants_on_one_node.md"),
    check: Check::Peers(check),
};

fn check(peers: &Peers<'_>, findings: &mut PeerFindings) {
    for family in families(peers) {
        for place in family.iter().copied().filter(|place| !peers.is_stored(*place)) {
            let Some(beside) = beside(peers, &family, place) else { continue };
            let others: Vec<&str> = beside
                .others
                .iter()
                .filter_map(|(other, _)| peers.get(*other))
                .map(|other| &*other.name)
                .collect();
            let message = format!(
                "runs beside {}, a variant of the same agent, on {}",
                folded(&others),
                listed(&node_names(peers, &beside.nodes), peers.named_nodes)
            );
            let path = FieldPath::of(&["spec", "template", "spec"]);
            let help = "if one is enough, let their `nodeSelector` or node affinity exclude each other";
            let facts = beside.others.iter().filter_map(|(other, nodes)| {
                Some(PeerFacts { nodes: node_set(nodes), ..peer_facts(peers, *other)? })
            });
            let facts = Facts::Peers(PeerRelation::Variants, facts.collect());
            findings.push(place, RULE.finding(path, message).help(help).facts(facts));
        }
    }
}
