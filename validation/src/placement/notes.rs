//! What holds for the DaemonSet as a whole.

use std::collections::BTreeMap;

use super::filter::Filter;
use super::filters::Cluster;
use super::kind::Kind;
use super::note::Note;
use super::paths::pod_path;
use super::verdict::{NodeVerdict, Outcome};
use crate::words::names::folded;

/// The notes on a preview.
pub(super) fn notes(cluster: &Cluster<'_>, verdicts: &[NodeVerdict]) -> Vec<Note> {
    let mut notes = Vec::new();
    notes.extend(runs_nowhere(verdicts));
    notes.extend(pods_ended(cluster, verdicts));
    notes.extend(priority_class_missing(cluster));
    waiting_for_resources(cluster, verdicts, &mut notes);
    if !cluster.snapshot.has(Kind::Pod) {
        let why = match cluster.snapshot.refusal(Kind::Pod) {
            Some(why) => format!("pods could not be read ({why})"),
            None => "no pods were read".to_owned(),
        };
        notes.push(Note {
            id: "pods-not-read",
            message: format!("{why}, so what other pods use and hold on a node is not counted"),
            path: None,
        });
    }
    let refused = cluster.snapshot.refusals().iter().map(|(kind, _)| *kind).filter(|kind| *kind != Kind::Pod);
    let mut refused: Vec<Kind> = refused.collect();
    refused.sort_unstable();
    let refused: Vec<&str> = refused.into_iter().map(Kind::plural).collect();
    if !refused.is_empty() {
        let message =
            format!("{} could not be read; what depends on them is unknown, not guessed", refused.join(", "));
        notes.push(Note { id: "kinds-not-read", message, path: None });
    }
    if !cluster.allocatable_known {
        let message = "no node says what it has (`status.allocatable`), so requests are not compared with it";
        notes.push(Note { id: "allocatable-not-read", message: message.to_owned(), path: None });
    }
    notes
}

/// Where the controller makes no pod at all: what keeps it from the most nodes.
fn runs_nowhere(verdicts: &[NodeVerdict]) -> Option<Note> {
    let mut filters: BTreeMap<Filter, usize> = BTreeMap::new();
    for verdict in verdicts {
        let Outcome::NotWanted(reasons) = &verdict.outcome else { return None };
        // Several reasons of one filter keep the node once.
        let mut named: Vec<Filter> = reasons.iter().map(|reason| reason.filter).collect();
        named.sort_unstable();
        named.dedup();
        for filter in named {
            let count = filters.entry(filter).or_default();
            *count = count.saturating_add(1);
        }
    }
    let (filter, count) = filters.into_iter().max_by_key(|(_, count)| *count)?;
    let message = format!(
        "no node of the cluster gets a pod; most often the reason is {} ({count} of {} nodes)",
        filter.as_str(),
        verdicts.len()
    );
    Some(Note { id: "runs-nowhere", message, path: None })
}

/// Pods that are there now, on nodes that may not keep them.
fn pods_ended(cluster: &Cluster<'_>, verdicts: &[NodeVerdict]) -> Option<Note> {
    let placed = cluster.own.iter().filter_map(|pod| cluster.snapshot.pod(*pod)?.node);
    let mut nodes: Vec<u32> = placed
        .filter(|node| verdicts.get(*node as usize).is_some_and(|verdict| !verdict.keeps_running))
        .collect();
    nodes.sort_unstable();
    nodes.dedup();
    let named = nodes.iter().filter_map(|node| cluster.snapshot.nodes().get(*node as usize));
    let names: Vec<&str> = named.map(|node| &*node.name).collect();
    if names.is_empty() {
        return None;
    }
    let message = format!("its pods on {} would be ended: they do not belong there any more", folded(&names));
    Some(Note { id: "pods-ended", message, path: None })
}

fn priority_class_missing(cluster: &Cluster<'_>) -> Option<Note> {
    let name = cluster.pod.spec.priority_class_name.as_deref().filter(|name| !name.is_empty())?;
    if !cluster.snapshot.has(Kind::PriorityClass) || cluster.priority.is_some() {
        return None;
    }
    let message = format!(
        "admission would refuse its pods: there is no PriorityClass `{name}`; create it first, or name one that exists"
    );
    Some(Note { id: "priority-class-missing", message, path: Some(pod_path(&["priorityClassName"])) })
}

/// What might make room where pods wait for resources.
fn waiting_for_resources(cluster: &Cluster<'_>, verdicts: &[NodeVerdict], notes: &mut Vec<Note>) {
    let waits = |verdict: &NodeVerdict| {
        matches!(&verdict.outcome, Outcome::Pending(reasons)
            if reasons.iter().any(|reason| reason.filter == Filter::NodeResourcesFit))
    };
    if !verdicts.iter().any(waits) {
        return;
    }
    let unnamed = cluster.pod.spec.priority_class_name.as_deref().is_none_or(str::is_empty);
    // A default class of the cluster, or pods of negative priority, may make room all the same.
    let plain = cluster.priority.is_some_and(|priority| priority.value <= 0);
    if unnamed
        && plain
        && cluster.snapshot.has(Kind::PriorityClass)
        && verdicts.iter().all(|verdict| verdict.preemption.is_none())
    {
        let message = "it has no `priorityClassName`, so where room is short it cannot end less important pods; agents that \
                       each node needs often use `system-node-critical`";
        let path = Some(pod_path(&["priorityClassName"]));
        notes.push(Note { id: "no-priority-class", message: message.to_owned(), path });
    }
    let message = "a cluster autoscaler is not simulated";
    notes.push(Note { id: "autoscaler-not-simulated", message: message.to_owned(), path: None });
}
