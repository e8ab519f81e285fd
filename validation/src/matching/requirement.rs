//! A requirement of a selector: a key, an operator and values.

use super::Labels;
use super::error::SelectorFaults;
use crate::content::{is_qualified_name, is_valid_label_value, join_messages};
use crate::path::Path;

/// The operator of a requirement.
///
/// Upstream: `apimachinery/selection.Operator`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    In,
    NotIn,
    Exists,
    DoesNotExist,
    Gt,
    Lt,
}

impl Operator {
    /// Parses an operator of a label selector.
    pub(super) fn of_label_selector(text: &str) -> Option<Self> {
        match text {
            "In" => Some(Self::In),
            "NotIn" => Some(Self::NotIn),
            "Exists" => Some(Self::Exists),
            "DoesNotExist" => Some(Self::DoesNotExist),
            _ => None,
        }
    }

    /// Parses an operator of a node selector, which also compares numbers.
    pub(super) fn of_node_selector(text: &str) -> Option<Self> {
        match text {
            "Gt" => Some(Self::Gt),
            "Lt" => Some(Self::Lt),
            _ => Self::of_label_selector(text),
        }
    }
}

/// Why a requirement is not met.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MismatchKind {
    /// The requirement or its term is invalid, so it matches nothing.
    Invalid,
    /// The term has no requirements, so it matches nothing.
    Empty,
    /// The label is absent.
    Absent,
    /// The label is present, and must not be.
    Present,
    /// The label's value is not one of the wanted ones, or is an unwanted one.
    Value,
    /// One of the two values to compare is not an integer.
    NotANumber,
    /// The label's value is not greater, or not less, than the number.
    Order,
}

/// Parses as Go's `strconv.ParseInt(text, 10, 64)`.
pub(super) fn integer(text: &str) -> Option<i64> {
    text.parse().ok()
}

/// Whether labels meet a requirement. The error tells why they do not.
///
/// Upstream: `apimachinery/labels.Requirement.Matches`.
pub(super) fn matches(
    key: &str,
    operator: Operator,
    values: &[String],
    labels: &Labels,
) -> Result<(), MismatchKind> {
    let label = labels.get(key);
    let verdict = |good: bool, kind: MismatchKind| if good { Ok(()) } else { Err(kind) };
    match (operator, label) {
        (Operator::Exists, _) => verdict(label.is_some(), MismatchKind::Absent),
        (Operator::DoesNotExist, _) => verdict(label.is_none(), MismatchKind::Present),
        (Operator::NotIn, None) => Ok(()),
        (_, None) => Err(MismatchKind::Absent),
        (Operator::In, Some(label)) => verdict(values.contains(label), MismatchKind::Value),
        (Operator::NotIn, Some(label)) => verdict(!values.contains(label), MismatchKind::Value),
        (Operator::Gt | Operator::Lt, Some(label)) => {
            let wanted = match values {
                [only] => integer(only),
                _ => None,
            };
            match (integer(label), wanted) {
                (Some(label), Some(wanted)) => {
                    let good = if operator == Operator::Gt { label > wanted } else { label < wanted };
                    verdict(good, MismatchKind::Order)
                }
                _ => Err(MismatchKind::NotANumber),
            }
        }
    }
}

/// Key and values are valid for labels, and the number of values fits the operator.
///
/// Upstream: `apimachinery/labels.NewRequirement`, `apimachinery/labels.validateLabelKey`.
pub(super) fn check(
    key: &str,
    operator: Operator,
    values: &[String],
    path: &Path<'_>,
    faults: &mut SelectorFaults,
) {
    let messages = is_qualified_name(key);
    if !messages.is_empty() {
        faults.invalid(&path.field("key"), key, &join_messages(&messages, "; "));
    }
    let values_path = path.field("values");
    let (right_count, detail) = match operator {
        Operator::In | Operator::NotIn => {
            (!values.is_empty(), "for 'in', 'notin' operators, values set can't be empty")
        }
        Operator::Exists | Operator::DoesNotExist => {
            (values.is_empty(), "values set must be empty for exists and does not exist")
        }
        Operator::Gt | Operator::Lt => {
            (values.len() == 1, "for 'Gt', 'Lt' operators, exactly one value is required")
        }
    };
    if !right_count {
        faults.invalid_list(&values_path, detail);
    }
    if matches!(operator, Operator::Gt | Operator::Lt) {
        for (index, value) in values.iter().enumerate() {
            if integer(value).is_none() {
                let detail = "for 'Gt', 'Lt' operators, the value must be an integer";
                faults.invalid(&values_path.index(index), value, detail);
            }
        }
    }
    for (index, value) in values.iter().enumerate() {
        check_value(key, value, &values_path.index(index), faults);
    }
}

/// A value must be a valid label value.
///
/// Upstream: `apimachinery/labels.validateLabelValue`.
fn check_value(key: &str, value: &str, path: &Path<'_>, faults: &mut SelectorFaults) {
    let messages = is_valid_label_value(value);
    if !messages.is_empty() {
        faults.invalid(&path.key(key), value, &join_messages(&messages, "; "));
    }
}

/// Checks an entry of `matchLabels` as a requirement.
pub(super) fn check_pair(key: &str, value: &str, path: &Path<'_>, faults: &mut SelectorFaults) {
    let messages = is_qualified_name(key);
    if !messages.is_empty() {
        faults.invalid(&path.field("key"), key, &join_messages(&messages, "; "));
    }
    check_value(key, value, &path.field("values").index(0), faults);
}
