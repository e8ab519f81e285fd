//! `matchLabelKeys` and `mismatchLabelKeys`.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, LabelSelectorRequirement};

use crate::matching::Labels;

/// Adds a requirement to the selector for each key that the pod has, as the server does when it stores the pod.
///
/// Upstream: `registry/core/pod.applyLabelKeysToLabelSelector`.
pub(super) fn merge(selector: &mut LabelSelector, keys: &[String], operator: &str, labels: &Labels) {
    for key in keys {
        if let Some(value) = labels.get(key) {
            selector.match_expressions.get_or_insert_default().push(LabelSelectorRequirement {
                key: key.clone(),
                operator: operator.to_owned(),
                values: Some(vec![value.clone()]),
            });
        }
    }
}
