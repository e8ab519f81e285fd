//! Compares a DaemonSet of the cluster with its status and with where its pods are.

use daemonset_validation::placement::{Kind, NodeVerdict, Outcome, Snapshot};
use k8s_openapi::api::apps::v1::{DaemonSet, DaemonSetStatus};
use k8s_openapi::jiff::Timestamp;

/// The status of a stored DaemonSet, and the numbers that follow from the preview and the pods.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// `status`, as the controller wrote it last.
    pub status: DaemonSetStatus,
    /// Nodes that should run the pod.
    pub desired: usize,
    /// Of these, nodes that have the pod.
    pub current: usize,
    /// Of these, nodes where the pod is ready.
    pub ready: usize,
    /// Nodes that have the pod and should not run it.
    pub misscheduled: usize,
}

/// The pod of the DaemonSet on a node, or that it is missing.
#[derive(Clone, Debug)]
pub struct NodePod {
    /// The pod's name; `None` if the pod is missing.
    pub name: Option<String>,
    /// Whether the pod exists and is ready.
    pub state: PodState,
    /// When it became ready, in RFC 3339.
    pub ready_since: Option<String>,
    /// What the controller does with a pod on a node that should not run it.
    pub fate: Option<Fate>,
}

/// Whether the pod of a node exists and is ready.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PodState {
    /// It is ready.
    Ready,
    /// It is not ready.
    NotReady,
    /// It is being deleted.
    Terminating,
    /// It does not exist, and the node should run it.
    Missing,
}

impl PodState {
    /// The word in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::NotReady => "notReady",
            Self::Terminating => "terminating",
            Self::Missing => "missing",
        }
    }
}

/// What the controller does with a pod on a node that should not run it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// The controller keeps it.
    Stays,
    /// The controller deletes it.
    Ended,
}

impl Fate {
    /// The word in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Stays => "stays",
            Self::Ended => "ended",
        }
    }
}

/// The comparison, and the pod of each node in the snapshot's order: `None` where there is no pod and none is wanted. The list is empty
/// if pods were not read.
pub fn compare(
    daemon_set: &DaemonSet,
    snapshot: &Snapshot,
    verdicts: &[NodeVerdict],
) -> (Comparison, Vec<Option<NodePod>>) {
    let name = daemon_set.metadata.name.as_deref().unwrap_or_default();
    let namespace = daemon_set.metadata.namespace.as_deref().unwrap_or("default");
    let mut comparison = Comparison {
        status: daemon_set.status.clone().unwrap_or_default(),
        desired: 0,
        current: 0,
        ready: 0,
        misscheduled: 0,
    };
    let own = snapshot.pods_of_daemon_set(namespace, name);
    let pods = own.iter().filter_map(|index| snapshot.pod(*index));
    let mut by_node: Vec<_> = pods.filter_map(|pod| Some((pod.node?, pod))).collect();
    by_node.sort_by_key(|(node, pod)| (*node, pod.terminating, pod.started));
    let mut found = Vec::new();
    for (index, verdict) in (0..).zip(verdicts) {
        let wanted = !matches!(verdict.outcome, Outcome::NotWanted(_));
        let first = by_node.partition_point(|(at, _)| *at < index);
        let pod = by_node.get(first).filter(|(at, _)| *at == index).map(|(_, pod)| *pod);
        let count = |count: &mut usize, yes: bool| *count = count.saturating_add(usize::from(yes));
        let ready = pod.is_some_and(|pod| pod.ready_since.is_some());
        count(&mut comparison.desired, wanted);
        count(&mut comparison.current, wanted && pod.is_some());
        count(&mut comparison.ready, wanted && ready);
        count(&mut comparison.misscheduled, !wanted && pod.is_some());
        found.push(match pod {
            Some(pod) => Some(NodePod {
                name: Some(pod.name.to_string()),
                state: match (pod.terminating, ready) {
                    (true, _) => PodState::Terminating,
                    (_, true) => PodState::Ready,
                    _ => PodState::NotReady,
                },
                ready_since: pod.ready_since.and_then(time),
                fate: (!wanted).then_some(if verdict.keeps_running { Fate::Stays } else { Fate::Ended }),
            }),
            None if wanted => {
                Some(NodePod { name: None, state: PodState::Missing, ready_since: None, fate: None })
            }
            None => None,
        });
    }
    if !snapshot.has(Kind::Pod) {
        found.clear();
    }
    (comparison, found)
}

fn time(seconds: i64) -> Option<String> {
    Timestamp::from_second(seconds).ok().filter(|_| seconds > i64::MIN).map(|time| time.to_string())
}
