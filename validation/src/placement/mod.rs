//! Where a DaemonSet's pods would run.
//!
//! The order is the cluster's own: the DaemonSet controller decides first whether it makes a pod for a node (`controller`), then
//! the pod that it would make for this node (`daemon_pod`) goes through the scheduler's filters (`filters`).

mod controller;
mod daemon_pod;
mod filters;
mod snapshot;
mod verdict;

use k8s_openapi::api::apps::v1::DaemonSet;

pub use snapshot::{Node, Snapshot};
pub use verdict::{Outcome, Reason, Stage, Verdict};

use crate::server::Server;

/// The verdict for each node of the snapshot, in its order.
///
/// `daemon_set` is the object as the server would store it.
pub fn explain(daemon_set: &DaemonSet, snapshot: &Snapshot, server: &Server) -> Vec<Verdict> {
    let tolerations = daemon_pod::tolerations(daemon_set);
    let cluster = filters::Cluster { daemon_set, tolerations: &tolerations, server };
    snapshot.nodes.iter().map(|node| Verdict { outcome: decide(&cluster, node) }).collect()
}

fn decide(cluster: &filters::Cluster<'_>, node: &Node) -> Outcome {
    let refused = controller::node_should_run_daemon_pod(cluster, node);
    if !refused.is_empty() {
        return Outcome::NotWanted(refused);
    }
    let mut blocked: Vec<Reason> = Vec::new();
    for filter in filters::FILTERS {
        (filter.run)(cluster, node, &mut blocked);
    }
    if blocked.is_empty() { Outcome::Runs } else { Outcome::Pending(blocked) }
}
