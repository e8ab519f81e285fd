//! Rules about what the pods ask of their nodes: selectors, affinity terms, tolerations, spreading.

pub(super) mod bootstrap_toleration;
pub(super) mod dead_term;
pub(super) mod lands_on_windows;
pub(super) mod old_control_plane_taint;
pub(super) mod parked_by_selector;
pub(super) mod pod_affinity;
pub(super) mod selects_no_node;
pub(super) mod self_anti_affinity;
pub(super) mod terms_exclude_nothing;
pub(super) mod tolerates_dead_nodes;
pub(super) mod tolerates_everything;
pub(super) mod toleration_seconds;
pub(super) mod toleration_without_value;
pub(super) mod topology_spread;
pub(super) mod virtual_nodes;
pub(super) mod volatile_selector_label;

use k8s_openapi::api::core::v1::{NodeSelectorTerm, PodSpec, Toleration};

use crate::edit::NewValue;
use crate::levels::{AdmissionLevel, Level};
use crate::path::FieldPath;
use crate::rules::{Check, Family, Object, Rule};

/// A rule of this family.
const fn rule(
    id: &'static str,
    level: Level,
    (summary, page): (&'static str, &'static str),
    check: Check,
) -> Rule {
    let admission = Some(AdmissionLevel::Off);
    Rule { id, level, admission, family: Family::Scheduling, since: "0.1.0", summary, page, check }
}

/// So many findings of one rule about one DaemonSet are made.
const MOST: usize = 20;

fn spec<'o>(object: &Object<'o>) -> Option<&'o PodSpec> {
    object.daemon_set.spec.template.spec.as_ref()
}

fn pod_spec() -> FieldPath {
    FieldPath::of(&["spec", "template", "spec"])
}

fn node_affinity() -> FieldPath {
    pod_spec().field("affinity").field("nodeAffinity")
}

/// The required terms of the node affinity.
fn terms(spec: &PodSpec) -> &[NodeSelectorTerm] {
    let affinity = spec.affinity.as_ref().and_then(|affinity| affinity.node_affinity.as_ref());
    let required =
        affinity.and_then(|nodes| nodes.required_during_scheduling_ignored_during_execution.as_ref());
    required.map(|required| required.node_selector_terms.as_slice()).unwrap_or_default()
}

fn term_path(index: usize) -> FieldPath {
    let required = node_affinity().field("requiredDuringSchedulingIgnoredDuringExecution");
    required.field("nodeSelectorTerms").index(index)
}

fn tolerations(spec: &PodSpec) -> &[Toleration] {
    spec.tolerations.as_deref().unwrap_or_default()
}

fn toleration_path(index: usize) -> FieldPath {
    pod_spec().field("tolerations").index(index)
}

/// A toleration of a taint of this key that keeps pods off, whatever its value is.
fn toleration(key: &str) -> NewValue {
    let entry = |key: &str, value: &str| (key.to_owned(), value.into());
    NewValue::Map(vec![entry("key", key), entry("operator", "Exists"), entry("effect", "NoSchedule")])
}

fn text(field: Option<&String>) -> &str {
    field.map(String::as_str).unwrap_or_default()
}

/// Whether it is for all keys.
fn is_for_all_keys(toleration: &Toleration) -> bool {
    text(toleration.key.as_ref()).is_empty() && text(toleration.operator.as_ref()) == "Exists"
}

/// Whether it is for the effect.
fn is_for_effect(toleration: &Toleration, effect: &str) -> bool {
    ["", effect].contains(&text(toleration.effect.as_ref()))
}

/// Whether a taint of this key and effect is tolerated, with some value at least.
fn tolerates(spec: &PodSpec, key: &str, effect: &str) -> bool {
    tolerations(spec)
        .iter()
        .any(|one| (is_for_all_keys(one) || text(one.key.as_ref()) == key) && is_for_effect(one, effect))
}

/// Whether a requirement on a label of the node is written, by `nodeSelector` or required node affinity.
fn asks_for(spec: &PodSpec, key: &str) -> bool {
    spec.node_selector.as_ref().is_some_and(|pairs| pairs.contains_key(key))
        || terms(spec).iter().any(|term| term.match_expressions.iter().flatten().any(|one| one.key == key))
}
