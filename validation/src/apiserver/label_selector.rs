//! Label selectors, and the labels that they select by.

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, LabelSelectorRequirement};

use crate::apiserver::content::{is_qualified_name, is_valid_label_value, report};
use crate::apiserver::error::Errors;
use crate::path::Path;

/// Whether a requirement holds a value that no label can have. An object that was stored with one may keep it.
///
/// Upstream: `apimachinery/meta/v1/validation.LabelSelectorHasInvalidLabelValue`.
pub(super) fn label_selector_has_invalid_label_value(selector: &LabelSelector) -> bool {
    let requirements = selector.match_expressions.iter().flatten();
    let mut values = requirements.flat_map(|requirement| requirement.values.iter().flatten());
    values.any(|value| !is_valid_label_value(value).is_empty())
}

/// A selector has labels that could exist and requirements that make sense.
///
/// Upstream: `apimachinery/meta/v1/validation.ValidateLabelSelector`.
pub(super) fn validate_label_selector(
    selector: Option<&LabelSelector>,
    allow_invalid_label_value: bool,
    path: &Path<'_>,
    errors: &mut Errors,
) {
    let Some(selector) = selector else { return };
    validate_labels(selector.match_labels.as_ref(), &path.field("matchLabels"), errors);
    let expressions = path.field("matchExpressions");
    for (index, requirement) in selector.match_expressions.iter().flatten().enumerate() {
        let path = expressions.index(index);
        validate_label_selector_requirement(requirement, allow_invalid_label_value, &path, errors);
    }
}

/// `In` and `NotIn` have values, `Exists` and `DoesNotExist` have none, and there is no other operator.
///
/// Upstream: `apimachinery/meta/v1/validation.ValidateLabelSelectorRequirement`.
fn validate_label_selector_requirement(
    requirement: &LabelSelectorRequirement,
    allow_invalid_label_value: bool,
    path: &Path<'_>,
    errors: &mut Errors,
) {
    let values = requirement.values.as_deref().unwrap_or_default();
    match requirement.operator.as_str() {
        "In" | "NotIn" => {
            if values.is_empty() {
                let detail = "must be specified when `operator` is 'In' or 'NotIn'";
                errors.required(&path.field("values"), detail);
            }
        }
        "Exists" | "DoesNotExist" => {
            if !values.is_empty() {
                let detail = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'";
                errors.forbidden(&path.field("values"), detail);
            }
        }
        operator => errors.invalid(&path.field("operator"), operator, "not a valid selector operator"),
    }
    validate_label_name(&requirement.key, &path.field("key"), errors);
    if !allow_invalid_label_value {
        let path = path.field("values");
        for (index, value) in values.iter().enumerate() {
            report(is_valid_label_value(value), value, &path.index(index), errors);
        }
    }
}

/// A label's key is a qualified name.
///
/// Upstream: `apimachinery/meta/v1/validation.ValidateLabelName`.
pub(super) fn validate_label_name(name: &str, path: &Path<'_>, errors: &mut Errors) {
    report(is_qualified_name(name), name, path, errors);
}

/// Each label has a key and a value that labels can have. All errors stand at the map itself.
///
/// Upstream: `apimachinery/meta/v1/validation.ValidateLabels`.
pub(super) fn validate_labels(
    labels: Option<&BTreeMap<String, String>>,
    path: &Path<'_>,
    errors: &mut Errors,
) {
    for (key, value) in labels.into_iter().flatten() {
        validate_label_name(key, path, errors);
        report(is_valid_label_value(value), value, path, errors);
    }
}
