//! Host ports that a DaemonSet of the cluster wants as well, asked of one DaemonSet at a time and as cheaply as a review needs it.

use std::collections::BTreeSet;

use k8s_openapi::api::apps::v1::DaemonSet;

use super::{MOST_LOOKED_AT, name_of};
use crate::path::FieldPath;
use crate::placement::filter::Filter;
use crate::placement::host_port;
use crate::placement::preview::Preview;
use crate::placement::snapshot::{NodeIndex, Snapshot};
use crate::placement::verdict::Outcome;
use crate::server::Server;

/// A DaemonSet of the cluster that wants host ports of nodes which another one needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PortClash {
    /// The other's namespace.
    pub namespace: String,
    /// The other's name.
    pub name: String,
    /// The ports, as people write them: `9100/TCP`.
    pub ports: Vec<String>,
    /// The nodes where both are wanted and only one of them can run.
    pub nodes: Vec<NodeIndex>,
    /// Where the first of the ports stands in the manifest.
    pub path: FieldPath,
}

/// The DaemonSets of the cluster that want the same host ports of the same nodes. Where a pod holds the port already, the node is
/// counted as well. Only those that want the ports at all are looked at further.
pub fn port_clashes(
    daemon_set: &DaemonSet,
    preview: &Preview,
    snapshot: &Snapshot,
    server: &Server,
) -> Vec<PortClash> {
    let ports = daemon_set.spec.template.spec.as_ref().map(host_port::of_template).unwrap_or_default();
    if ports.is_empty() {
        return Vec::new();
    }
    let itself = name_of(daemon_set);
    let mut clashes = Vec::new();
    for other in snapshot.daemon_sets().iter().filter(|other| name_of(other) != itself) {
        let theirs = other.spec.template.spec.as_ref().map(host_port::of_template).unwrap_or_default();
        let contested =
            ports.iter().filter(|port| theirs.iter().any(|held| held.port.conflicts_with(&port.port)));
        let Some(first) = contested.clone().next() else { continue };
        let there = super::super::explain(other, snapshot, server);
        let both = (0..).zip(preview.verdicts.iter().zip(&there.verdicts));
        let nodes: Vec<NodeIndex> = both
            .filter(|(_, (ours, theirs))| wants(&ours.outcome) && wants(&theirs.outcome))
            .map(|(node, _)| node)
            .collect();
        if !nodes.is_empty() {
            let shown: BTreeSet<String> = contested.map(|port| port.port.shown()).collect();
            let (namespace, name) = name_of(other);
            clashes.push(PortClash {
                namespace: namespace.to_owned(),
                name: name.to_owned(),
                ports: shown.into_iter().collect(),
                nodes,
                path: first.path.clone(),
            });
        }
        if clashes.len() >= MOST_LOOKED_AT {
            break;
        }
    }
    clashes.sort_by(|one, other| (&one.namespace, &one.name).cmp(&(&other.namespace, &other.name)));
    clashes
}

/// Whether a pod runs there, or would but for a port that is held.
fn wants(outcome: &Outcome) -> bool {
    match outcome {
        Outcome::Runs => true,
        Outcome::Pending(reasons) => reasons.iter().all(|reason| reason.filter == Filter::NodePorts),
        Outcome::NotWanted(_) | Outcome::Unknown(_) => false,
    }
}
