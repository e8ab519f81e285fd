//! The rule `host-port-clash`. Its page is `host_port_clash.md`.

use std::collections::BTreeSet;

use super::{node_names, node_set, peer_facts};
use crate::facts::{Facts, PeerFacts, PeerRelation};
use crate::finding::Finding;
use crate::levels::{AdmissionLevel, Level};
use crate::peers::host_ports::{Clash, clashes};
use crate::peers::{MAX_COMPARED, Peers};
use crate::rules::{Check, Family, PeerFindings, Rule};
use crate::words::count::{counted, thousands};
use crate::words::names::{folded, listed};

/// Two DaemonSets that need the same host port of one node.
pub(in crate::rules) static RULE: Rule = Rule {
    id: "host-port-clash",
    level: Level::Warning,
    admission: Some(AdmissionLevel::Warn),
    family: Family::Peers,
    since: "0.1.0",
    summary: "another DaemonSet uses the same host port on the same nodes",
    page: include_str!("host_port_clash.md"),
    check: Check::Peers(check),
};

/// How many other DaemonSets get a finding of their own; more are counted.
const MAX_NAMED: usize = 3;

fn check(peers: &Peers<'_>, findings: &mut PeerFindings) {
    for (place, clashes) in clashes(peers).iter().enumerate() {
        let named = clashes.len().min(MAX_NAMED);
        for (number, clash) in clashes.iter().take(MAX_NAMED).enumerate() {
            // The last one counts the others.
            let others = if number.saturating_add(1) == named { clashes.get(named..) } else { None };
            if let Some(finding) = finding(peers, clash, others.unwrap_or_default()) {
                findings.push(place, finding);
            }
        }
    }
}

fn finding(peers: &Peers<'_>, clash: &Clash<'_>, more: &[Clash<'_>]) -> Option<Finding> {
    let other = peers.get(clash.other)?;
    let ports: BTreeSet<String> = clash.ports.iter().map(|port| port.shown()).collect();
    let ports: Vec<&str> = ports.iter().map(String::as_str).collect();
    let message = message(peers, &ports, (&other.namespace, &other.name), &clash.nodes, more.len());
    let facts = std::iter::once(clash).chain(more).filter_map(|clash| facts(peers, clash)).collect();
    let finding = RULE.finding(clash.path.clone(), message);
    let finding = finding.facts(Facts::Peers(PeerRelation::HostPorts, facts));
    Some(finding.help("use another host port, or keep the two on different nodes"))
}

/// What is said of one other DaemonSet; `more` are not named.
fn message(
    peers: &Peers<'_>,
    ports: &[&str],
    (namespace, name): (&str, &str),
    nodes: &[usize],
    more: usize,
) -> String {
    let (all, count) = (peers.node_count(), nodes.len());
    let nodes = if count == all {
        "all nodes".to_owned()
    } else if count <= peers.named_nodes {
        listed(&node_names(peers, nodes), count)
    } else {
        format!("{} of {} nodes", thousands(count), thousands(all))
    };
    let others = match more {
        0 => String::new(),
        // No further ones were compared.
        more if more.saturating_add(MAX_NAMED) >= MAX_COMPARED => {
            format!("; at least {more} other DaemonSets need its host ports as well")
        }
        1 => "; 1 other DaemonSet needs its host ports as well".to_owned(),
        more => format!("; {} need its host ports as well", counted(more, "other DaemonSet")),
    };
    let (noun, verb) = if ports.len() == 1 { ("port", "is") } else { ("ports", "are") };
    format!(
        "host {noun} {} {verb} also needed by DaemonSet {namespace}/{name} on {nodes}: only one of the two runs there{others}",
        folded(ports),
    )
}

/// What an update adds, of one other DaemonSet, and how many others are not named.
pub(in crate::rules) fn added(peers: &Peers<'_>, added: &[PeerFacts]) -> Option<String> {
    let first = added.first()?;
    let is_first = |one: &&PeerFacts| one.name == first.name && one.namespace == first.namespace;
    let others: BTreeSet<_> =
        added.iter().filter(|one| !is_first(one)).map(|one| (&one.namespace, &one.name)).collect();
    let told = |one: &PeerFacts, more: usize| {
        let ports: Vec<String> =
            one.ports.iter().map(|(protocol, port)| format!("{port}/{protocol}")).collect();
        let ports: Vec<&str> = ports.iter().map(String::as_str).collect();
        let nodes: Vec<usize> = one.nodes.iter().map(|node| node as usize).collect();
        message(peers, &ports, (&one.namespace, &one.name), &nodes, more)
    };
    let mut parts: Vec<String> = added.iter().filter(is_first).skip(1).map(|one| told(one, 0)).collect();
    parts.insert(0, told(first, others.len()));
    Some(format!("with this update {}", parts.join("; ")))
}

/// A port is told by protocol and number: on which address of the node it is needed makes no difference to who can run.
fn facts(peers: &Peers<'_>, clash: &Clash<'_>) -> Option<PeerFacts> {
    let mut facts = peer_facts(peers, clash.other)?;
    let ports: BTreeSet<(&str, i32)> = clash.ports.iter().map(|port| (&*port.protocol, port.port)).collect();
    facts.ports = ports.into_iter().map(|(protocol, port)| (protocol.into(), port)).collect();
    facts.nodes = node_set(&clash.nodes);
    Some(facts)
}
