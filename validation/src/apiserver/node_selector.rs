//! Node selectors.

use k8s_openapi::api::core::v1::{
    NodeSelector, NodeSelectorRequirement, NodeSelectorTerm, PreferredSchedulingTerm,
};

use crate::apiserver::content::{is_valid_label_value, name_is_dns_subdomain, report};
use crate::apiserver::error::Errors;
use crate::apiserver::label_selector::validate_label_name;
use crate::path::Path;

/// A node selector has at least one term.
///
/// Upstream: `core/validation.ValidateNodeSelector`.
pub(super) fn validate_node_selector(
    node_selector: &NodeSelector,
    allow_invalid_label_value_in_required_node_affinity: bool,
    path: &Path<'_>,
    errors: &mut Errors,
) {
    let path = path.field("nodeSelectorTerms");
    if node_selector.node_selector_terms.is_empty() {
        errors.required(&path, "must have at least one node selector term");
        return;
    }
    for (index, term) in node_selector.node_selector_terms.iter().enumerate() {
        let path = path.index(index);
        validate_node_selector_term(term, allow_invalid_label_value_in_required_node_affinity, &path, errors);
    }
}

/// A preferred term has a weight of 1 to 100. Its label values are not checked: a value that no label can have just never matches.
///
/// Upstream: `core/validation.ValidatePreferredSchedulingTerms`.
pub(super) fn validate_preferred_scheduling_terms(
    terms: &[PreferredSchedulingTerm],
    path: &Path<'_>,
    errors: &mut Errors,
) {
    for (index, term) in terms.iter().enumerate() {
        let path = path.index(index);
        validate_weight(term.weight, &path.field("weight"), errors);
        validate_node_selector_term(&term.preference, true, &path.field("preference"), errors);
    }
}

/// A weight is 1 to 100.
pub(super) fn validate_weight(weight: i32, path: &Path<'_>, errors: &mut Errors) {
    if !(1..=100).contains(&weight) {
        errors.invalid(path, weight, "must be in the range 1-100");
    }
}

/// A term has requirements on labels, on fields, or both.
///
/// Upstream: `core/validation.ValidateNodeSelectorTerm`.
fn validate_node_selector_term(
    term: &NodeSelectorTerm,
    allow_invalid_label_value: bool,
    path: &Path<'_>,
    errors: &mut Errors,
) {
    let expressions = path.field("matchExpressions");
    for (index, requirement) in term.match_expressions.iter().flatten().enumerate() {
        let path = expressions.index(index);
        validate_node_selector_requirement(requirement, allow_invalid_label_value, &path, errors);
    }
    let fields = path.field("matchFields");
    for (index, requirement) in term.match_fields.iter().flatten().enumerate() {
        validate_node_field_selector_requirement(requirement, &fields.index(index), errors);
    }
}

/// A requirement on a label has a label name, an operator, and a number of values that fits the operator.
///
/// Upstream: `core/validation.ValidateNodeSelectorRequirement`.
fn validate_node_selector_requirement(
    requirement: &NodeSelectorRequirement,
    allow_invalid_label_value: bool,
    path: &Path<'_>,
    errors: &mut Errors,
) {
    let values = requirement.values.as_deref().unwrap_or_default();
    let values_path = path.field("values");
    match requirement.operator.as_str() {
        "In" | "NotIn" if values.is_empty() => {
            errors.required(&values_path, "must be specified when `operator` is 'In' or 'NotIn'");
        }
        "Exists" | "DoesNotExist" if !values.is_empty() => {
            let detail = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'";
            errors.forbidden(&values_path, detail);
        }
        "Gt" | "Lt" if values.len() != 1 => {
            errors.required(&values_path, "must be specified single value when `operator` is 'Lt' or 'Gt'");
        }
        "In" | "NotIn" | "Exists" | "DoesNotExist" | "Gt" | "Lt" => {}
        other => errors.invalid(&path.field("operator"), other, "not a valid selector operator"),
    }
    validate_label_name(&requirement.key, &path.field("key"), errors);
    if !allow_invalid_label_value {
        for (index, value) in values.iter().enumerate() {
            report(is_valid_label_value(value), value, &values_path.index(index), errors);
        }
    }
}

/// The only supported field is `metadata.name`, and a requirement on it has exactly one value.
///
/// Upstream: `core/validation.ValidateNodeFieldSelectorRequirement`.
fn validate_node_field_selector_requirement(
    requirement: &NodeSelectorRequirement,
    path: &Path<'_>,
    errors: &mut Errors,
) {
    let values = requirement.values.as_deref().unwrap_or_default();
    let values_path = path.field("values");
    match requirement.operator.as_str() {
        "In" | "NotIn" if values.len() == 1 => {}
        "In" | "NotIn" => {
            let detail = "must be only one value when `operator` is 'In' or 'NotIn' for node field selector";
            errors.required(&values_path, detail);
        }
        other => errors.invalid(&path.field("operator"), other, "not a valid selector operator"),
    }
    if requirement.key == "metadata.name" {
        for (index, value) in values.iter().enumerate() {
            report(name_is_dns_subdomain(value, false), value, &values_path.index(index), errors);
        }
    } else {
        errors.invalid(&path.field("key"), &requirement.key, "not a valid field selector key");
    }
}
