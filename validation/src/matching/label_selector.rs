//! Label selectors.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;

use super::error::SelectorFaults;
use super::requirement::{self, Operator};
use super::{Labels, SelectorError};
use crate::path::Path;

/// A valid label selector.
#[derive(Clone, Copy, Debug)]
pub struct Selector<'s> {
    source: Option<&'s LabelSelector>,
}

/// Parses a label selector. An absent selector matches nothing, an empty selector matches everything.
///
/// # Errors
///
/// If a requirement is invalid. The error is about the first one; the server iterates over `matchLabels` in random order.
///
/// Upstream: `apimachinery/meta/v1.LabelSelectorAsSelector`.
pub fn label_selector_as_selector(selector: Option<&LabelSelector>) -> Result<Selector<'_>, SelectorError> {
    let read = Selector { source: selector };
    let Some(selector) = selector else { return Ok(read) };
    let nowhere = Path::root("");
    for (key, value) in selector.match_labels.iter().flatten() {
        let mut faults = SelectorFaults::default();
        requirement::check_pair(key, value, &nowhere, &mut faults);
        faults.into_result()?;
    }
    for expression in selector.match_expressions.iter().flatten() {
        let operator = Operator::of_label_selector(&expression.operator)
            .ok_or_else(|| SelectorError::Operator(expression.operator.clone()))?;
        let values = expression.values.as_deref().unwrap_or_default();
        let mut faults = SelectorFaults::default();
        requirement::check(&expression.key, operator, values, &nowhere, &mut faults);
        faults.into_result()?;
    }
    Ok(read)
}

impl Selector<'_> {
    /// Whether the selector matches the labels.
    ///
    /// Upstream: `apimachinery/labels.internalSelector.Matches`.
    pub fn matches(&self, labels: &Labels) -> bool {
        let Some(selector) = self.source else { return false };
        let has = |(key, value): (&String, &String)| labels.get(key) == Some(value);
        let fulfilled = |operator: &str, key: &str, values: Option<&Vec<String>>| {
            let values = values.map(Vec::as_slice).unwrap_or_default();
            Operator::of_label_selector(operator)
                .is_some_and(|operator| requirement::matches(key, operator, values, labels).is_ok())
        };
        selector.match_labels.iter().flatten().all(has)
            && selector
                .match_expressions
                .iter()
                .flatten()
                .all(|one| fulfilled(&one.operator, &one.key, one.values.as_ref()))
    }

    /// Whether the selector matches everything.
    ///
    /// Upstream: `apimachinery/labels.internalSelector.Empty`.
    pub fn is_empty(&self) -> bool {
        self.source.is_some_and(|selector| {
            selector.match_labels.iter().flatten().next().is_none()
                && selector.match_expressions.iter().flatten().next().is_none()
        })
    }

    /// Whether all requirements are on the label `key`.
    pub fn asks_only_for(&self, key: &str) -> bool {
        self.source.is_none_or(|selector| {
            selector.match_labels.iter().flatten().all(|(asked, _)| asked == key)
                && selector.match_expressions.iter().flatten().all(|one| one.key == key)
        })
    }
}

/// Whether a label selector matches a set of labels.
///
/// # Errors
///
/// If a requirement of the selector is invalid.
pub fn matches(selector: &LabelSelector, labels: &Labels) -> Result<bool, SelectorError> {
    label_selector_as_selector(Some(selector)).map(|selector| selector.matches(labels))
}
