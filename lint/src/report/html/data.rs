//! The page's data. Thousands of nodes share labels, outcomes and sentences, so each of these is written once and referred to by number.

use std::collections::{BTreeMap, HashSet};

use serde::Serialize;

use super::intern::Table;
use crate::engine::cluster::Cluster;
use crate::engine::explain::{ExplainedNode, LocatedReason};
use crate::engine::outcome::{DocumentReport, FileReport, Located, Verdict};
use crate::report::explain::notes::is_about_snapshot;
use crate::report::explain::standing::Standing;
use crate::report::explain::words::{self, Template, Value};
use crate::report::explain::{left_out, overview, rollout, stored};
use crate::report::finding::At;
use crate::source::LineIndex;

/// The whole page.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Page<'r> {
    version: &'static str,
    kubernetes: &'r str,
    /// `file` or `context`.
    source: &'static str,
    pods: usize,
    /// The nodes' names.
    nodes: Vec<&'r str>,
    /// For each node, the index of its labels in `label_sets`.
    node_labels: Vec<usize>,
    /// Lists of indices in `labels`.
    label_sets: Vec<Vec<usize>>,
    labels: Vec<Label<'r>>,
    daemon_sets: Vec<DaemonSet<'r>>,
    outcomes: Vec<Outcome>,
    reasons: Vec<Reason>,
    sentences: Vec<Sentence>,
    /// The findings that belong to no DaemonSet.
    findings: Vec<Finding<'r>>,
    /// The facts of the cluster that hold for every DaemonSet.
    notes: Vec<&'r str>,
}

/// Key and value; no value if it is the node's name, as that of `kubernetes.io/hostname` usually is.
#[derive(Serialize, PartialEq, Eq, Hash)]
struct Label<'r>(&'r str, Option<&'r str>);

/// The outcome and the indices of its `reasons`; the number of pods that would be preempted, and the names of the first of them.
#[derive(Serialize, PartialEq, Eq, Hash)]
struct Outcome(
    &'static str,
    Vec<usize>,
    #[serde(skip_serializing_if = "Option::is_none")] Option<(usize, Vec<String>)>,
);

/// The maximum number of preempted pods that are named: they differ from node to node, and a page may have many nodes.
const VICTIMS: usize = 3;

/// An index in `sentences`, and the node's values in the message and in the suggestion.
#[derive(Serialize, PartialEq, Eq, Hash)]
struct Reason(usize, Vec<Filled>, Vec<Filled>);

/// A value as it is printed, with its number if it can be compared with that of other nodes.
#[derive(Serialize, PartialEq, Eq, Hash)]
#[serde(untagged)]
enum Filled {
    Text(String),
    Number(String, i64),
}

impl From<Value> for Filled {
    fn from(value: Value) -> Self {
        match value.amount {
            Some(amount) => Self::Number(value.text, amount),
            None => Self::Text(value.text),
        }
    }
}

/// The parts of a reason that many nodes share.
#[derive(Serialize, PartialEq, Eq, Hash)]
#[serde(rename_all = "camelCase")]
struct Sentence {
    stage: &'static str,
    filter: &'static str,
    message: String,
    field: String,
    line: Option<usize>,
    suggestion: Option<String>,
    /// Whether the suggestion is a command for a shell.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    is_command: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct DaemonSet<'r> {
    namespace: &'r str,
    name: &'r str,
    path: &'r str,
    /// The line at which it begins in the file; `None` if it was read from the cluster.
    line: Option<usize>,
    rejected: bool,
    /// What matters most about it, as a word and in a few words.
    state: &'static str,
    why: String,
    /// The nodes that the manifest leaves out, in one sentence.
    left_out: Option<String>,
    findings: Vec<Finding<'r>>,
    /// The notes about the preview as a whole.
    notes: Vec<&'r str>,
    /// How its pods would be created or replaced.
    rollout: Option<String>,
    /// Its status and its pods, as text; `None` if it was not read from the cluster.
    status: Option<String>,
    /// For each node, the index of its outcome; empty if there is no preview.
    cells: Vec<usize>,
}

#[derive(Serialize)]
struct Finding<'r> {
    severity: &'static str,
    rule: &'r str,
    message: String,
    help: Option<&'r str>,
    path: &'r str,
    /// `line:column`; empty where the place in the file is not known.
    at: String,
}

/// Makes the page's data.
pub(super) fn page<'r>(files: &'r [FileReport], minor: &'r str, cluster: &'r Cluster) -> Page<'r> {
    let mut labels = Table::default();
    let mut label_sets = Table::default();
    let mut nodes = Vec::new();
    let mut node_labels = Vec::new();
    for (name, of_node) in named_labels(cluster) {
        let label = |(key, value): (&'r String, &'r String)| {
            labels.number(Label(key, Some(value.as_str()).filter(|value| *value != name)))
        };
        let set: Vec<usize> = of_node.iter().map(label).collect();
        nodes.push(name);
        node_labels.push(label_sets.number(set));
    }
    let mut shared = Shared::default();
    let mut daemon_sets = Vec::new();
    let mut findings = Vec::new();
    for file in files {
        let lines = LineIndex::new(&file.text);
        findings.extend(file.findings.iter().map(|located| finding(file, &lines, located)));
        for document in &file.documents {
            if document.is_daemon_set() {
                daemon_sets.push(shared.daemon_set(file, &lines, document));
            } else {
                findings.extend(document.framed().map(|located| finding(file, &lines, located)));
            }
        }
    }
    Page {
        version: env!("CARGO_PKG_VERSION"),
        kubernetes: minor,
        source: cluster.source.as_str(),
        pods: cluster.snapshot.pods().len(),
        nodes,
        node_labels,
        label_sets: label_sets.into_list(),
        labels: labels.into_list(),
        daemon_sets,
        outcomes: shared.outcomes.into_list(),
        reasons: shared.reasons.into_list(),
        sentences: shared.sentences.into_list(),
        findings,
        notes: facts(files),
    }
}

/// Each node's name and labels, in the order of the nodes in the previews.
fn named_labels(cluster: &Cluster) -> impl Iterator<Item = (&str, &BTreeMap<String, String>)> {
    cluster.snapshot.nodes().iter().map(|node| (&*node.name, &node.labels))
}

/// The data that the DaemonSets of a page share.
#[derive(Default)]
struct Shared {
    outcomes: Table<Outcome>,
    reasons: Table<Reason>,
    sentences: Table<Sentence>,
}

impl Shared {
    fn daemon_set<'r>(
        &mut self,
        file: &'r FileReport,
        lines: &LineIndex,
        document: &'r DocumentReport,
    ) -> DaemonSet<'r> {
        let explanation = document.explanation.as_ref();
        let standing = Standing::new(file, document);
        let status = explanation.filter(|explanation| explanation.comparison.is_some()).map(|explanation| {
            let mut text = Vec::new();
            // Writing to memory does not fail.
            _ = stored::write(explanation, &mut text);
            String::from_utf8_lossy(&text).into_owned()
        });
        let cells =
            explanation.map(|explanation| explanation.nodes.iter().map(|node| self.outcome(node)).collect());
        DaemonSet {
            namespace: &document.namespace,
            name: &document.name,
            path: &file.path,
            line: file.line(document.line).filter(|_| status.is_none()),
            rejected: document.verdict == Verdict::Rejected,
            state: standing.state.as_str(),
            why: overview::why(&standing),
            left_out: left_out::plain(&standing),
            findings: document.framed().map(|located| finding(file, lines, located)).collect(),
            notes: notes(document),
            rollout: explanation
                .and_then(|explanation| explanation.rollout.as_ref())
                .filter(|rollout| rollout::is_news(rollout))
                .map(rollout::sentence),
            status,
            cells: cells.unwrap_or_default(),
        }
    }

    fn outcome(&mut self, node: &ExplainedNode) -> usize {
        let reasons = node.reasons.iter().map(|reason| self.reason(reason, &node.name)).collect();
        let victims = node.preemption.as_ref().map(|preemption| {
            let named = preemption.victims.iter().take(VICTIMS);
            let named = named.map(|pod| format!("{}/{}", pod.namespace, pod.name));
            (preemption.victims.len(), named.collect())
        });
        self.outcomes.number(Outcome(node.outcome.as_str(), reasons, victims))
    }

    fn reason(&mut self, located: &LocatedReason, node: &str) -> usize {
        let reason = &located.reason;
        let message = words::message(reason, node).into_template(node);
        let remedy = words::remedy(reason, node).map(|remedy| remedy.into_template(node));
        let (suggestion, is_command, of_suggestion) = match remedy {
            Some(Template { text, is_command, values }) => (Some(text), is_command, values),
            None => (None, false, Vec::new()),
        };
        let sentence = self.sentences.number(Sentence {
            stage: reason.stage.as_str(),
            filter: reason.filter.as_str(),
            message: message.text,
            field: reason.path.to_string(),
            line: located.line,
            suggestion,
            is_command,
        });
        let filled = |values: Vec<Value>| values.into_iter().map(Filled::from).collect();
        self.reasons.number(Reason(sentence, filled(message.values), filled(of_suggestion)))
    }
}

/// The notes about a DaemonSet's preview.
fn notes(document: &DocumentReport) -> Vec<&str> {
    let own = document.notes().filter(|located| !is_about_snapshot(&located.finding));
    own.map(|located| located.finding.sentence()).collect()
}

/// The facts of the cluster, each once.
fn facts(files: &[FileReport]) -> Vec<&str> {
    let documents = files.iter().flat_map(|file| &file.documents);
    let notes = documents.flat_map(DocumentReport::notes).map(|located| &located.finding);
    let mut known = HashSet::new();
    notes
        .filter(|finding| is_about_snapshot(finding))
        .map(daemonset_validation::Finding::sentence)
        .filter(|sentence| known.insert(*sentence))
        .collect()
}

fn finding<'r>(file: &'r FileReport, lines: &LineIndex, located: &'r Located) -> Finding<'r> {
    let finding = &located.finding;
    let sentence = finding.sentence();
    let bare = finding.field.is_empty() || sentence.contains(finding.field.as_str());
    Finding {
        severity: finding.severity.as_str(),
        rule: finding.rule,
        message: if bare { sentence.to_owned() } else { format!("{}: {sentence}", finding.field) },
        help: finding.help.as_deref(),
        path: &file.path,
        at: At::new(file, located, lines).position(),
    }
}
