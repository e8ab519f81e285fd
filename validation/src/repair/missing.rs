//! Changes where a whole part of the object is missing.

use crate::edit::{Edit, NewValue};
use crate::finding::{Anchor, Finding};
use crate::path::{FieldPath, PathSegment};
use crate::tree::Value;

use super::candidate::{Candidate, Rank};
use super::look::{Look, last_name, path};
use super::samples::labels;

/// The outermost part above the place that the document does not have; `None` if it has them all.
pub(super) fn missing_part<'p>(place: &'p FieldPath, look: &Look<'_>) -> Option<&'p [PathSegment]> {
    let segments = place.segments();
    let above = 1..segments.len();
    above
        .filter_map(|length| segments.get(..length))
        .find(|part| look.value(part).is_none_or(|value| matches!(value, Value::Null)))
}

/// Adds the missing part.
pub(super) fn candidates(finding: &Finding, look: &Look<'_>, found: &mut Vec<Candidate>) {
    if is_mismatch(finding) && look.node(FieldPath::of(&["spec", "selector"]).segments()).is_none() {
        selector(look, found);
    }
    let Some(part) = missing_part(&finding.path, look) else { return };
    let Some((_, above)) = part.split_last() else { return };
    let Some(name) = last_name(part) else { return };
    let value = match path(part).to_string().as_str() {
        "spec" => spec(),
        "spec.template" => template(look),
        "spec.template.spec" => pod(),
        "spec.template.metadata" => {
            let Some(wanted) = wanted_labels(look) else { return };
            NewValue::entry("labels", wanted)
        }
        _ => return,
    };
    let (label, help) =
        (format!("`{name}` is missing"), format!("add `{name}`, for example `{name}: {value}`"));
    let edit = Edit::Insert { path: path(above), key: name.to_owned(), value };
    // An empty key is the place; otherwise the mapping that lacks the key.
    let empty = look.node(part).is_some();
    let place = if empty { path(part) } else { path(above) };
    found.push(Candidate::new(Rank::Sample, vec![edit], help).label(label).at(place, Anchor::Key));
}

/// Whether the selector does not match the labels.
pub(super) fn is_mismatch(finding: &Finding) -> bool {
    finding.rule == "api/invalid" && finding.field == "spec.template.metadata.labels"
}

fn selector(look: &Look<'_>, found: &mut Vec<Candidate>) {
    let metadata = look.daemon_set.spec.template.metadata.as_ref();
    let Some(wanted) = metadata.and_then(|metadata| metadata.labels.as_ref()) else { return };
    let value = NewValue::entry("matchLabels", labels(wanted));
    let help = format!("add `selector: {value}`");
    let place = FieldPath::of(&["spec"]);
    let edit = Edit::Insert { path: place.clone(), key: "selector".to_owned(), value };
    let candidate = Candidate::new(Rank::Own, vec![edit], help).label("`selector` is missing");
    found.push(candidate.at(place, Anchor::Key));
}

fn wanted_labels(look: &Look<'_>) -> Option<NewValue> {
    look.daemon_set.spec.selector.match_labels.as_ref().map(labels)
}

fn pod() -> NewValue {
    let container = NewValue::Map(vec![
        ("name".to_owned(), NewValue::from("main")),
        ("image".to_owned(), NewValue::from("example.com/image:1.0")),
    ]);
    NewValue::entry("containers", NewValue::List(vec![container]))
}

fn template(look: &Look<'_>) -> NewValue {
    template_with(wanted_labels(look).unwrap_or_else(|| NewValue::entry("app", "example")))
}

fn template_with(labels: NewValue) -> NewValue {
    NewValue::Map(vec![
        ("metadata".to_owned(), NewValue::entry("labels", labels)),
        ("spec".to_owned(), pod()),
    ])
}

fn spec() -> NewValue {
    let labels = || NewValue::entry("app", "example");
    NewValue::Map(vec![
        ("selector".to_owned(), NewValue::entry("matchLabels", labels())),
        ("template".to_owned(), template_with(labels())),
    ])
}
