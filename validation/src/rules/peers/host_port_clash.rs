//! The rule `host-port-clash`. Its page is `host_port_clash.md`.

use std::collections::BTreeSet;

use super::node_names;
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
        let more = clashes.len().saturating_sub(MAX_NAMED);
        for (number, clash) in clashes.iter().take(MAX_NAMED).enumerate() {
            let is_last = number.saturating_add(1) == MAX_NAMED;
            if let Some(finding) = finding(peers, clash, if is_last { more } else { 0 }) {
                findings.push(place, finding);
            }
        }
    }
}

fn finding(peers: &Peers<'_>, clash: &Clash<'_>, more: usize) -> Option<Finding> {
    let other = peers.get(clash.other)?;
    let ports: BTreeSet<String> = clash.ports.iter().map(|port| port.shown()).collect();
    let ports: Vec<&str> = ports.iter().map(String::as_str).collect();
    let (all, count) = (peers.node_count(), clash.nodes.len());
    let nodes = if count == all {
        "all nodes".to_owned()
    } else if count <= peers.named_nodes {
        listed(&node_names(peers, &clash.nodes), count)
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
    let message = format!(
        "host {noun} {} {verb} also needed by DaemonSet {}/{} on {nodes}: only one of the two runs there{others}",
        folded(&ports),
        other.namespace,
        other.name
    );
    let finding = RULE.finding(clash.path.clone(), message);
    Some(finding.help("use another host port, or keep the two on different nodes"))
}
