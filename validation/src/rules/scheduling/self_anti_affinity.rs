//! The rule `self-anti-affinity`. Its page is `self_anti_affinity.md`.

use k8s_openapi::api::core::v1::PodAffinityTerm;

use super::{pod_spec, rule, spec};
use crate::edit::Edit;
use crate::levels::Level;
use crate::matching::label_selector::label_selector_as_selector;
use crate::matching::{Labels, NO_LABELS};
use crate::placement::rollout::Limits;
use crate::rules::{Check, Findings, Object, Rule};

pub(in crate::rules) static RULE: Rule = rule(
    "self-anti-affinity",
    Level::Warning,
    (
        "the pods' anti-affinity to themselves keeps some of them pending",
        include_str!("self_anti_affinity.md"),
    ),
    Check::Object(check),
);

const HOSTNAME: &str = "kubernetes.io/hostname";

fn check(object: &Object<'_>, findings: &mut Findings) {
    let Some(spec) = spec(object) else { return };
    let surges = Limits::new(object.daemon_set, 1).is_some_and(|limits| limits.surges);
    let template = object.daemon_set.spec.template.metadata.as_ref();
    let labels = template.and_then(|template| template.labels.as_ref()).unwrap_or(&NO_LABELS);
    let namespace = object.daemon_set.metadata.namespace.as_deref().unwrap_or("default");
    let affinity = spec.affinity.as_ref().and_then(|affinity| affinity.pod_anti_affinity.as_ref());
    let required = affinity
        .iter()
        .flat_map(|pods| pods.required_during_scheduling_ignored_during_execution.iter().flatten());
    let path = pod_spec().field("affinity").field("podAntiAffinity");
    let path = path.field("requiredDuringSchedulingIgnoredDuringExecution");
    for (index, term) in required.enumerate() {
        if !is_about(term, labels, namespace) {
            continue;
        }
        let (message, help) = if term.topology_key != HOSTNAME {
            let key = &term.topology_key;
            let message = format!(
                "of all nodes with the same `{key}` one runs a pod, and the pods of the others stay pending, because it excludes the DaemonSet's own pods"
            );
            (message, "take the term out: a node never gets two pods of one DaemonSet")
        } else if surges {
            let message = "with `maxSurge` a new pod starts beside the old one, but it excludes pods of its own kind from the node, \
                           so the update makes no progress";
            (message.to_owned(), "take the term out, or use `maxUnavailable` instead of `maxSurge`")
        } else {
            continue;
        };
        let path = path.clone().index(index);
        let fix = vec![Edit::Remove { path: path.clone() }];
        findings.push(RULE.finding(path, message).help(help).fix(false, fix));
    }
}

/// Whether the term is about the pods themselves.
fn is_about(term: &PodAffinityTerm, labels: &Labels, namespace: &str) -> bool {
    let here =
        term.namespaces.as_ref().is_none_or(|all| all.is_empty() || all.iter().any(|one| one == namespace));
    // Which namespaces have which labels is not known, and keys that make a selector of the pod's own labels are rare.
    let is_plain = term.namespace_selector.is_none() && term.mismatch_label_keys.is_none();
    let selector = label_selector_as_selector(term.label_selector.as_ref());
    here && is_plain && selector.is_ok_and(|selector| selector.matches(labels))
}
