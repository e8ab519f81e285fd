//! Changes that make the selector match the labels of the template.

use std::collections::BTreeMap;

use crate::did_you_mean::did_you_mean;
use crate::edit::{Edit, NewValue};
use crate::finding::Anchor;
use crate::path::{FieldPath, PathSegment};

use super::candidate::{Candidate, Rank};
use super::look::Look;

/// The labels of a selector that are looked at. No selector has more.
const LABELS: usize = 64;

/// Adds what may resolve it: a label with a similar name gets the name that the selector has, or a value that differs the selector's.
pub(super) fn candidates(look: &Look<'_>, found: &mut Vec<Candidate>) {
    let none = BTreeMap::new();
    let spec = &look.daemon_set.spec;
    let labels =
        spec.template.metadata.as_ref().and_then(|metadata| metadata.labels.as_ref()).unwrap_or(&none);
    let wanted = spec.selector.match_labels.as_ref().unwrap_or(&none);
    let place = FieldPath::of(&["spec", "template", "metadata", "labels"]);
    if wanted.is_empty() && spec.selector.match_expressions.is_none() && !labels.is_empty() {
        empty(super::samples::labels(labels), look, found);
        return;
    }
    let at = |key: &str| place.join(PathSegment::Key(key.to_owned().into()));
    for (key, value) in wanted.iter().take(LABELS) {
        match labels.get(key) {
            Some(other) if other == value => {}
            Some(_) => {
                let edit = Edit::Replace { path: at(key), value: NewValue::from(value.as_str()) };
                let help = format!("write `{key}: {value}`, as in the selector");
                found.push(Candidate::new(Rank::Own, vec![edit], help).at(at(key), Anchor::Value));
            }
            None => {
                let others = labels.keys().filter(|other| !wanted.contains_key(*other)).take(LABELS);
                let other = others.map(String::as_str);
                let Some(near) = did_you_mean(key, other) else { continue };
                let edit = Edit::Rename { path: at(near), key: key.clone() };
                let help = format!("write `{key}`, or `{near}` in the selector: both must be the same");
                let label = format!("the selector has `{key}`");
                found.push(
                    Candidate::new(Rank::Spelling, vec![edit], help).label(label).at(at(near), Anchor::Key),
                );
            }
        }
    }
}

/// A selector without a label.
fn empty(labels: NewValue, look: &Look<'_>, found: &mut Vec<Candidate>) {
    let selector = FieldPath::of(&["spec", "selector"]);
    if look.node(selector.segments()).is_none() {
        return;
    }
    let match_labels = selector.clone().field("matchLabels");
    let place = if look.node(match_labels.segments()).is_some() { match_labels } else { selector.clone() };
    let help = format!("write the labels of the pods: `matchLabels: {labels}`");
    let edit = Edit::Insert { path: selector, key: "matchLabels".to_owned(), value: labels };
    let candidate = Candidate::new(Rank::Own, vec![edit], help).label("the selector has no label");
    found.push(candidate.at(place, Anchor::Key));
}
