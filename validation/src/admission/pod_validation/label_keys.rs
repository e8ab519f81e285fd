//! `matchLabelKeys` and `mismatchLabelKeys`, which the server merges into label selectors.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{PodAffinityTerm, PodSpec, WeightedPodAffinityTerm};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, LabelSelectorRequirement};

/// Adds the pod's own values of the keys to the selectors. The gates are on in all supported minors.
///
/// Upstream: `registry/core/pod.mutatePodAffinity`, `registry/core/pod.mutateTopologySpreadConstraints`,
/// `registry/core/pod.applyMatchLabelKeys`.
pub(super) fn merge(spec: &mut PodSpec, labels: &BTreeMap<String, String>) {
    if let Some(affinity) = &mut spec.affinity {
        if let Some(near) = &mut affinity.pod_affinity {
            terms(
                &mut near.preferred_during_scheduling_ignored_during_execution,
                &mut near.required_during_scheduling_ignored_during_execution,
                labels,
            );
        }
        if let Some(far) = &mut affinity.pod_anti_affinity {
            terms(
                &mut far.preferred_during_scheduling_ignored_during_execution,
                &mut far.required_during_scheduling_ignored_during_execution,
                labels,
            );
        }
    }
    for constraint in spec.topology_spread_constraints.iter_mut().flatten() {
        if let Some(selector) = &mut constraint.label_selector {
            add(selector, constraint.match_label_keys.as_deref(), "In", labels);
        }
    }
}

fn terms(
    preferred: &mut Option<Vec<WeightedPodAffinityTerm>>,
    required: &mut Option<Vec<PodAffinityTerm>>,
    labels: &BTreeMap<String, String>,
) {
    let preferred = preferred.iter_mut().flatten().map(|weighted| &mut weighted.pod_affinity_term);
    preferred.chain(required.iter_mut().flatten()).for_each(|one| term(one, labels));
}

/// A term without a selector matches nothing, and stays so.
///
/// Upstream: `registry/core/pod.applyMatchLabelKeysAndMismatchLabelKeys`.
fn term(term: &mut PodAffinityTerm, labels: &BTreeMap<String, String>) {
    if let Some(selector) = &mut term.label_selector {
        add(selector, term.match_label_keys.as_deref(), "In", labels);
        add(selector, term.mismatch_label_keys.as_deref(), "NotIn", labels);
    }
}

/// A key that the pod does not have adds nothing.
///
/// Upstream: `registry/core/pod.applyLabelKeysToLabelSelector`.
fn add(
    selector: &mut LabelSelector,
    keys: Option<&[String]>,
    operator: &str,
    labels: &BTreeMap<String, String>,
) {
    for key in keys.unwrap_or_default() {
        let Some(value) = labels.get(key) else { continue };
        selector.match_expressions.get_or_insert_default().push(LabelSelectorRequirement {
            key: key.clone(),
            operator: operator.to_owned(),
            values: Some(vec![value.clone()]),
        });
    }
}
