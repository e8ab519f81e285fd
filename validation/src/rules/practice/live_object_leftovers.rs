//! The rule `live-object-leftovers`. Its page is `live_object_leftovers.md`.

use super::{rule_of_text, series};
use crate::edit::Edit;
use crate::finding::Anchor;
use crate::levels::Level;
use crate::path::FieldPath;
use crate::rules::check::Written;
use crate::rules::{Findings, Object, Rule};
use crate::tree::Value;

pub(in crate::rules) static RULE: Rule = rule_of_text(
    "live-object-leftovers",
    Level::Warning,
    ("fields that only the server sets are left in a manifest", include_str!("live_object_leftovers.md")),
    check,
);

/// Fields of the metadata that the server sets, those that do harm first.
const OF_METADATA: [&str; 6] =
    ["uid", "resourceVersion", "managedFields", "creationTimestamp", "generation", "selfLink"];

/// Annotations that kubectl and the controller write.
const ANNOTATIONS: [&str; 2] =
    ["deprecated.daemonset.template.generation", "kubectl.kubernetes.io/last-applied-configuration"];

fn check(object: &Object<'_>, findings: &mut Findings) {
    let Some(written) = object.written else { return };
    let has = |name: &str| written.get(&["metadata", name]).is_some_and(|node| is_set(&written, node));
    // A whole object as kubectl prints it is looked at, not applied.
    if has("uid") && has("resourceVersion") && has("creationTimestamp") {
        return;
    }
    let mut left: Vec<(String, FieldPath)> = Vec::new();
    for name in OF_METADATA.into_iter().filter(|name| has(name)) {
        left.push((format!("`{name}`"), FieldPath::of(&["metadata"]).field(name)));
    }
    for key in ANNOTATIONS {
        if written.get(&["metadata", "annotations", key]).is_some() {
            left.push((format!("`{key}`"), FieldPath::of(&["metadata", "annotations"]).key(key)));
        }
    }
    if written.get(&["status"]).is_some_and(|node| is_set(&written, node)) {
        left.push(("`status`".to_owned(), FieldPath::of(&["status"])));
    }
    let Some((_, path)) = left.first() else { return };
    let names: Vec<&str> = left.iter().map(|(name, _)| name.as_str()).collect();
    let is = if names.len() == 1 { "is" } else { "are" };
    let harm = if has("uid") || has("resourceVersion") {
        ", and with them an apply is refused once the object has changed"
    } else if has("managedFields") {
        ", and server-side apply refuses the manifest"
    } else {
        ""
    };
    let message = format!("{} {is} set by the server{harm}", series(&names));
    let edits = left.iter().map(|(_, path)| Edit::Remove { path: path.clone() }).collect();
    let help = if names.len() == 1 { "delete it" } else { "delete them" };
    findings.push(RULE.finding(path.clone(), message).at(Anchor::Key).help(help).fix(true, edits));
}

/// Whether there is more than `null` or nothing in it.
fn is_set(written: &Written<'_>, node: crate::tree::NodeId) -> bool {
    match written.tree.value(node) {
        Value::Null => false,
        Value::String(text) => !text.is_empty(),
        Value::Sequence(children) | Value::Mapping(children) => !children.is_empty(),
        Value::Bool(_) | Value::Number(_) => true,
    }
}
