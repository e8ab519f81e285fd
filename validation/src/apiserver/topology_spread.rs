//! Topology spread constraints.

use std::collections::{BTreeSet, HashMap};

use k8s_openapi::api::core::v1::TopologySpreadConstraint;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;

use crate::apiserver::affinity::validate_match_label_keys_and_mismatch_label_keys;
use crate::apiserver::context::Context;
use crate::apiserver::error::Errors;
use crate::apiserver::label_selector::{validate_label_name, validate_label_selector};
use crate::path::Path;

const DO_NOT_SCHEDULE: &str = "DoNotSchedule";

/// Checks each constraint. No two constraints may have the same topology key and `whenUnsatisfiable`.
///
/// Upstream: `core/validation.validateTopologySpreadConstraints`, `core/validation.ValidateTopologyKey`,
/// `core/validation.ValidateWhenUnsatisfiable`, `core/validation.ValidateSpreadConstraintNotRepeat`.
pub(super) fn validate_topology_spread_constraints(
    constraints: &[TopologySpreadConstraint],
    path: &Path<'_>,
    cx: &Context<'_>,
    errors: &mut Errors,
) {
    // The server finds the pair again among the later ones.
    let pairs = constraints.iter().map(|one| (one.topology_key.as_str(), one.when_unsatisfiable.as_str()));
    let last: HashMap<(&str, &str), usize> = pairs.enumerate().map(|(index, pair)| (pair, index)).collect();
    for (index, constraint) in constraints.iter().enumerate() {
        let path = path.index(index);
        let topology_key = &constraint.topology_key;
        let action = &constraint.when_unsatisfiable;
        validate_positive_field(constraint.max_skew, &path.field("maxSkew"), errors);
        if topology_key.is_empty() {
            errors.required(&path.field("topologyKey"), "can not be empty");
        }
        if action != DO_NOT_SCHEDULE && action != "ScheduleAnyway" {
            let supported = [DO_NOT_SCHEDULE, "ScheduleAnyway"];
            errors.not_supported(&path.field("whenUnsatisfiable"), action, &supported);
        }
        if last.get(&(topology_key.as_str(), action.as_str())).is_some_and(|last| *last > index) {
            let pair = format!("{{{topology_key}, {action}}}");
            errors.duplicate(&path.field("{topologyKey, whenUnsatisfiable}"), &pair);
        }
        validate_min_domains(constraint.min_domains, action, &path.field("minDomains"), errors);
        let policy = constraint.node_affinity_policy.as_deref();
        validate_node_inclusion_policy(policy, &path.field("nodeAffinityPolicy"), errors);
        let policy = constraint.node_taints_policy.as_deref();
        validate_node_inclusion_policy(policy, &path.field("nodeTaintsPolicy"), errors);
        validate_match_label_keys(constraint, &path, cx, errors);
        if !cx.options.allow_invalid_topology_spread_constraint_label_selector {
            let selector = constraint.label_selector.as_ref();
            validate_label_selector(selector, false, &path.field("labelSelector"), errors);
        }
    }
}

/// Checks `matchLabelKeys` by one of two rules: the current one, which considers that keys are merged into the selector, or the
/// older one. If the stored object violates the selected rule, the other one applies.
fn validate_match_label_keys(
    constraint: &TopologySpreadConstraint,
    path: &Path<'_>,
    cx: &Context<'_>,
    errors: &mut Errors,
) {
    let options = &cx.options;
    let merged = options.allow_match_label_keys_in_pod_topology_spread
        && if options.allow_match_label_keys_in_pod_topology_spread_selector_merge {
            !options.old_pod_violates_match_label_keys_validation
        } else {
            options.old_pod_violates_legacy_match_label_keys_validation
        };
    let keys = constraint.match_label_keys.as_deref().unwrap_or_default();
    let selector = constraint.label_selector.as_ref();
    if merged {
        validate_match_label_keys_and_mismatch_label_keys(keys, &[], selector, path, errors);
    } else {
        let path = path.field("matchLabelKeys");
        validate_match_label_keys_in_topology_spread(keys, selector, &path, errors);
    }
}

/// The older rule: keys require a selector, are label names, and do not occur in the selector.
///
/// Upstream: `core/validation.ValidateMatchLabelKeysInTopologySpread`.
pub(super) fn validate_match_label_keys_in_topology_spread(
    keys: &[String],
    selector: Option<&LabelSelector>,
    path: &Path<'_>,
    errors: &mut Errors,
) {
    if keys.is_empty() {
        return;
    }
    let mut selected = BTreeSet::new();
    match selector {
        Some(selector) => {
            selected.extend(selector.match_labels.iter().flatten().map(|(key, _)| key));
            selected.extend(selector.match_expressions.iter().flatten().map(|expression| &expression.key));
        }
        None => errors.forbidden(path, "must not be specified when labelSelector is not set"),
    }
    for (index, key) in keys.iter().enumerate() {
        let path = path.index(index);
        validate_label_name(key, &path, errors);
        if selected.contains(key) {
            errors.invalid(&path, key, "exists in both matchLabelKeys and labelSelector");
        }
    }
}

/// The number is positive.
///
/// Upstream: `core/validation.ValidatePositiveField`.
fn validate_positive_field(value: i32, path: &Path<'_>, errors: &mut Errors) {
    if value <= 0 {
        errors.invalid(path, value, "must be greater than zero");
    }
}

/// `minDomains` is positive, and requires `whenUnsatisfiable: DoNotSchedule`.
///
/// Upstream: `core/validation.validateMinDomains`.
fn validate_min_domains(min_domains: Option<i32>, action: &str, path: &Path<'_>, errors: &mut Errors) {
    let Some(min_domains) = min_domains else { return };
    validate_positive_field(min_domains, path, errors);
    if action != DO_NOT_SCHEDULE {
        let detail = format!("can only use minDomains if whenUnsatisfiable={DO_NOT_SCHEDULE}, not {action}");
        errors.invalid(path, min_domains, detail);
    }
}

/// A node inclusion policy is one of two values.
///
/// Upstream: `core/validation.validateNodeInclusionPolicy`.
fn validate_node_inclusion_policy(policy: Option<&str>, path: &Path<'_>, errors: &mut Errors) {
    if let Some(policy) = policy
        && policy != "Honor"
        && policy != "Ignore"
    {
        errors.not_supported(path, policy, &["Honor", "Ignore"]);
    }
}
