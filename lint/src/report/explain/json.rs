//! The explanations' part of the JSON report.

use daemonset_validation::placement::Note;
use serde::Serialize;

use crate::explain::{Cluster, NodeVerdict, PlacedReason};
use crate::outcome::{DocumentReport, FileReport, Verdict};

#[derive(Serialize)]
pub(crate) struct ClusterItem<'r> {
    source: &'r str,
    nodes: usize,
    pods: usize,
}

#[derive(Serialize)]
pub(crate) struct DaemonSetItem<'r> {
    path: &'r str,
    index: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    item: Option<usize>,
    namespace: &'r str,
    name: &'r str,
    #[serde(skip_serializing_if = "Option::is_none")]
    verdict: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    summary: Option<Counts>,
    #[serde(skip_serializing_if = "Option::is_none")]
    nodes: Option<Vec<NodeItem<'r>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    notes: Option<Vec<NoteItem<'r>>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Counts {
    nodes: usize,
    runs: usize,
    pending: usize,
    not_wanted: usize,
    unknown: usize,
}

#[derive(Serialize)]
struct NodeItem<'r> {
    name: &'r str,
    verdict: &'r str,
    reasons: Vec<ReasonItem<'r>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    preempts: Option<Vec<String>>,
}

#[derive(Serialize)]
struct ReasonItem<'r> {
    stage: &'static str,
    filter: &'r str,
    message: &'r str,
    field: &'r str,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    suggestion: Option<&'r str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource: Option<&'r str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    requested: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    used: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    allocatable: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    missing: Option<&'static str>,
}

#[derive(Serialize)]
struct NoteItem<'r> {
    id: &'static str,
    message: &'r str,
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<String>,
}

/// The cluster's line.
pub(crate) fn cluster(cluster: &Cluster) -> ClusterItem<'_> {
    ClusterItem {
        source: cluster.source,
        nodes: cluster.snapshot.nodes().len(),
        pods: cluster.snapshot.pods().len(),
    }
}

/// An entry for each DaemonSet of the files.
pub(crate) fn daemon_sets(files: &[FileReport]) -> Vec<DaemonSetItem<'_>> {
    let mut items = Vec::new();
    for file in files {
        let documents = file.documents.iter().filter(|document| document.is_daemon_set());
        items.extend(documents.map(|document| daemon_set(&file.path, document)));
    }
    items
}

fn daemon_set<'r>(path: &'r str, document: &'r DocumentReport) -> DaemonSetItem<'r> {
    let explanation = document.explanation.as_ref();
    let summary = explanation.map(|explanation| {
        let counts = explanation.counts();
        Counts {
            nodes: counts.nodes,
            runs: counts.runs,
            pending: counts.pending,
            not_wanted: counts.not_wanted,
            unknown: counts.unknown,
        }
    });
    DaemonSetItem {
        path,
        index: document.index,
        item: document.item,
        namespace: &document.namespace,
        name: &document.name,
        verdict: (document.verdict == Verdict::Rejected).then_some("rejected"),
        summary,
        nodes: explanation.map(|explanation| explanation.nodes.iter().map(node).collect()),
        notes: explanation.map(|explanation| explanation.notes.iter().map(note).collect()),
    }
}

fn node(node: &NodeVerdict) -> NodeItem<'_> {
    let pod = |(namespace, name): &(String, String)| format!("{namespace}/{name}");
    NodeItem {
        name: &node.name,
        verdict: node.verdict,
        reasons: node.reasons.iter().map(reason).collect(),
        preempts: node.preemption.as_ref().map(|preemption| preemption.victims.iter().map(pod).collect()),
    }
}

fn reason(reason: &PlacedReason) -> ReasonItem<'_> {
    ReasonItem {
        stage: reason.stage.as_str(),
        filter: reason.filter,
        message: &reason.message,
        field: &reason.field,
        line: reason.line,
        suggestion: reason.suggestion.as_deref(),
        resource: reason.resource.as_ref().map(|resource| &*resource.name),
        requested: reason.resource.as_ref().map(|resource| resource.requested),
        used: reason.resource.as_ref().map(|resource| resource.used),
        allocatable: reason.resource.as_ref().map(|resource| resource.allocatable),
        missing: reason.lacks,
    }
}

fn note(note: &Note) -> NoteItem<'_> {
    NoteItem { id: note.id, message: &note.message, field: note.path.as_ref().map(ToString::to_string) }
}
