//! Means: `overlapping_selectors.md`. This file: how it is decided.

use std::collections::{BTreeMap, HashMap};

use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;

use crate::matching::label_selector;
use crate::rules::Rule;

/// Two DaemonSets of one namespace whose pods can be confused.
pub static RULE: Rule = Rule {
    id: "overlapping-selectors",
    summary: "two DaemonSets in one namespace select the same pods",
    doc: include_str!("overlapping_selectors.md"),
};

/// What the rule asks of a DaemonSet.
#[derive(Clone, Copy, Debug)]
pub struct Selecting<'s> {
    /// Its namespace.
    pub namespace: &'s str,
    /// Its name.
    pub name: &'s str,
    /// Its selector.
    pub selector: &'s LabelSelector,
    /// The labels of its pods.
    pub labels: &'s BTreeMap<String, String>,
}

/// As many others are named for each DaemonSet; more would help nobody, and a folder of thousands must not take minutes.
pub const MOST_NAMED: usize = 8;

/// For each DaemonSet the places of the others whose pods it selects, at most [`MOST_NAMED`]. The same object given twice is one.
pub fn find(all: &[Selecting<'_>]) -> Vec<Vec<usize>> {
    // A selector that names a label can match only those that carry it.
    let mut carriers: HashMap<(&str, &str, &str), Vec<usize>> = HashMap::new();
    let mut members: HashMap<&str, Vec<usize>> = HashMap::new();
    for (place, one) in all.iter().enumerate() {
        members.entry(one.namespace).or_default().push(place);
        for (key, value) in one.labels {
            carriers.entry((one.namespace, key, value)).or_default().push(place);
        }
    }
    all.iter()
        .map(|one| {
            let mut candidates: &[usize] = members.get(one.namespace).map(Vec::as_slice).unwrap_or_default();
            for (key, value) in one.selector.match_labels.iter().flatten() {
                let carrying = carriers.get(&(one.namespace, key.as_str(), value.as_str()));
                let carrying = carrying.map(Vec::as_slice).unwrap_or_default();
                // Of the labels that it names, the rarest one leaves the fewest to look at.
                if carrying.len() < candidates.len() {
                    candidates = carrying;
                }
            }
            let selected = candidates.iter().copied().filter(|place| {
                all.get(*place).is_some_and(|other| {
                    other.name != one.name
                        && label_selector::matches(one.selector, other.labels).unwrap_or(false)
                })
            });
            selected.take(MOST_NAMED).collect()
        })
        .collect()
}
