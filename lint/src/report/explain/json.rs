//! The explanations' part of the JSON report.

use daemonset_validation::Finding;
use daemonset_validation::placement::{Missing, PodName};
use serde::Serialize;

use super::rollout::{self, RolloutItem};
use super::words;
use crate::engine::cluster::Cluster;
use crate::engine::comparison::{Comparison, Fate, NodePod};
use crate::engine::explain::{ExplainedNode, LocatedReason};
use crate::engine::outcome::{DocumentReport, FileReport, Verdict};

#[derive(Serialize)]
pub(crate) struct ClusterItem<'r> {
    source: &'r str,
    nodes: usize,
    pods: usize,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    refused: Vec<RefusedItem<'r>>,
}

#[derive(Serialize)]
struct RefusedItem<'r> {
    resource: &'static str,
    message: &'r str,
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
    rollout: Option<RolloutItem<'r>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    notes: Option<Vec<NoteItem<'r>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<StatusItem>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Counts {
    nodes: usize,
    runs: usize,
    refused: usize,
    pending: usize,
    not_wanted: usize,
    unknown: usize,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct NodeItem<'r> {
    name: &'r str,
    verdict: &'r str,
    reasons: Vec<ReasonItem<'r>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    preempts: Option<Vec<String>>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    lost_at_rollout: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pod: Option<PodItem<'r>>,
}

#[derive(Serialize)]
struct ReasonItem<'r> {
    stage: &'static str,
    filter: &'static str,
    message: String,
    field: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    suggestion: Option<String>,
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
    field: &'r str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct StatusItem {
    desired_number_scheduled: i32,
    current_number_scheduled: i32,
    number_ready: i32,
    number_misscheduled: i32,
    updated_number_scheduled: i32,
    number_unavailable: i32,
    preview: StatusPreview,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct StatusPreview {
    desired_number_scheduled: usize,
    current_number_scheduled: usize,
    number_ready: usize,
    number_misscheduled: usize,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PodItem<'r> {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'r str>,
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    ready_since: Option<&'r str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fate: Option<&'static str>,
}

/// The cluster's line.
pub(crate) fn cluster(cluster: &Cluster) -> ClusterItem<'_> {
    let refusals = cluster.snapshot.refusals().iter();
    ClusterItem {
        source: cluster.source.as_str(),
        nodes: cluster.snapshot.nodes().len(),
        pods: cluster.snapshot.pods().len(),
        refused: refusals.map(|(kind, why)| RefusedItem { resource: kind.plural(), message: why }).collect(),
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
            refused: counts.refused,
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
        status: explanation.and_then(|explanation| explanation.comparison.as_ref()).map(status),
        rollout: explanation.and_then(|explanation| {
            let rollout = explanation.rollout.as_ref()?;
            Some(rollout::item(rollout, &explanation.nodes))
        }),
        notes: explanation.map(|_| document.notes().map(|located| note(&located.finding)).collect()),
    }
}

fn node(node: &ExplainedNode) -> NodeItem<'_> {
    let pod = |pod: &PodName| format!("{}/{}", pod.namespace, pod.name);
    NodeItem {
        name: &node.name,
        verdict: node.outcome.as_str(),
        reasons: node.reasons.iter().map(|located| reason(located, &node.name)).collect(),
        pod: node.pod.as_ref().map(node_pod),
        lost_at_rollout: node.lost_at_rollout,
        preempts: node.preemption.as_ref().map(|preemption| preemption.victims.iter().map(pod).collect()),
    }
}

fn status(comparison: &Comparison) -> StatusItem {
    let status = &comparison.status;
    StatusItem {
        desired_number_scheduled: status.desired_number_scheduled,
        current_number_scheduled: status.current_number_scheduled,
        number_ready: status.number_ready,
        number_misscheduled: status.number_misscheduled,
        updated_number_scheduled: status.updated_number_scheduled.unwrap_or(0),
        number_unavailable: status.number_unavailable.unwrap_or(0),
        preview: StatusPreview {
            desired_number_scheduled: comparison.desired,
            current_number_scheduled: comparison.current,
            number_ready: comparison.ready,
            number_misscheduled: comparison.misscheduled,
        },
    }
}

fn node_pod(pod: &NodePod) -> PodItem<'_> {
    PodItem {
        name: pod.name.as_deref(),
        state: pod.state.as_str(),
        ready_since: pod.ready_since.as_deref(),
        fate: pod.fate.map(Fate::as_str),
    }
}

fn reason<'r>(located: &'r LocatedReason, node: &str) -> ReasonItem<'r> {
    let reason = &located.reason;
    let resource = reason.insufficient();
    ReasonItem {
        stage: reason.stage.as_str(),
        filter: reason.filter.as_str(),
        message: words::message(reason, node).about(node),
        field: reason.path.to_string(),
        line: located.line,
        suggestion: words::remedy(reason, node).map(|remedy| remedy.about(node)),
        resource: resource.map(|resource| &*resource.name),
        requested: resource.map(|resource| resource.requested),
        used: resource.map(|resource| resource.used),
        allocatable: resource.map(|resource| resource.allocatable),
        missing: reason.missing.map(Missing::as_str),
    }
}

fn note(finding: &Finding) -> NoteItem<'_> {
    NoteItem { id: finding.rule, message: &finding.message, field: &finding.field }
}
