//! What a path was meant to be that does not exist: a DaemonSet of the cluster, as kubectl names it.

use std::io;
use std::path::{Path, PathBuf};

use daemonset_validation::did_you_mean;

use crate::engine::stored::reference;
use crate::files::reason;
use crate::folder::walk::is_glob;
use crate::shown::{shown, shown_path};
use crate::standard_input::is_standard_input;

/// What kubectl calls a DaemonSet.
const DAEMON_SETS: [&str; 4] = ["ds", "daemonset", "daemonsets", "daemonset.apps"];

/// What kubectl calls other objects that run pods.
const OTHERS: [&str; 20] = [
    "deploy",
    "deployment",
    "deployments",
    "deployment.apps",
    "sts",
    "statefulset",
    "statefulsets",
    "statefulset.apps",
    "rs",
    "replicaset",
    "replicasets",
    "replicaset.apps",
    "po",
    "pod",
    "pods",
    "job",
    "jobs",
    "cj",
    "cronjob",
    "cronjobs",
];

/// The messages about paths of which none exists, so that no cluster need be asked about them; none if there is something to read.
pub(crate) fn nothing_there(paths: &[PathBuf]) -> Vec<String> {
    let absent = |path: &Path| {
        matches!(std::fs::metadata(path), Err(error) if error.kind() == io::ErrorKind::NotFound)
            && !is_standard_input(path)
            && !is_glob(path)
            && reference(path).is_none()
    };
    if !paths.iter().all(|path| absent(path)) {
        return Vec::new();
    }
    let missing = reason(&io::ErrorKind::NotFound.into());
    paths.iter().map(|path| format!("{}: {missing}{}", shown_path(path), instead_of(path, true))).collect()
}

/// The end of the message that this path does not exist; empty if nothing is known.
pub(crate) fn instead_of(path: &Path, explain: bool) -> String {
    let Some(text) = path.to_str() else { return String::new() };
    let (word, name) = text.split_once('/').unwrap_or((text, ""));
    if path.exists() || name.contains('/') || Path::new(word).exists() {
        return String::new();
    }
    let lower = word.to_ascii_lowercase();
    let is_daemon_set = DAEMON_SETS.contains(&lower.as_str());
    let name = if name.is_empty() { "NAME".into() } else { shown(name) };
    if is_daemon_set && name == "NAME" {
        "; a DaemonSet of the cluster is one word: --explain ds/NAME".to_owned()
    } else if is_daemon_set {
        format!("; to preview this DaemonSet of the cluster, write --explain ds/{name}")
    } else if OTHERS.contains(&lower.as_str()) {
        "; of the objects in the cluster, only DaemonSets can be previewed: --explain ds/NAME".to_owned()
    } else if explain && text.contains('/') && did_you_mean(&lower, DAEMON_SETS).is_some() {
        format!("; did you mean ds/{name}?")
    } else {
        String::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_kubectl_would_understand_is_told() {
        let cluster = "; to preview this DaemonSet of the cluster, write --explain ds/agent";
        let others = "; of the objects in the cluster, only DaemonSets can be previewed: --explain ds/NAME";
        for (path, explain, hint) in [
            ("ds/agent", false, cluster),
            ("daemonset.apps/agent", false, cluster),
            ("DaemonSet/agent", true, cluster),
            ("ds", true, "; a DaemonSet of the cluster is one word: --explain ds/NAME"),
            ("ds/", true, "; a DaemonSet of the cluster is one word: --explain ds/NAME"),
            ("deploy/x", true, others),
            ("deployment.apps/x", false, others),
            ("pod/x", true, others),
            ("deamonset/x", true, "; did you mean ds/x?"),
            ("deamonset/x", false, ""),
            ("absent.yaml", true, ""),
            ("src/absent.yaml", true, ""),
            ("a/ds/agent", true, ""),
        ] {
            assert_eq!(instead_of(Path::new(path), explain), hint, "{path}");
        }
    }
}
