//! Taints that state something passing: the node gets rid of them without anyone changing the manifest.

use super::cause::{Cause, NodeTaint};
use super::reason::Reason;

/// Why a taint passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PassingState {
    /// The node is not ready, or does not answer.
    NotReady,
    /// The node is short of memory, disk or process IDs.
    Pressure,
    /// The node's network is not set up yet.
    NoNetwork,
    /// The node is cordoned.
    Cordoned,
    /// A controller or an agent has not prepared the node yet.
    Starting,
    /// The node is about to be removed, or was shut down.
    Leaving,
}

/// Taint keys, sorted.
///
/// Upstream: `api/core/v1.TaintNodeNotReady` and the others of `well_known_taints.go`, `k8s.io/cloud-provider/api`; the autoscaler's
/// `utils/taints`; Karpenter's `pkg/apis/v1`; Cluster API's `NodeUninitializedTaint`; the agents' own documents.
const PASSING: &[(&str, PassingState)] = &[
    ("DeletionCandidateOfClusterAutoscaler", PassingState::Leaving),
    ("ToBeDeletedByClusterAutoscaler", PassingState::Leaving),
    ("aws-node-termination-handler/asg-lifecycle-termination", PassingState::Leaving),
    ("aws-node-termination-handler/rebalance-recommendation", PassingState::Leaving),
    ("aws-node-termination-handler/scheduled-maintenance", PassingState::Leaving),
    ("aws-node-termination-handler/spot-itn", PassingState::Leaving),
    ("cloud.google.com/impending-node-termination", PassingState::Leaving),
    ("ebs.csi.aws.com/agent-not-ready", PassingState::Starting),
    ("efs.csi.aws.com/agent-not-ready", PassingState::Starting),
    ("fsx.csi.aws.com/agent-not-ready", PassingState::Starting),
    ("karpenter.sh/disrupted", PassingState::Leaving),
    ("karpenter.sh/disruption", PassingState::Leaving),
    ("karpenter.sh/unregistered", PassingState::Starting),
    ("node.cilium.io/agent-not-ready", PassingState::Starting),
    ("node.cloudprovider.kubernetes.io/shutdown", PassingState::Leaving),
    ("node.cloudprovider.kubernetes.io/uninitialized", PassingState::Starting),
    ("node.cluster.x-k8s.io/outdated-revision", PassingState::Leaving),
    ("node.cluster.x-k8s.io/uninitialized", PassingState::Starting),
    ("node.kubernetes.io/disk-pressure", PassingState::Pressure),
    ("node.kubernetes.io/memory-pressure", PassingState::Pressure),
    ("node.kubernetes.io/network-unavailable", PassingState::NoNetwork),
    ("node.kubernetes.io/not-ready", PassingState::NotReady),
    ("node.kubernetes.io/out-of-service", PassingState::Leaving),
    ("node.kubernetes.io/pid-pressure", PassingState::Pressure),
    ("node.kubernetes.io/unreachable", PassingState::NotReady),
    ("node.kubernetes.io/unschedulable", PassingState::Cordoned),
];

impl NodeTaint {
    /// What the taint says of the node, if that passes; `None` if the taint stays until someone removes it.
    pub fn passing(&self) -> Option<PassingState> {
        let place = PASSING.binary_search_by(|(key, _)| (*key).cmp(&self.key)).ok()?;
        PASSING.get(place).map(|(_, state)| *state)
    }
}

/// Whether a reason holds only while a state of the node lasts.
pub(super) fn is_passing(reason: &Reason) -> bool {
    match &reason.cause {
        Cause::Taints(taints) => taints.iter().all(|taint| taint.passing().is_some()),
        Cause::Unschedulable => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted_and_each_key_is_found() {
        assert!(PASSING.is_sorted_by(|one, other| one.0 < other.0));
        let of = |key: &str| {
            NodeTaint { key: key.into(), value: "".into(), effect: "NoSchedule".into() }.passing()
        };
        assert!(PASSING.iter().all(|(key, state)| of(key) == Some(*state)));
        assert_eq!(of("node-role.kubernetes.io/control-plane"), None);
        assert_eq!(of("nvidia.com/gpu"), None);
    }
}
