//! Where each DaemonSet would land: the verdicts, with the manifest's lines beside the reasons.

use daemonset_validation::placement::rollout::Rollout;
use daemonset_validation::placement::{
    Insufficient, Node, Note, Party, Preemption, Preview, Reason, Snapshot, Stage, Verdict, explain,
};
use daemonset_validation::{Anchor, NodeId, PathSegment, Server, Tree};
use k8s_openapi::api::apps::v1::DaemonSet;

use crate::locate::locate;
use crate::source::LineIndex;
use crate::stored::{self, Comparison, NodePod};

/// The cluster that is explained against.
#[derive(Debug)]
pub(crate) struct Cluster {
    /// `file` or `context`.
    pub(crate) source: &'static str,
    /// What is known of it.
    pub(crate) snapshot: Snapshot,
    /// Objects that could not be read, a sentence each; the run ends with exit code 2 then.
    pub(crate) faults: Vec<String>,
}

/// One DaemonSet's verdicts, a node each, in the snapshot's order.
#[derive(Clone, Debug)]
pub(crate) struct Explanation {
    /// The nodes.
    pub(crate) nodes: Vec<NodeVerdict>,
    /// How its pods would be made or replaced.
    pub(crate) rollout: Option<Rollout>,
    /// What holds for the DaemonSet as a whole.
    pub(crate) notes: Vec<Note>,
    /// Of a DaemonSet that is there already: its status beside what it should be.
    pub(crate) comparison: Option<Comparison>,
    /// What of it concerns the others.
    pub(crate) party: Party,
}

/// The verdict for one node.
#[derive(Clone, Debug)]
pub(crate) struct NodeVerdict {
    /// The node's name.
    pub(crate) name: String,
    /// `runs`, `pending`, `notWanted` or `unknown`.
    pub(crate) verdict: &'static str,
    /// Why it does not simply run.
    pub(crate) reasons: Vec<PlacedReason>,
    /// The pods that would be ended to make room, where that helps.
    pub(crate) preemption: Option<Preemption>,
    /// Of a DaemonSet that is there already: its pod on the node, or that it lacks one.
    pub(crate) pod: Option<NodePod>,
}

/// A reason and the line of the manifest that decides.
#[derive(Clone, Debug)]
pub(crate) struct PlacedReason {
    /// Who says no.
    pub(crate) stage: Stage,
    /// The scheduler plugin's name.
    pub(crate) filter: &'static str,
    /// The sentence.
    pub(crate) message: String,
    /// The field that decides.
    pub(crate) field: String,
    /// Its line, from 1; `None` where the manifest says nothing about it.
    pub(crate) line: Option<usize>,
    /// The change that would make the node run.
    pub(crate) suggestion: Option<String>,
    /// The numbers, where it is about a resource.
    pub(crate) resource: Option<Insufficient>,
    /// What the snapshot lacks, where the answer is not known.
    pub(crate) lacks: Option<&'static str>,
}

/// How many nodes there are of each verdict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    /// All nodes.
    pub(crate) nodes: usize,
    /// Nodes that run the pod.
    pub(crate) runs: usize,
    /// Nodes where the pod would wait.
    pub(crate) pending: usize,
    /// Nodes for which no pod is made.
    pub(crate) not_wanted: usize,
    /// Nodes of which too little is known.
    pub(crate) unknown: usize,
}

impl Explanation {
    /// Explains one DaemonSet of a document.
    pub(crate) fn new(
        daemon_set: &DaemonSet,
        cluster: &Cluster,
        server: &Server,
        tree: &Tree<'_>,
        root: NodeId,
        text: &str,
        lines: &LineIndex,
    ) -> Self {
        let line = |reason: &Reason| {
            resolves(tree, root, reason).then(|| {
                let place = locate(tree, root, &reason.path, Anchor::Value, text);
                lines.line(place.frame.start as usize)
            })
        };
        Self::of(daemon_set, explain(daemon_set, &cluster.snapshot, server), cluster, line)
    }

    /// Explains a DaemonSet that is in the cluster already.
    pub(crate) fn stored(daemon_set: &DaemonSet, cluster: &Cluster, server: &Server) -> Self {
        let preview = explain(daemon_set, &cluster.snapshot, server);
        let (comparison, pods) = stored::compare(daemon_set, &cluster.snapshot, &preview.verdicts);
        let mut explanation = Self::of(daemon_set, preview, cluster, |_| None);
        for (node, pod) in explanation.nodes.iter_mut().zip(pods) {
            node.pod = pod;
        }
        explanation.comparison = Some(comparison);
        explanation
    }

    fn of(
        daemon_set: &DaemonSet,
        preview: Preview,
        cluster: &Cluster,
        line: impl Fn(&Reason) -> Option<usize>,
    ) -> Self {
        let party = Party::new(daemon_set, &preview);
        let Preview { verdicts, rollout, notes } = preview;
        let place = |reason: &Reason| PlacedReason {
            stage: reason.stage,
            filter: reason.filter,
            message: reason.message.clone(),
            field: reason.path.to_string(),
            line: line(reason),
            suggestion: reason.suggestion.clone(),
            resource: reason.resource.clone(),
            lacks: reason.lacks,
        };
        let node = |(node, verdict): (&Node, Verdict)| NodeVerdict {
            name: node.name.to_string(),
            verdict: verdict.outcome.as_str(),
            reasons: verdict.outcome.reasons().iter().map(place).collect(),
            preemption: verdict.preemption,
            pod: None,
        };
        let nodes = cluster.snapshot.nodes().iter().zip(verdicts).map(node).collect();
        Self { nodes, rollout, notes, comparison: None, party }
    }

    /// The counts.
    pub(crate) fn counts(&self) -> Counts {
        let mut counts = Counts { nodes: self.nodes.len(), ..Counts::default() };
        for node in &self.nodes {
            let count = match node.verdict {
                "runs" => &mut counts.runs,
                "pending" => &mut counts.pending,
                "notWanted" => &mut counts.not_wanted,
                _ => &mut counts.unknown,
            };
            *count = count.saturating_add(1);
        }
        counts
    }
}

/// Whether the manifest itself has the field, rather than the server's defaults.
fn resolves(tree: &Tree<'_>, root: NodeId, reason: &Reason) -> bool {
    let step = |node: NodeId, segment: &PathSegment| match segment {
        PathSegment::Field(name) | PathSegment::Key(name) => tree.get(node, name),
        PathSegment::Index(index) => tree.items(node).get(*index).copied(),
    };
    reason.path.segments().iter().try_fold(root, step).is_some()
}
