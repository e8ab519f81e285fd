//! Node affinity, pod affinity and pod anti-affinity.

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::api::core::v1::{
    Affinity, NodeAffinity, PodAffinity, PodAffinityTerm, PodAntiAffinity, WeightedPodAffinityTerm,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;

use crate::apiserver::content::{name_is_dns_label, report};
use crate::apiserver::context::Context;
use crate::apiserver::error::Errors;
use crate::apiserver::label_selector::{validate_label_name, validate_label_selector};
use crate::apiserver::node_selector::{
    validate_node_selector, validate_preferred_scheduling_terms, validate_weight,
};
use crate::path::Path;

const REQUIRED: &str = "requiredDuringSchedulingIgnoredDuringExecution";
const PREFERRED: &str = "preferredDuringSchedulingIgnoredDuringExecution";

/// Checks the pod's affinity.
///
/// Upstream: `core/validation.validateAffinity`.
pub(super) fn validate_affinity(
    affinity: Option<&Affinity>,
    path: &Path<'_>,
    cx: &Context<'_>,
    errors: &mut Errors,
) {
    let Some(affinity) = affinity else { return };
    if let Some(node_affinity) = &affinity.node_affinity {
        validate_node_affinity(node_affinity, &path.field("nodeAffinity"), cx, errors);
    }
    let allow_invalid_label_value = cx.options.allow_invalid_label_value_in_selector;
    if let Some(pod_affinity) = &affinity.pod_affinity {
        validate_pod_affinity(pod_affinity, allow_invalid_label_value, &path.field("podAffinity"), errors);
    }
    if let Some(anti_affinity) = &affinity.pod_anti_affinity {
        let path = path.field("podAntiAffinity");
        validate_pod_anti_affinity(anti_affinity, allow_invalid_label_value, &path, errors);
    }
}

/// Required node affinity is a node selector; preferred node affinity is a list of weighted terms.
///
/// Upstream: `core/validation.validateNodeAffinity`.
fn validate_node_affinity(
    node_affinity: &NodeAffinity,
    path: &Path<'_>,
    cx: &Context<'_>,
    errors: &mut Errors,
) {
    if let Some(required) = &node_affinity.required_during_scheduling_ignored_during_execution {
        let allow_invalid_label_value = cx.options.allow_invalid_label_value_in_required_node_affinity;
        validate_node_selector(required, allow_invalid_label_value, &path.field(REQUIRED), errors);
    }
    if let Some(preferred) = &node_affinity.preferred_during_scheduling_ignored_during_execution {
        validate_preferred_scheduling_terms(preferred, &path.field(PREFERRED), errors);
    }
}

/// Checks the required and preferred terms of pod affinity.
///
/// Upstream: `core/validation.validatePodAffinity`.
fn validate_pod_affinity(
    pod_affinity: &PodAffinity,
    allow_invalid_label_value: bool,
    path: &Path<'_>,
    errors: &mut Errors,
) {
    if let Some(required) = &pod_affinity.required_during_scheduling_ignored_during_execution {
        validate_pod_affinity_terms(required, allow_invalid_label_value, &path.field(REQUIRED), errors);
    }
    if let Some(preferred) = &pod_affinity.preferred_during_scheduling_ignored_during_execution {
        validate_weighted_pod_affinity_terms(
            preferred,
            allow_invalid_label_value,
            &path.field(PREFERRED),
            errors,
        );
    }
}

/// Checks the required and preferred terms of pod anti-affinity.
///
/// Upstream: `core/validation.validatePodAntiAffinity`.
fn validate_pod_anti_affinity(
    anti_affinity: &PodAntiAffinity,
    allow_invalid_label_value: bool,
    path: &Path<'_>,
    errors: &mut Errors,
) {
    if let Some(required) = &anti_affinity.required_during_scheduling_ignored_during_execution {
        validate_pod_affinity_terms(required, allow_invalid_label_value, &path.field(REQUIRED), errors);
    }
    if let Some(preferred) = &anti_affinity.preferred_during_scheduling_ignored_during_execution {
        validate_weighted_pod_affinity_terms(
            preferred,
            allow_invalid_label_value,
            &path.field(PREFERRED),
            errors,
        );
    }
}

/// Checks each required term.
///
/// Upstream: `core/validation.validatePodAffinityTerms`.
fn validate_pod_affinity_terms(
    terms: &[PodAffinityTerm],
    allow_invalid_label_value: bool,
    path: &Path<'_>,
    errors: &mut Errors,
) {
    for (index, term) in terms.iter().enumerate() {
        validate_pod_affinity_term(term, allow_invalid_label_value, &path.index(index), errors);
    }
}

/// Checks each preferred term and its weight, which is 1 to 100.
///
/// Upstream: `core/validation.validateWeightedPodAffinityTerms`.
fn validate_weighted_pod_affinity_terms(
    terms: &[WeightedPodAffinityTerm],
    allow_invalid_label_value: bool,
    path: &Path<'_>,
    errors: &mut Errors,
) {
    for (index, term) in terms.iter().enumerate() {
        let path = path.index(index);
        validate_weight(term.weight, &path.field("weight"), errors);
        let path = path.field("podAffinityTerm");
        validate_pod_affinity_term(&term.pod_affinity_term, allow_invalid_label_value, &path, errors);
    }
}

/// A term selects pods by labels, namespaces by name or selector, and a topology key.
///
/// Upstream: `core/validation.validatePodAffinityTerm`, `core/validation.ValidatePodAffinityTermSelector`.
fn validate_pod_affinity_term(
    term: &PodAffinityTerm,
    allow_invalid_label_value: bool,
    path: &Path<'_>,
    errors: &mut Errors,
) {
    let selector = term.label_selector.as_ref();
    validate_label_selector(selector, allow_invalid_label_value, &path.field("labelSelector"), errors);
    let namespaces = term.namespace_selector.as_ref();
    validate_label_selector(namespaces, allow_invalid_label_value, &path.field("namespaceSelector"), errors);
    // The server's path has `namespace` instead of `namespaces`, and no index.
    let namespace = path.field("namespace");
    for name in term.namespaces.iter().flatten() {
        report(name_is_dns_label(name, false), name, &namespace, errors);
    }
    let match_keys = term.match_label_keys.as_deref().unwrap_or_default();
    let mismatch_keys = term.mismatch_label_keys.as_deref().unwrap_or_default();
    validate_match_label_keys_and_mismatch_label_keys(match_keys, mismatch_keys, selector, path, errors);
    let topology_key = path.field("topologyKey");
    if term.topology_key.is_empty() {
        errors.required(&topology_key, "can not be empty");
    }
    validate_label_name(&term.topology_key, &topology_key, errors);
}

/// `matchLabelKeys` and `mismatchLabelKeys` require a label selector. The keys are label names, do not occur in the selector, and
/// no key is in both lists.
///
/// Upstream: `core/validation.ValidateMatchLabelKeysAndMismatchLabelKeys`.
pub(super) fn validate_match_label_keys_and_mismatch_label_keys(
    match_keys: &[String],
    mismatch_keys: &[String],
    selector: Option<&LabelSelector>,
    path: &Path<'_>,
    errors: &mut Errors,
) {
    validate_label_keys(match_keys, selector, &path.field("matchLabelKeys"), errors);
    validate_label_keys(mismatch_keys, selector, &path.field("mismatchLabelKeys"), errors);
    if match_keys.is_empty() {
        return;
    }
    if let Some(selector) = selector {
        validate_keys_against_selector(match_keys, selector, path, errors);
    }
    let mismatch_keys: BTreeSet<&String> = mismatch_keys.iter().collect();
    let path = path.field("matchLabelKeys");
    for (index, key) in match_keys.iter().enumerate() {
        if mismatch_keys.contains(key) {
            errors.invalid(&path.index(index), key, "exists in both matchLabelKeys and mismatchLabelKeys");
        }
    }
}

/// A key of `matchLabelKeys` must not occur in the selector. For pods the server merges a requirement for each key into the
/// selector, so upstream reports a key only if it occurs twice. The path of the error leaves out the field, and of equal keys it
/// has the index of the last.
fn validate_keys_against_selector(
    match_keys: &[String],
    selector: &LabelSelector,
    path: &Path<'_>,
    errors: &mut Errors,
) {
    let places: BTreeMap<&String, usize> =
        match_keys.iter().enumerate().map(|(index, key)| (key, index)).collect();
    let mut seen: BTreeSet<&String> = selector.match_labels.iter().flatten().map(|(key, _)| key).collect();
    for expression in selector.match_expressions.iter().flatten() {
        let key = &expression.key;
        let again = !seen.insert(key);
        if let Some(index) = places.get(key)
            && again
        {
            errors.invalid(&path.index(*index), key, "exists in both matchLabelKeys and labelSelector");
        }
    }
}

/// Keys require a label selector, and are label names.
///
/// Upstream: `core/validation.validateLabelKeys`.
fn validate_label_keys(
    keys: &[String],
    selector: Option<&LabelSelector>,
    path: &Path<'_>,
    errors: &mut Errors,
) {
    if keys.is_empty() {
        return;
    }
    if selector.is_none() {
        errors.forbidden(path, "must not be specified when labelSelector is not set");
        return;
    }
    for (index, key) in keys.iter().enumerate() {
        validate_label_name(key, &path.index(index), errors);
    }
}
