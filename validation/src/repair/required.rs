//! Changes for a value that is missing: a value to begin with.

use crate::edit::{Edit, NewValue};
use crate::finding::Finding;
use crate::help::shape::{Shape, shape_of};
use crate::path::PathSegment;
use crate::tree::Value;

use super::candidate::{Candidate, Rank};
use super::look::{Look, last_name, path};
use super::samples::{handler, sample};

/// Adds what may resolve the finding.
pub(super) fn candidates(finding: &Finding, look: &Look<'_>, found: &mut Vec<Candidate>) {
    let segments = finding.path.segments();
    let Some((_, here)) = segments.split_last() else { return };
    // The handler of a probe or hook, which is missing below the path.
    if let Some(Shape::Struct(structure)) = shape_of(&finding.path)
        && structure.field("tcpSocket").is_some()
    {
        let value = handler(look.daemon_set.spec.template.spec.as_ref());
        insert(segments, "tcpSocket", value, "add `httpGet`, `tcpSocket`, `grpc` or `exec`", look, found);
        return;
    }
    let (Some(name), Some(owner)) = (last_name(segments), look.structure(here)) else { return };
    if let Some(value) = sample(owner.name, name, here, look) {
        let advice = match name {
            "values" => "add what to compare with, or write `operator: Exists` if any value will do",
            _ => "",
        };
        insert(here, name, value, advice, look, found);
    }
}

/// Adds an entry to the mapping, or fills the one that has no value.
fn insert(
    mapping: &[PathSegment],
    name: &str,
    value: NewValue,
    advice: &str,
    look: &Look<'_>,
    found: &mut Vec<Candidate>,
) {
    let existing = look.node(mapping).and_then(|node| look.tree.get(node, name));
    let empty = existing.is_none_or(|node| matches!(look.tree.value(node), Value::Null));
    let word = if existing.is_some() { "write" } else { "add" };
    let help = match advice {
        "" => format!("{word} `{name}`, for example `{name}: {value}`"),
        advice => format!("{advice}, for example `{name}: {value}`"),
    };
    let place = path(mapping);
    let edit = if empty {
        Edit::Insert { path: place, key: name.to_owned(), value }
    } else {
        Edit::Replace { path: place.join(PathSegment::Field(name.to_owned().into())), value }
    };
    found.push(Candidate::new(Rank::Sample, vec![edit], help));
}
