//! Deprecated node labels in node selectors, affinity and topology spread constraints.

use k8s_openapi::api::core::v1::{NodeSelectorTerm, PodSpec};

use super::list::Warnings;
use crate::apiserver::content::is_valid_label_value;
use crate::path::Path;

/// The server's message about a deprecated label.
///
/// Upstream: `api/node.GetNodeLabelDeprecatedMessage`.
fn get_node_label_deprecated_message(key: &str) -> Option<&'static str> {
    Some(match key {
        "beta.kubernetes.io/arch" => "deprecated since v1.14; use \"kubernetes.io/arch\" instead",
        "beta.kubernetes.io/os" => "deprecated since v1.14; use \"kubernetes.io/os\" instead",
        "failure-domain.beta.kubernetes.io/region" => {
            "deprecated since v1.17; use \"topology.kubernetes.io/region\" instead"
        }
        "failure-domain.beta.kubernetes.io/zone" => {
            "deprecated since v1.17; use \"topology.kubernetes.io/zone\" instead"
        }
        "beta.kubernetes.io/instance-type" => {
            "deprecated since v1.17; use \"node.kubernetes.io/instance-type\" instead"
        }
        "app.kubernetes.io/created-by" => "deprecated since v1.9",
        "scheduler.alpha.kubernetes.io/preferAvoidPods" => {
            "deprecated since v1.22; use Taints and Tolerations instead"
        }
        "node-role.kubernetes.io/master" => "use \"node-role.kubernetes.io/control-plane\" instead",
        _ => return None,
    })
}

/// Warns about deprecated labels, and about topology spread constraints that match no pods.
pub(super) fn warn_about_node_labels(spec: &PodSpec, path: &Path<'_>, warnings: &mut Warnings) {
    for key in spec.node_selector.iter().flat_map(|selector| selector.keys()) {
        if let Some(message) = get_node_label_deprecated_message(key) {
            warnings.push(&path.field("nodeSelector").key(key), format_args!("{message}"));
        }
    }
    warn_about_node_affinity(spec, path, warnings);
    let constraints = path.field("topologySpreadConstraints");
    for (index, constraint) in spec.topology_spread_constraints.iter().flatten().enumerate() {
        let path = constraints.index(index);
        let key = &constraint.topology_key;
        if let Some(message) = get_node_label_deprecated_message(key) {
            warnings.push_about(&path.field("topologyKey"), key, message);
        }
        if constraint.label_selector.is_none() {
            let message = format_args!("a null labelSelector results in matching no pod");
            warnings.push(&path.field("labelSelector"), message);
        }
    }
}

fn warn_about_node_affinity(spec: &PodSpec, path: &Path<'_>, warnings: &mut Warnings) {
    let Some(affinity) = spec.affinity.as_ref().and_then(|affinity| affinity.node_affinity.as_ref()) else {
        return;
    };
    let path = path.field("affinity.nodeAffinity");
    if let Some(required) = &affinity.required_during_scheduling_ignored_during_execution {
        let path = path.field("requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms");
        for (index, term) in required.node_selector_terms.iter().enumerate() {
            get_warnings_for_node_selector_term(term, false, &path.index(index), warnings);
        }
    }
    let path = path.field("preferredDuringSchedulingIgnoredDuringExecution");
    let preferred = affinity.preferred_during_scheduling_ignored_during_execution.iter().flatten();
    for (index, term) in preferred.enumerate() {
        let path = path.index(index);
        get_warnings_for_node_selector_term(&term.preference, true, &path.field("preference"), warnings);
    }
}

/// Warns about deprecated labels in a term, and about invalid label values in preferred terms, which validation allows.
///
/// Upstream: `api/node.GetWarningsForNodeSelectorTerm`.
fn get_warnings_for_node_selector_term(
    term: &NodeSelectorTerm,
    check_label_value: bool,
    path: &Path<'_>,
    warnings: &mut Warnings,
) {
    let expressions = path.field("matchExpressions");
    for (index, expression) in term.match_expressions.iter().flatten().enumerate() {
        let path = expressions.index(index);
        let key = &expression.key;
        if let Some(message) = get_node_label_deprecated_message(key) {
            warnings.push_about(&path.field("key"), key, message);
        }
        if !check_label_value {
            continue;
        }
        let values = path.field("values");
        for (index, value) in expression.values.iter().flatten().enumerate() {
            for message in is_valid_label_value(value) {
                warnings.push(&values.index(index), format_args!("{value} is invalid, {message}"));
            }
        }
    }
}
