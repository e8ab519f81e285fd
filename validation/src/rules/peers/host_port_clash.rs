//! The rule `host-port-clash`. Its page is `host_port_clash.md`.

use std::collections::BTreeSet;

use super::node_names;
use crate::finding::Finding;
use crate::levels::{AdmissionLevel, Level};
use crate::peers::Peers;
use crate::peers::host_ports::{Clash, clashes};
use crate::rules::{Check, Family, PeerFindings, Rule};
use crate::words::count::thousands;
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

fn check(peers: &Peers<'_>, findings: &mut PeerFindings) {
    for (place, clashes) in clashes(peers).iter().enumerate() {
        for clash in clashes {
            if let Some(finding) = finding(peers, clash) {
                findings.push(place, finding);
            }
        }
    }
}

fn finding(peers: &Peers<'_>, clash: &Clash<'_>) -> Option<Finding> {
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
    let (noun, verb) = if ports.len() == 1 { ("port", "is") } else { ("ports", "are") };
    let message = format!(
        "host {noun} {} {verb} also needed by DaemonSet {}/{} on {nodes}: only one of the two runs there",
        folded(&ports),
        other.namespace,
        other.name
    );
    let finding = RULE.finding(clash.path.clone(), message);
    Some(finding.help("use another host port, or keep the two on different nodes"))
}
