//! A label selector, prepared so that many sets of labels can be asked.

use std::collections::HashSet;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;

use super::label_selector::label_selector_as_selector;
use super::requirement::Operator;
use super::{Labels, SelectorError};

/// A valid label selector. An absent one matches nothing, an empty one matches everything.
#[derive(Debug)]
pub(crate) struct PreparedSelector<'s> {
    is_absent: bool,
    requirements: Vec<Requirement<'s>>,
}

#[derive(Debug)]
enum Requirement<'s> {
    Is(&'s str, &'s str),
    In(&'s str, OneOf<'s>),
    NotIn(&'s str, OneOf<'s>),
    Exists(&'s str),
    DoesNotExist(&'s str),
}

/// Texts to look one up in: few are compared one by one.
#[derive(Debug)]
pub(crate) enum OneOf<'s> {
    /// A few of them.
    Few(&'s [String]),
    /// More.
    Many(HashSet<&'s str>),
}

/// So many values are few.
const FEW: usize = 8;

impl<'s> OneOf<'s> {
    /// Prepares texts.
    pub(crate) fn new(values: &'s [String]) -> Self {
        if values.len() <= FEW {
            Self::Few(values)
        } else {
            Self::Many(values.iter().map(String::as_str).collect())
        }
    }

    /// Whether it is one of them.
    pub(crate) fn contains(&self, value: &str) -> bool {
        match self {
            Self::Few(values) => values.iter().any(|one| one == value),
            Self::Many(values) => values.contains(value),
        }
    }
}

impl<'s> PreparedSelector<'s> {
    /// Prepares a selector.
    ///
    /// # Errors
    ///
    /// If a requirement is invalid.
    ///
    /// Upstream: `apimachinery/meta/v1.LabelSelectorAsSelector`.
    pub(crate) fn new(selector: Option<&'s LabelSelector>) -> Result<Self, SelectorError> {
        label_selector_as_selector(selector)?;
        let Some(selector) = selector else { return Ok(Self { is_absent: true, requirements: Vec::new() }) };
        let pairs = selector.match_labels.iter().flatten();
        let mut requirements: Vec<Requirement<'_>> =
            pairs.map(|(key, value)| Requirement::Is(key, value)).collect();
        for one in selector.match_expressions.iter().flatten() {
            let (key, values) = (one.key.as_str(), one.values.as_deref().unwrap_or_default());
            requirements.push(match Operator::of_label_selector(&one.operator) {
                Some(Operator::In) => Requirement::In(key, OneOf::new(values)),
                Some(Operator::NotIn) => Requirement::NotIn(key, OneOf::new(values)),
                Some(Operator::Exists) => Requirement::Exists(key),
                Some(Operator::DoesNotExist) => Requirement::DoesNotExist(key),
                // No label selector compares numbers.
                Some(Operator::Gt | Operator::Lt) | None => continue,
            });
        }
        Ok(Self { is_absent: false, requirements })
    }

    /// Whether it matches the labels.
    ///
    /// Upstream: `apimachinery/labels.internalSelector.Matches`.
    pub(crate) fn matches(&self, labels: &Labels) -> bool {
        self.matches_by(|key| labels.get(key).map(String::as_str))
    }

    /// The same, where `label` gives the value of a label.
    pub(crate) fn matches_by<'l>(&self, label: impl Fn(&str) -> Option<&'l str>) -> bool {
        !self.is_absent
            && self.requirements.iter().all(|one| match one {
                Requirement::Is(key, wanted) => label(key) == Some(wanted),
                Requirement::In(key, values) => label(key).is_some_and(|value| values.contains(value)),
                Requirement::NotIn(key, values) => label(key).is_none_or(|value| !values.contains(value)),
                Requirement::Exists(key) => label(key).is_some(),
                Requirement::DoesNotExist(key) => label(key).is_none(),
            })
    }

    /// Whether it matches everything.
    ///
    /// Upstream: `apimachinery/labels.internalSelector.Empty`.
    pub(crate) fn is_empty(&self) -> bool {
        !self.is_absent && self.requirements.is_empty()
    }

    /// How many requirements a match looks at, at most.
    pub(crate) fn len(&self) -> usize {
        self.requirements.len()
    }

    /// Whether all requirements are on the label `wanted`.
    pub(crate) fn asks_only_for(&self, wanted: &str) -> bool {
        self.requirements.iter().all(|one| match one {
            Requirement::Is(key, _)
            | Requirement::In(key, _)
            | Requirement::NotIn(key, _)
            | Requirement::Exists(key)
            | Requirement::DoesNotExist(key) => *key == wanted,
        })
    }
}

#[cfg(test)]
mod tests {
    use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelectorRequirement;

    use super::*;
    use crate::matching::label_selector;

    #[test]
    fn a_prepared_selector_answers_like_the_plain_one() {
        let values = |count: usize| (0..count).map(|number| format!("v{number}")).collect::<Vec<_>>();
        let labels = |text: &str| -> Labels {
            let pairs = text.split_terminator(' ').filter_map(|pair| pair.split_once('='));
            pairs.map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
        };
        let sets = ["", "a=v1", "a=v19", "a=x b=v1", "b=v0", "a="].map(labels);
        for operator in ["In", "NotIn", "Exists", "DoesNotExist", "Gt"] {
            for count in [0, 1, 3, 20] {
                for pairs in ["", "a=v1", "b=v1"] {
                    let requirement = LabelSelectorRequirement {
                        key: "a".to_owned(),
                        operator: operator.to_owned(),
                        values: Some(values(count)),
                    };
                    let selector = LabelSelector {
                        match_labels: Some(labels(pairs)),
                        match_expressions: Some(vec![requirement]),
                    };
                    let prepared = PreparedSelector::new(Some(&selector));
                    for set in &sets {
                        let plain = label_selector::matches(&selector, set);
                        let ours = prepared.as_ref().map(|one| one.matches(set)).map_err(Clone::clone);
                        assert_eq!(ours, plain, "{selector:?} {set:?}");
                    }
                    let plain = label_selector_as_selector(Some(&selector));
                    if let (Ok(plain), Ok(prepared)) = (plain, &prepared) {
                        assert_eq!(plain.is_empty(), prepared.is_empty());
                        assert_eq!(plain.asks_only_for("a"), prepared.asks_only_for("a"));
                    }
                }
            }
        }
        let absent = PreparedSelector::new(None);
        assert!(absent.is_ok_and(|absent| !absent.matches(&labels("a=b")) && !absent.is_empty()));
        let empty = LabelSelector::default();
        assert!(
            PreparedSelector::new(Some(&empty))
                .is_ok_and(|empty| empty.matches(&labels("")) && empty.is_empty())
        );
    }
}
