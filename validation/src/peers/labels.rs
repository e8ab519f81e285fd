//! Labels and selectors in few bytes: a run may hold a million of them.

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;

use crate::matching::label_selector::label_selector_as_selector;
use crate::matching::prepared_selector::PreparedSelector;

/// Labels, sorted by key. A map has room for eleven entries, even if it has one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CompactLabels(Box<[(Box<str>, Box<str>)]>);

impl CompactLabels {
    /// The labels of a map.
    pub fn new(labels: Option<&BTreeMap<String, String>>) -> Self {
        let pairs = labels.into_iter().flatten();
        Self(pairs.map(|(key, value)| (key.as_str().into(), value.as_str().into())).collect())
    }

    /// The value of a label.
    pub fn get(&self, key: &str) -> Option<&str> {
        let place = self.0.binary_search_by(|(one, _)| (**one).cmp(key)).ok()?;
        self.0.get(place).map(|(_, value)| &**value)
    }

    /// All labels.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, value)| (&**key, &**value))
    }
}

/// A label selector. An invalid one selects nothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CompactSelector {
    /// `matchLabels`.
    pub match_labels: CompactLabels,
    /// The whole selector, if it has expressions.
    expressions: Option<Box<LabelSelector>>,
}

impl CompactSelector {
    /// The selector, which has no requirement if it is invalid.
    pub fn new(selector: &LabelSelector) -> Self {
        if label_selector_as_selector(Some(selector)).is_err() {
            return Self::default();
        }
        let has_expressions = selector.match_expressions.as_ref().is_some_and(|all| !all.is_empty());
        Self {
            match_labels: CompactLabels::new(selector.match_labels.as_ref()),
            expressions: has_expressions.then(|| Box::new(selector.clone())),
        }
    }

    /// The selector, prepared so that many sets of labels can be asked.
    pub(crate) fn prepare(&self) -> Selecting<'_> {
        let expressions =
            self.expressions.as_deref().map(|selector| PreparedSelector::new(Some(selector)).ok());
        Selecting { match_labels: &self.match_labels, expressions }
    }
}

/// A selector that asks many sets of labels.
#[derive(Debug)]
pub(crate) struct Selecting<'s> {
    match_labels: &'s CompactLabels,
    /// All requirements, if there are expressions; none of them is valid if one is not.
    expressions: Option<Option<PreparedSelector<'s>>>,
}

impl Selecting<'_> {
    /// Whether it has requirements, and the labels fulfil them all.
    pub(crate) fn selects(&self, labels: &CompactLabels) -> bool {
        match &self.expressions {
            None => {
                !self.match_labels.0.is_empty()
                    && self.match_labels.iter().all(|(key, value)| labels.get(key) == Some(value))
            }
            Some(all) => all.as_ref().is_some_and(|all| all.matches_by(|key| labels.get(key))),
        }
    }

    /// How many requirements a match looks at, at most.
    pub(crate) fn len(&self) -> usize {
        let of_expressions = self.expressions.iter().flatten().map(PreparedSelector::len).sum::<usize>();
        self.match_labels.0.len().saturating_add(of_expressions)
    }
}
