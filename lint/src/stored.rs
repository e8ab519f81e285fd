//! `ds/NAME`: explains a DaemonSet of the cluster.

use std::path::Path;

use daemonset_validation::Server;
use daemonset_validation::placement::{Kind, Snapshot};

use crate::explain::{Cluster, Explanation};
use crate::locate::Place;
use crate::outcome::{DocumentReport, FileReport, Selection, Verdict};

/// What the words before the slash may be, as kubectl takes them.
const WORDS: [&str; 4] = ["ds", "daemonset", "daemonsets", "daemonset.apps"];

/// The name in `ds/NAME`, unless there is such a file.
pub(crate) fn reference(path: &Path) -> Option<&str> {
    let (word, name) = path.to_str()?.split_once('/')?;
    (WORDS.contains(&word) && !name.is_empty() && !name.contains('/') && !path.exists()).then_some(name)
}

/// Explains the stored DaemonSet of this name.
///
/// # Errors
///
/// A sentence, where it is not in what was read of the cluster.
pub(crate) fn report(
    name: &str,
    namespace: &str,
    cluster: &Cluster,
    server: &Server,
) -> Result<FileReport, String> {
    let snapshot = &cluster.snapshot;
    let daemon_set = snapshot.daemon_set(namespace, name).ok_or_else(|| absent(name, namespace, snapshot))?;
    let template = daemon_set.spec.template.metadata.as_ref();
    let document = DocumentReport {
        index: 0,
        item: None,
        line: 1,
        api_version: "apps/v1".to_owned(),
        kind: "DaemonSet".to_owned(),
        namespace: namespace.to_owned(),
        name: name.to_owned(),
        verdict: Verdict::Accepted,
        update: false,
        findings: Vec::new(),
        selection: Some(Selection {
            selector: daemon_set.spec.selector.clone(),
            labels: template.and_then(|template| template.labels.clone()).unwrap_or_default(),
        }),
        selector: Place::default(),
        explanation: Some(Explanation::stored(daemon_set, cluster, server)),
    };
    Ok(FileReport {
        path: format!("ds/{name}"),
        text: String::new(),
        documents: vec![document],
        findings: Vec::new(),
        unreadable: None,
    })
}

fn absent(name: &str, namespace: &str, snapshot: &Snapshot) -> String {
    let elsewhere = snapshot.daemon_sets().iter().filter(|one| one.metadata.name.as_deref() == Some(name));
    let namespaces: Vec<&str> =
        elsewhere.filter_map(|one| one.metadata.namespace.as_deref()).take(5).collect();
    if let Some(why) = snapshot.refusal(Kind::DaemonSet) {
        format!("ds/{name}: DaemonSets could not be read: {why}")
    } else if !namespaces.is_empty() {
        let namespaces = namespaces.join(", ");
        format!(
            "ds/{name}: there is no such DaemonSet in namespace {namespace}, but there is in {namespaces}: choose it with -n"
        )
    } else if snapshot.has(Kind::DaemonSet) {
        format!("ds/{name}: there is no such DaemonSet in namespace {namespace} of the cluster")
    } else {
        format!(
            "ds/{name}: there is no DaemonSet in what was read; `kubectl get nodes,pods,daemonsets -A -o json` prints what is needed"
        )
    }
}
