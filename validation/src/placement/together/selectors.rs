//! Selectors that also match the pods of a DaemonSet in the cluster. Among files the rule `overlapping-selectors` finds them.

use super::Gathering;
use crate::matching::label_selector::matches;
use crate::path::FieldPath;
use crate::placement::note::Note;
use crate::words::names::folded;

/// A note where the selector matches pods of DaemonSets in the cluster, and one where theirs match its own.
pub(super) fn notes(all: &Gathering<'_>) -> Vec<(usize, Note)> {
    let stored = all.parties.get(all.given..).unwrap_or_default();
    let mut notes = Vec::new();
    for (place, one) in all.given() {
        let (mut selected, mut selecting) = (Vec::new(), Vec::new());
        for other in stored.iter().filter(|other| other.namespace == one.namespace) {
            if matches(&one.selector, &other.labels).unwrap_or(false) {
                selected.push(&*other.name);
            } else if matches(&other.selector, &one.labels).unwrap_or(false) {
                selecting.push(&*other.name);
            }
        }
        let mut note = |message: String| {
            let path = Some(FieldPath::of(&["spec", "selector"]));
            notes.push((place, Note { id: "overlapping-selectors", message, path }));
        };
        let advice = "their pods can be confused; give each DaemonSet a label of its own, in its selector and in its template";
        if !selected.is_empty() {
            note(format!(
                "the selector also matches the pods of {} in the cluster: {advice}",
                folded(&selected)
            ));
        }
        if !selecting.is_empty() {
            let names = folded(&selecting);
            note(format!("the pods also match the selector of {names} in the cluster: {advice}"));
        }
    }
    notes
}
