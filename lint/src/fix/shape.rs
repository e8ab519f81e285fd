//! Edits that change the form around a value: into a mapping, into a list, out of a list, into a document of its own.

use std::ops::Range;

use daemonset_validation::{FieldPath, PathSegment, Value};

use super::page::{Found, Page, Place, Spot};
use super::render;
use super::text_edit::{TextEdit, Written};

/// A value that is not `null` and not an alias: where its key or dash ends, where it begins and ends, and the column of its key or dash.
struct Whole {
    behind: usize,
    at: usize,
    end: usize,
    column: usize,
}

fn whole(page: &Page<'_>, found: Found<'_>) -> Option<Whole> {
    let (behind, column) = (page.behind(found.place)?, page.column_of(found.place)?);
    match page.spot(behind, found.node) {
        Spot::At(at) if page.token(behind) == at => {
            Some(Whole { behind, at, end: page.end(behind, found.node, column), column })
        }
        _ => None,
    }
}

/// Whether the value is a collection in block style.
fn is_block(page: &Page<'_>, found: Found<'_>) -> bool {
    matches!(page.tree.value(found.node), Value::Mapping(_) | Value::Sequence(_)) && !page.is_flow(found.node)
}

/// Indents the lines of a range but the one on which it begins.
fn indented(page: &Page<'_>, range: Range<usize>, by: usize) -> Vec<TextEdit> {
    let mut edits = Vec::new();
    let mut start = page.next_line(range.start);
    while start < range.end {
        let line = page.text.get(start..page.line_end(start)).unwrap_or_default();
        if !line.trim().is_empty() {
            edits.push(TextEdit::insert(start, " ".repeat(by)));
        }
        start = page.next_line(start);
    }
    edits
}

/// `x` becomes `key: x`.
pub(super) fn nest(page: &Page<'_>, found: Found<'_>, key: &str) -> Option<Written> {
    let Whole { behind, at, end, column } = whole(page, found)?;
    let name = render::text(key, page.style.quote);
    if page.is_in_flow(found.place) {
        let edits = vec![TextEdit::insert(at, format!("{{{name}: ")), TextEdit::insert(end, "}")];
        return Some(Written::new(edits));
    }
    let line_break = page.style.line_break;
    let is_item = matches!(found.place, Place::Item { .. });
    if !is_block(page, found) {
        let inside = if is_item {
            format!(" {name}:")
        } else {
            format!("{line_break}{}{name}:", " ".repeat(column.saturating_add(page.style.step)))
        };
        return Some(Written::new(vec![TextEdit::insert(behind, inside)]));
    }
    let step = page.style.step;
    let mut edits = if page.line_start(at) > behind {
        // On the lines below the key.
        let own = page.column(at).max(column.saturating_add(step));
        let by = own.saturating_add(step).saturating_sub(page.column(at));
        let start = page.line_start(at);
        let mut edits = vec![TextEdit::insert(start, format!("{}{name}:{line_break}", " ".repeat(own)))];
        edits.push(TextEdit::insert(start, " ".repeat(by)));
        edits.extend(indented(page, at..end, by));
        edits
    } else {
        let own = page.column(at);
        let indent = " ".repeat(own.saturating_add(step));
        let mut edits = vec![TextEdit::insert(at, format!("{name}:{line_break}{indent}"))];
        edits.extend(indented(page, at..end, step));
        edits
    };
    edits.retain(|edit| !edit.text.is_empty());
    Some(Written::new(edits))
}

/// An entry moves into a new mapping in the place where it is: the key of the mapping is written above it.
pub(super) fn wrap(page: &Page<'_>, found: Found<'_>, path: &FieldPath, to: &FieldPath) -> Option<Written> {
    let Place::Entry { mapping, entry } = found.place else { return None };
    let (last, above) = path.segments().split_last()?;
    let (PathSegment::Field(old) | PathSegment::Key(old)) = last else { return None };
    let [new, key] = to.segments().strip_prefix(above)? else { return None };
    let (PathSegment::Field(new) | PathSegment::Key(new), PathSegment::Field(key) | PathSegment::Key(key)) =
        (new, key)
    else {
        return None;
    };
    let is_new = key == old && page.tree.get(mapping, new).is_none() && page.is_own(mapping, entry);
    (is_new && !page.is_flow(mapping)).then_some(())?;
    let start = entry.key_span.start as usize;
    let column = page.column(start);
    let end = page.end(page.behind_colon(entry.key_span)?, found.node, column);
    let step = page.style.step;
    let indent = " ".repeat(column.saturating_add(step));
    let name = render::text(new, page.style.quote);
    let mut edits = vec![TextEdit::insert(start, format!("{name}:{}{indent}", page.style.line_break))];
    edits.extend(indented(page, start..end, step));
    Some(Written::new(edits))
}

/// `x` becomes `[x]`.
pub(super) fn enlist(page: &Page<'_>, found: Found<'_>) -> Option<Written> {
    let Whole { at, end, .. } = whole(page, found)?;
    if page.is_in_flow(found.place) || !is_block(page, found) {
        // A literal or folded block cannot stand in brackets.
        (!matches!(page.byte(at), Some(b'|' | b'>'))).then_some(())?;
        return Some(Written::new(vec![TextEdit::insert(at, "["), TextEdit::insert(end, "]")]));
    }
    let mut edits = vec![TextEdit::insert(at, "- ")];
    edits.extend(indented(page, at..end, 2));
    Some(Written::new(edits))
}

/// `[x]` becomes `x`.
pub(super) fn unlist(page: &Page<'_>, found: Found<'_>) -> Option<Written> {
    let [item] = page.tree.items(found.node) else { return None };
    let span = page.tree.node(found.node).span;
    let own = page.tree.node(*item).span;
    let inside = span.start <= own.start && own.end <= span.end && own.start < own.end;
    inside.then_some(())?;
    if page.is_flow(found.node) {
        let start = page.content(found.node)..own.start as usize;
        let end = own.end as usize..span.end as usize;
        let lost = [&start, &end].into_iter().any(|range| page.has_comment(range.start, range.end));
        return Some(Written::new(vec![TextEdit::remove(start), TextEdit::remove(end)]).dropping(lost));
    }
    let Whole { behind, at, .. } = whole(page, found)?;
    matches!(page.byte(at), Some(b'-')).then_some(())?;
    let content = page.token(at.saturating_add(1));
    let on_line = page.line_start(content) <= at;
    on_line.then_some(())?;
    if matches!(page.tree.value(*item), Value::Mapping(_)) && !page.is_flow(*item) {
        return Some(Written::new(vec![TextEdit::new(at..at.saturating_add(1), " ")]));
    }
    let range = behind..content;
    let lost = page.has_comment(range.start, range.end);
    Some(Written::new(vec![TextEdit::new(range, " ")]).dropping(lost))
}

/// A line `---` above the key.
pub(super) fn separate(page: &Page<'_>, found: Found<'_>) -> Option<Written> {
    let Place::Entry { entry, .. } = found.place else { return None };
    let at = entry.key_span.start as usize;
    (at > 0 && page.line_start(at) == at).then_some(())?;
    Some(Written::new(vec![TextEdit::insert(at, format!("---{}", page.style.line_break))]))
}
