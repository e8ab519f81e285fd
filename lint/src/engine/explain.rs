//! The preview of a DaemonSet on each node, with the manifest's line for each reason.

use daemonset_validation::placement::rollout::Rollout;
use daemonset_validation::placement::{Node, NodeVerdict, OutcomeKind, Preemption, Preview, Reason};

use super::cluster::Cluster;
use super::comparison::{Comparison, NodePod};

/// One DaemonSet's verdicts, a node each, in the snapshot's order.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// The nodes.
    pub nodes: Vec<ExplainedNode>,
    /// How its pods would be created or replaced.
    pub rollout: Option<Rollout>,
    /// For a DaemonSet of the cluster: its status, compared with the preview.
    pub comparison: Option<Comparison>,
}

/// What would happen on one node.
#[derive(Clone, Debug)]
pub struct ExplainedNode {
    /// The node's name.
    pub name: String,
    /// What would happen.
    pub outcome: OutcomeKind,
    /// The reasons, if the pod does not run or its outcome is not known.
    pub reasons: Vec<LocatedReason>,
    /// The pods that would be preempted, if the pod then fits.
    pub preemption: Option<Preemption>,
    /// For a DaemonSet of the cluster: its pod on the node, or that it is missing.
    pub pod: Option<NodePod>,
    /// Whether the node keeps its pod only until the next rollout deletes it.
    pub lost_at_rollout: bool,
}

/// A reason and the line of the manifest that it is about.
#[derive(Clone, Debug)]
pub struct LocatedReason {
    /// The reason.
    pub reason: Reason,
    /// The line of its field, from 1; `None` where the manifest does not have it.
    pub line: Option<usize>,
}

/// How many nodes there are of each verdict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// All nodes.
    pub nodes: usize,
    /// Nodes that run the pod.
    pub runs: usize,
    /// Nodes whose pod the API server would not store.
    pub refused: usize,
    /// Nodes where the pod would stay pending.
    pub pending: usize,
    /// Nodes for which the controller creates no pod.
    pub not_wanted: usize,
    /// Nodes for which the snapshot lacks something that the outcome depends on.
    pub unknown: usize,
}

impl Explanation {
    /// The preview with the names of the nodes; `line` gives the line of a reason's field.
    pub fn new(preview: Preview, cluster: &Cluster, line: impl Fn(&Reason) -> Option<usize>) -> Self {
        let locate = |reason: Reason| LocatedReason { line: line(&reason), reason };
        let node = |(node, verdict): (&Node, NodeVerdict)| ExplainedNode {
            name: node.name.to_string(),
            outcome: verdict.outcome.kind(),
            reasons: verdict.outcome.into_reasons().into_iter().map(locate).collect(),
            preemption: verdict.preemption,
            pod: None,
            lost_at_rollout: false,
        };
        let mut nodes: Vec<ExplainedNode> =
            cluster.snapshot.nodes().iter().zip(preview.verdicts).map(node).collect();
        for index in preview.rollout.iter().flat_map(|rollout| &rollout.lost) {
            if let Some(node) = nodes.get_mut(*index as usize) {
                node.lost_at_rollout = true;
            }
        }
        Self { nodes, rollout: preview.rollout, comparison: None }
    }

    /// The counts.
    pub fn counts(&self) -> Counts {
        let mut counts = Counts { nodes: self.nodes.len(), ..Counts::default() };
        for node in &self.nodes {
            let count = match node.outcome {
                OutcomeKind::Runs => &mut counts.runs,
                OutcomeKind::Refused => &mut counts.refused,
                OutcomeKind::Pending => &mut counts.pending,
                OutcomeKind::NotWanted => &mut counts.not_wanted,
                OutcomeKind::Unknown => &mut counts.unknown,
            };
            *count = count.saturating_add(1);
        }
        counts
    }
}
