//! `ds/NAME`: a DaemonSet of the cluster, which is previewed and compared with its status and its pods.

use std::path::Path;

use daemonset_validation::placement::{Budget, Kind, Snapshot, explain_kept};

use super::comparison::compare;
use super::context::Engine;
use super::explain::Explanation;
use super::judge::preview_findings;
use super::locate::Place;
use super::outcome::{DocumentReport, FileReport, Located, Verdict};
use crate::shown::shown;

/// The resource names that may precede the slash, as in kubectl.
const RESOURCE_NAMES: [&str; 4] = ["ds", "daemonset", "daemonsets", "daemonset.apps"];

/// The name in `ds/NAME`; `None` if the path is of another form or a file with this path exists.
pub fn reference(path: &Path) -> Option<&str> {
    let (word, name) = path.to_str()?.split_once('/')?;
    (RESOURCE_NAMES.contains(&word) && !name.is_empty() && !name.contains('/') && !path.exists())
        .then_some(name)
}

/// Previews the DaemonSet of this name; `None` without a cluster.
///
/// # Errors
///
/// A message, if the cluster's objects that were read do not include it.
pub fn report(name: &str, namespace: &str, engine: &Engine<'_>) -> Option<Result<FileReport, String>> {
    let cluster = engine.cluster?;
    let snapshot = &cluster.snapshot;
    let Some(daemon_set) = snapshot.daemon_set(namespace, name) else {
        return Some(Err(absent(name, namespace, snapshot)));
    };
    // A saved snapshot keeps of a template what placement needs, which is too little to validate its pods again.
    let preview =
        explain_kept(daemon_set, snapshot, &engine.server, &Budget::unbounded()).unwrap_or_default();
    let (comparison, pods) = compare(daemon_set, snapshot, &preview.verdicts);
    let (findings, peer) = preview_findings(daemon_set, Some(&preview), engine);
    let mut explanation = Explanation::new(preview, cluster, |_| None);
    for (node, pod) in explanation.nodes.iter_mut().zip(pods) {
        node.pod = pod;
    }
    explanation.comparison = Some(comparison);
    let located = |finding| Located { finding, place: Place::default() };
    let document = DocumentReport {
        api_version: "apps/v1".to_owned(),
        kind: "DaemonSet".to_owned(),
        namespace: namespace.to_owned(),
        name: name.to_owned(),
        verdict: Verdict::Accepted,
        findings: findings.into_iter().map(located).collect(),
        peer: Some(Box::new(peer)),
        explanation: Some(Box::new(explanation)),
        ..DocumentReport::unreadable(0, 1)
    };
    let documents = vec![document];
    Some(Ok(FileReport { documents, ..FileReport::empty(format!("ds/{name}")) }))
}

fn absent(name: &str, namespace: &str, snapshot: &Snapshot) -> String {
    let elsewhere = snapshot.daemon_sets().iter().filter(|one| one.metadata.name.as_deref() == Some(name));
    let namespaces: Vec<&str> =
        elsewhere.filter_map(|one| one.metadata.namespace.as_deref()).take(5).collect();
    let (name, namespace) = (shown(name), shown(namespace));
    if let Some(why) = snapshot.refusal(Kind::DaemonSet) {
        format!("ds/{name}: DaemonSets could not be read: {why}")
    } else if !namespaces.is_empty() {
        let namespaces = namespaces.join(", ");
        let namespaces = shown(&namespaces);
        format!(
            "ds/{name}: namespace {namespace} has no DaemonSet of this name; one exists in {namespaces}: choose the namespace with -n"
        )
    } else if snapshot.has(Kind::DaemonSet) {
        format!("ds/{name}: namespace {namespace} of the cluster has no DaemonSet of this name")
    } else {
        format!(
            "ds/{name}: the files hold no DaemonSets; `kubectl get nodes,pods,daemonsets -A -o json` prints what is needed"
        )
    }
}
