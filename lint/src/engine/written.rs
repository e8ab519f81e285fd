//! Puts a value in quotes as it is written: `1.0` and `yes` are not `1` and `true` to the one who wrote them.

use daemonset_validation::edit::NewValue;
use daemonset_validation::{Edit, Finding, PathSegment, Value};

use super::locate::Manifest;

/// Replaces the text of a fix that puts a number or a boolean in quotes.
pub(super) fn keep(finding: &mut Finding, manifest: &Manifest<'_>) {
    let Some(fix) = &mut finding.fix else { return };
    let [Edit::Replace { path, value: NewValue::Text(text) }] = fix.edits.as_mut_slice() else { return };
    let step = |node, segment: &PathSegment| match segment {
        PathSegment::Field(name) | PathSegment::Key(name) => manifest.tree.get(node, name),
        PathSegment::Index(index) => manifest.tree.items(node).get(*index).copied(),
    };
    let Some(node) = path.segments().iter().try_fold(manifest.root, step) else { return };
    let is_the_value = match manifest.tree.value(node) {
        Value::Bool(value) => value.to_string() == *text,
        Value::Number(number) => *number == **text,
        _ => false,
    };
    if !is_the_value {
        return;
    }
    let span = manifest.tree.node(node).span;
    let written = manifest.text.get(span.start as usize..span.end as usize).unwrap_or_default().trim();
    let is_plain = |character: char| character.is_ascii_alphanumeric() || "._+-:".contains(character);
    if written.is_empty() || written == text || !written.chars().all(is_plain) {
        return;
    }
    *text = written.to_owned();
    let name = match path.segments().last() {
        Some(PathSegment::Field(name) | PathSegment::Key(name)) => format!("{name}: "),
        _ => String::new(),
    };
    finding.help = Some(format!("put it in quotes: `{name}\"{written}\"`").into());
}
