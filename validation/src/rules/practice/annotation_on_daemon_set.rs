//! The rule `annotation-on-daemon-set`. Its page is `annotation_on_daemon_set.md`.

use super::rule;
use crate::edit::Edit;
use crate::finding::Anchor;
use crate::levels::Level;
use crate::path::FieldPath;
use crate::rules::{Findings, Object, Rule};

pub(in crate::rules) static RULE: Rule = rule(
    "annotation-on-daemon-set",
    Level::Warning,
    ("an annotation that works on pods stands on the DaemonSet", include_str!("annotation_on_daemon_set.md")),
    check,
);

/// Annotations that are read on pods and on nothing else that has a pod template.
const OF_PODS: &[&str] = &[
    "cluster-autoscaler.kubernetes.io/safe-to-evict",
    "iam.amazonaws.com/role",
    "prometheus.io/path",
    "prometheus.io/port",
    "prometheus.io/scheme",
    "prometheus.io/scrape",
    "scheduler.alpha.kubernetes.io/critical-pod",
    "sidecar.istio.io/inject",
    "vault.hashicorp.com/agent-inject",
];

/// Whether charts give pods this annotation so that a change of their configuration replaces them.
pub(super) fn is_checksum(key: &str) -> bool {
    let name = key.rsplit('/').next().unwrap_or_default();
    key.starts_with("checksum/")
        || key.starts_with("checksum.")
        || ["config-hash", "config-checksum", "configmap-hash", "configHash", "checksum"].contains(&name)
}

fn check(object: &Object<'_>, findings: &mut Findings) {
    let metadata = &object.daemon_set.metadata;
    let template = object.daemon_set.spec.template.metadata.as_ref();
    let of_pods = template.and_then(|metadata| metadata.annotations.as_ref());
    for key in metadata.annotations.iter().flat_map(|annotations| annotations.keys()) {
        let is_there = of_pods.is_some_and(|annotations| annotations.contains_key(key));
        let what = if is_checksum(key) {
            "a new value does not replace the pods"
        } else if OF_PODS.contains(&key.as_str()) {
            "it has no effect"
        } else {
            continue;
        };
        if is_there {
            continue;
        }
        let (path, pods) =
            (FieldPath::of(&["metadata", "annotations"]), ["spec", "template", "metadata", "annotations"]);
        let path = path.key(key);
        let edit = Edit::Move { path: path.clone(), to: FieldPath::of(&pods).key(key) };
        let message = format!("`{key}` is read on pods; on the DaemonSet itself {what}");
        let finding = RULE.finding(path, message).at(Anchor::Key);
        findings.push(finding.help("move it to `spec.template.metadata.annotations`").fix(false, vec![edit]));
    }
}
