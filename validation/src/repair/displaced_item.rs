//! An item of a list inside an item that is indented too little: it becomes an item of the outer list, and takes the keys behind it.

use crate::edit::Edit;
use crate::finding::{Anchor, Finding};
use crate::generated::Kind;
use crate::help::shape::{Shape, shape_at};
use crate::path::{FieldPath, PathSegment};
use crate::tree::Value;

use super::candidate::{Candidate, Rank};
use super::look::{Look, below, path};

/// Adds what may resolve the finding.
pub(super) fn candidates(finding: &Finding, look: &Look<'_>, found: &mut Vec<Candidate>) {
    let segments = finding.path.segments();
    let position = segments.iter().rposition(|segment| matches!(segment, PathSegment::Index(_)));
    let Some(position) = position else { return };
    let (Some(list), Some(item)) = (segments.get(..position), segments.get(..=position)) else { return };
    let Some(PathSegment::Index(index)) = segments.get(position) else { return };
    let Some(before) = index.checked_sub(1) else { return };
    let before = path(list).index(before);
    let (Some(owner), Some(node)) = (look.structure(before.segments()), look.node(before.segments())) else {
        return;
    };
    // The list that stands last in the item before.
    let Some(last) = look.tree.entries(node).last() else { return };
    if !matches!(look.tree.value(last.value), Value::Sequence(_) | Value::Null) {
        return;
    }
    let inner = below(before.segments(), &last.key);
    let Some(Shape::List(holds)) = shape_at(inner.segments()) else { return };
    let Kind::Struct(structure) = &holds.kind else { return };
    let to = inner.index(look.tree.items(last.value).len());
    let mut edits = Vec::new();
    if let Some(own) = look.node(item) {
        let taken = |key: &str| {
            !look.has_field(structure, key) && look.has_field(owner, key) && look.lacks(node, key)
        };
        for entry in look.tree.entries(own).iter().filter(|entry| taken(&entry.key)) {
            edits
                .push(Edit::Move { path: below(item, &entry.key), to: below(before.segments(), &entry.key) });
        }
    }
    edits.push(Edit::Move { path: path(item), to });
    let key = &last.key;
    let help = format!("indent this item more, as the items of `{key}` above");
    let candidate =
        Candidate::new(Rank::Spelling, edits, help).label(format!("this belongs to `{key}` above"));
    let headline = format!(
        "{} is an item of `{key}` that is indented too little",
        FieldPath::from_segments(item.to_vec())
    );
    found.push(candidate.headline(headline).at(path(item), Anchor::Key));
}
