//! Label selectors and labels.

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, LabelSelectorRequirement};

use crate::apiserver::content::{is_qualified_name, is_valid_label_value, report};
use crate::apiserver::error::Errors;
use crate::path::Path;

/// Whether a requirement has an invalid label value. A stored object may keep such a value.
///
/// Upstream: `apimachinery/meta/v1/validation.LabelSelectorHasInvalidLabelValue`.
pub(super) fn label_selector_has_invalid_label_value(selector: &LabelSelector) -> bool {
    let requirements = selector.match_expressions.iter().flatten();
    let mut values = requirements.flat_map(|requirement| requirement.values.iter().flatten());
    values.any(|value| !is_valid_label_value(value).is_empty())
}

/// Checks `matchLabels` and `matchExpressions`.
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

/// `In` and `NotIn` require values, `Exists` and `DoesNotExist` forbid them. Other operators are invalid.
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

/// A label key is a qualified name.
///
/// Upstream: `apimachinery/meta/v1/validation.ValidateLabelName`.
pub(super) fn validate_label_name(name: &str, path: &Path<'_>, errors: &mut Errors) {
    report(is_qualified_name(name), name, path, errors);
}

/// Checks label keys and values. All errors are reported at the map.
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
