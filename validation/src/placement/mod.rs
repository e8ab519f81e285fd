//! Where a DaemonSet's pods would run.
//!
//! The order is the cluster's own: the DaemonSet controller decides first whether it makes a pod for a node (`controller`), then
//! the pod that it would make for this node (`daemon_pod`) goes through the scheduler's filters (`filters`).

pub mod rollout;
pub mod wire;

mod amount;
mod controller;
mod daemon_pod;
mod filters;
mod host_port;
mod kind;
mod notes;
mod preemption;
mod priority;
mod requests;
mod resource;
mod runtime_class;
mod snapshot;
mod verdict;
mod volume;

use k8s_openapi::api::apps::v1::DaemonSet;

pub use host_port::HostPort;
pub use kind::{KINDS, Kind};
pub use resource::ResourceTotals;
pub use snapshot::{Node, NodeIndex, Pod, PodIndex, PodShape, Snapshot, SnapshotBuilder, Usage};
pub use verdict::{Insufficient, Note, Outcome, Preemption, Preview, Reason, Stage, Verdict};
pub use volume::PodVolume;

use crate::server::Server;
use daemon_pod::DaemonPod;
use filters::{Cluster, Site};

/// What would happen on each node of the snapshot.
///
/// `daemon_set` is the object as the server would store it.
pub fn explain(daemon_set: &DaemonSet, snapshot: &Snapshot, server: &Server) -> Preview {
    let Some(pod) = DaemonPod::new(daemon_set, snapshot, server) else { return Preview::default() };
    let cluster = Cluster::new(pod, snapshot, server);
    let indices = 0..NodeIndex::try_from(snapshot.nodes().len()).unwrap_or(NodeIndex::MAX);
    let verdicts =
        indices.filter_map(|index| cluster.site(index)).map(|mut site| decide(&cluster, &mut site));
    Preview { verdicts: verdicts.collect(), notes: notes::notes(&cluster) }
}

fn decide(cluster: &Cluster<'_>, site: &mut Site<'_>) -> Verdict {
    let refused = controller::node_should_run_daemon_pod(cluster, site);
    if !refused.is_empty() {
        let keeps_running = controller::keeps_running(cluster, site, &refused);
        return Verdict { outcome: Outcome::NotWanted(refused), preemption: None, keeps_running };
    }
    let outcome = outcome(filters::run(cluster, site));
    let waits = matches!(outcome, Outcome::Pending(_));
    let preemption = if waits { preemption::select_victims_on_node(cluster, site) } else { None };
    Verdict { outcome, preemption, keeps_running: true }
}

/// A refusal outweighs what is not known: the pod waits whatever the rest would be.
fn outcome(blocked: Vec<Reason>) -> Outcome {
    if blocked.is_empty() {
        Outcome::Runs
    } else if blocked.iter().any(|reason| reason.lacks.is_none()) {
        Outcome::Pending(blocked)
    } else {
        Outcome::Unknown(blocked)
    }
}
