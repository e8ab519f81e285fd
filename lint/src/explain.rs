//! Where the pods of each DaemonSet would run: what would happen on each node, with the manifest's lines beside the reasons.

use daemonset_validation::placement::rollout::Rollout;
use daemonset_validation::placement::{
    Node, NodeVerdict, Note, OutcomeKind, Party, Preemption, Preview, Reason, Snapshot, explain,
};
use daemonset_validation::{Anchor, FieldPath, NodeId, PathSegment, Server, Tree};
use k8s_openapi::api::apps::v1::DaemonSet;

use crate::comparison::{self, Comparison, NodePod};
use crate::locate::locate;
use crate::source::LineIndex;

/// The cluster that is explained against.
#[derive(Debug)]
pub(crate) struct Cluster {
    /// Where it was read from.
    pub(crate) source: Source,
    /// What is known of it.
    pub(crate) snapshot: Snapshot,
    /// Objects that could not be read, a sentence each; the run ends with exit code 2 then.
    pub(crate) faults: Vec<String>,
}

/// Where a cluster was read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// Files.
    File,
    /// The API server of a kubeconfig context.
    Context,
}

impl Source {
    /// The word in reports.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Context => "context",
        }
    }
}

/// One DaemonSet's verdicts, a node each, in the snapshot's order.
#[derive(Clone, Debug)]
pub(crate) struct Explanation {
    /// The nodes.
    pub(crate) nodes: Vec<ExplainedNode>,
    /// How its pods would be made or replaced.
    pub(crate) rollout: Option<Rollout>,
    /// What holds for the DaemonSet as a whole.
    pub(crate) notes: Vec<Note>,
    /// Of a DaemonSet that is there already: its status beside what it should be.
    pub(crate) comparison: Option<Comparison>,
    /// What of it concerns the others.
    pub(crate) party: Party,
}

/// What would happen on one node.
#[derive(Clone, Debug)]
pub(crate) struct ExplainedNode {
    /// The node's name.
    pub(crate) name: String,
    /// What would happen.
    pub(crate) outcome: OutcomeKind,
    /// Why it does not simply run.
    pub(crate) reasons: Vec<LocatedReason>,
    /// The pods that would be preempted, where that helps.
    pub(crate) preemption: Option<Preemption>,
    /// Of a DaemonSet that is there already: its pod on the node, or that it lacks one.
    pub(crate) pod: Option<NodePod>,
}

/// A reason and the line of the manifest that decides.
#[derive(Clone, Debug)]
pub(crate) struct LocatedReason {
    /// The reason.
    pub(crate) reason: Reason,
    /// The line of its field, from 1; `None` where the manifest does not have it.
    pub(crate) line: Option<usize>,
}

/// The manifest of a DaemonSet: where the fields of an object are in a text.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Manifest<'m> {
    /// The document.
    pub(crate) tree: &'m Tree<'m>,
    /// The object in it.
    pub(crate) root: NodeId,
    /// The text of the file.
    pub(crate) text: &'m str,
    /// Its lines.
    pub(crate) lines: &'m LineIndex,
}

impl Manifest<'_> {
    /// The line of a field, from 1; `None` where the manifest does not have it and the server's defaults do.
    fn line(&self, path: &FieldPath) -> Option<usize> {
        let step = |node: NodeId, segment: &PathSegment| match segment {
            PathSegment::Field(name) | PathSegment::Key(name) => self.tree.get(node, name),
            PathSegment::Index(index) => self.tree.items(node).get(*index).copied(),
        };
        path.segments().iter().try_fold(self.root, step)?;
        let place = locate(self.tree, self.root, path, Anchor::Value, self.text);
        Some(self.lines.line(place.frame.start as usize))
    }
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
        manifest: &Manifest<'_>,
    ) -> Self {
        let preview = explain(daemon_set, &cluster.snapshot, server);
        Self::of(daemon_set, preview, cluster, |reason| manifest.line(&reason.path))
    }

    /// Explains a DaemonSet that is in the cluster already.
    pub(crate) fn stored(daemon_set: &DaemonSet, cluster: &Cluster, server: &Server) -> Self {
        let preview = explain(daemon_set, &cluster.snapshot, server);
        let (comparison, pods) = comparison::compare(daemon_set, &cluster.snapshot, &preview.verdicts);
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
        let locate = |reason: Reason| LocatedReason { line: line(&reason), reason };
        let node = |(node, verdict): (&Node, NodeVerdict)| ExplainedNode {
            name: node.name.to_string(),
            outcome: verdict.outcome.kind(),
            reasons: verdict.outcome.into_reasons().into_iter().map(locate).collect(),
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
            let count = match node.outcome {
                OutcomeKind::Runs => &mut counts.runs,
                OutcomeKind::Pending => &mut counts.pending,
                OutcomeKind::NotWanted => &mut counts.not_wanted,
                OutcomeKind::Unknown => &mut counts.unknown,
            };
            *count = count.saturating_add(1);
        }
        counts
    }
}
