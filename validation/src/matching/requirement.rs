//! One requirement of a selector: a key, an operator, values.

use super::Labels;
use super::error::SelectorFaults;
use crate::content::{is_qualified_name, is_valid_label_value, join_messages};
use crate::path::Path;

/// How a requirement relates a key to its values.
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
    /// The operator of a label selector.
    pub(super) fn of_label_selector(text: &str) -> Option<Self> {
        match text {
            "In" => Some(Self::In),
            "NotIn" => Some(Self::NotIn),
            "Exists" => Some(Self::Exists),
            "DoesNotExist" => Some(Self::DoesNotExist),
            _ => None,
        }
    }

    /// The operator of a node selector, which also compares numbers.
    pub(super) fn of_node_selector(text: &str) -> Option<Self> {
        match text {
            "Gt" => Some(Self::Gt),
            "Lt" => Some(Self::Lt),
            _ => Self::of_label_selector(text),
        }
    }
}

/// Why a requirement is not fulfilled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MismatchKind {
    /// The requirement or the term cannot be read, so it matches nothing.
    Invalid,
    /// The term requires nothing, and such a term matches nothing.
    Empty,
    /// There is no such label.
    Absent,
    /// There is such a label, and there should not be.
    Present,
    /// The label's value is none of those that are wanted, or one of those that are not.
    Value,
    /// One of the two values to compare is no whole number.
    NotANumber,
    /// The label's value is not on the wanted side of the number.
    Order,
}

/// Go's `strconv.ParseInt(text, 10, 64)`.
fn integer(text: &str) -> Option<i64> {
    text.parse().ok()
}

/// Whether labels fulfil a requirement; if not, why.
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

/// A requirement has a key and values that labels can have, and as many values as its operator takes.
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

/// A value is one that a label can have.
///
/// Upstream: `apimachinery/labels.validateLabelValue`.
fn check_value(key: &str, value: &str, path: &Path<'_>, faults: &mut SelectorFaults) {
    let messages = is_valid_label_value(value);
    if !messages.is_empty() {
        faults.invalid(&path.key(key), value, &join_messages(&messages, "; "));
    }
}

/// A plain label that must be there, as a requirement.
pub(super) fn check_pair(key: &str, value: &str, path: &Path<'_>, faults: &mut SelectorFaults) {
    let messages = is_qualified_name(key);
    if !messages.is_empty() {
        faults.invalid(&path.field("key"), key, &join_messages(&messages, "; "));
    }
    check_value(key, value, &path.field("values").index(0), faults);
}
