//! From an edit of a document to edits of its text. What is not about the edit stays as it is, byte for byte.

use daemonset_validation::edit::NewValue;
use daemonset_validation::{Edit, FieldPath, NodeId, PathSegment, Value};

use super::page::{Found, Page, Place, Spot};
use super::render::{self, Body, Quote};
use super::text_edit::{TextEdit, Written, sorted};
use super::{insert, shape};

/// The edits of the text; `None` if the text is written in a way in which the edit would change more than what it is about.
pub(super) fn written(page: &Page<'_>, root: NodeId, edit: &Edit) -> Option<Written> {
    let (made, shared) = match edit {
        Edit::Remove { path } => {
            let found = page.find(root, path)?;
            (remove(page, root, path)?, found.shared)
        }
        Edit::Replace { path, value } => {
            let found = page.find(root, path)?;
            (replace(page, found, path, value)?, found.shared)
        }
        Edit::Rename { path, key } => {
            let found = page.find(root, path)?;
            (rename(page, found, key)?, found.shared)
        }
        Edit::Insert { path, key, value } => {
            let mut segments = path.segments().to_vec();
            segments.push(PathSegment::Field(key.clone().into()));
            let home = insert::Home::of(page, root, &segments)?;
            let shared = home.shared(page);
            (home.put(page, Body::New(value.clone()))?, shared)
        }
        Edit::Append { path, value } => {
            let list = page.find(root, path)?;
            let mut segments = path.segments().to_vec();
            segments.push(PathSegment::Index(page.tree.items(list.node).len()));
            let home = insert::Home::of(page, root, &segments)?;
            let shared = list.shared;
            (home.put(page, Body::New(value.clone()))?, shared)
        }
        Edit::Move { path, to } => {
            let found = page.find(root, path)?;
            if let Some(wrapped) = shape::wrap(page, found, path, to) {
                return Some(Written { shared: found.shared, ..wrapped });
            }
            let home = insert::Home::of(page, root, &before_removal(path, to))?;
            let shared = found.shared || home.shared(page);
            let (body, end) = moved(page, found, home.is_flow(page))?;
            let removed = remove(page, root, path)?;
            let put = home.put(page, body)?;
            // The comments of lines that move, move.
            let lost = match end {
                None => removed.drops_comment,
                Some(end) => removed.edits.iter().any(|edit| page.has_comment(end.max(edit.start), edit.end)),
            };
            let edits: Vec<TextEdit> = removed.edits.into_iter().chain(put.edits).collect();
            (Written::new(edits).dropping(lost), shared)
        }
        Edit::Nest { path, key } => {
            let found = page.find(root, path)?;
            (shape::nest(page, found, key)?, found.shared)
        }
        Edit::Enlist { path } => {
            let found = page.find(root, path)?;
            (shape::enlist(page, found)?, found.shared)
        }
        Edit::Unlist { path } => {
            let found = page.find(root, path)?;
            (shape::unlist(page, found)?, found.shared)
        }
        Edit::Separate { path } => (shape::separate(page, page.find(root, path)?)?, false),
    };
    let Written { edits, drops_comment, .. } = made;
    Some(Written { edits: sorted(edits)?, drops_comment, shared })
}

/// The path in the document as it is, of one that counts without the item that moves.
fn before_removal(path: &FieldPath, to: &FieldPath) -> Vec<PathSegment> {
    let mut segments = to.segments().to_vec();
    let Some((PathSegment::Index(removed), list)) = path.segments().split_last() else { return segments };
    let last = segments.len().saturating_sub(1);
    if list.len() < last
        && segments.starts_with(list)
        && let Some(PathSegment::Index(index)) = segments.get_mut(list.len())
        && *index >= *removed
    {
        *index = index.saturating_add(1);
    }
    segments
}

/// What moves: as it is written up to an offset, or else its value.
fn moved(page: &Page<'_>, found: Found<'_>, to_flow: bool) -> Option<(Body, Option<usize>)> {
    if to_flow || page.is_in_flow(found.place) {
        return Some((Body::New(copy(page, found.node, &mut 1_000)?), None));
    }
    let (behind, column) = (page.behind(found.place)?, page.column_of(found.place)?);
    let end = page.line_end(page.end(behind, found.node, column));
    Some((Body::Source { text: page.text.get(behind..end)?.to_owned(), column }, Some(end)))
}

/// The value of a node; `None` if it is large, or has what a new value cannot have.
fn copy(page: &Page<'_>, node: NodeId, left: &mut usize) -> Option<NewValue> {
    *left = left.checked_sub(1)?;
    Some(match page.tree.value(node) {
        Value::Null => return None,
        Value::Bool(value) => NewValue::Bool(*value),
        Value::Number(text) => NewValue::Number(text.parse().ok()?),
        Value::String(text) => NewValue::Text(text.to_string()),
        Value::Sequence(_) => {
            let items = page.tree.items(node).iter().map(|item| copy(page, *item, left));
            NewValue::List(items.collect::<Option<_>>()?)
        }
        Value::Mapping(_) => {
            let entries = page.tree.entries(node).iter();
            let entries = entries.map(|entry| Some((entry.key.to_string(), copy(page, entry.value, left)?)));
            NewValue::Map(entries.collect::<Option<_>>()?)
        }
    })
}

/// The quotes around a scalar.
fn quote_at(page: &Page<'_>, at: usize) -> Option<Quote> {
    match page.byte(at)? {
        b'\'' => Some(Quote::Single),
        b'"' => Some(Quote::Double),
        _ => None,
    }
}

fn rename(page: &Page<'_>, found: Found<'_>, key: &str) -> Option<Written> {
    let Place::Entry { mapping, entry } = found.place else { return None };
    page.is_own(mapping, entry).then_some(())?;
    let span = entry.key_span.start as usize..entry.key_span.end as usize;
    // A key that is an alias, or begins with an anchor.
    matches!(page.byte(span.start), Some(byte) if !matches!(byte, b'*' | b'&' | b'!' | b'?')).then_some(())?;
    let text = match quote_at(page, span.start) {
        Some(quote) => render::quoted(key, quote),
        None => render::text(key, page.style.quote),
    };
    Some(Written::new(vec![TextEdit::new(span, text)]))
}

/// Where the value is written, with the space before it if nothing of it is on the line of its key.
fn replace(page: &Page<'_>, found: Found<'_>, path: &FieldPath, value: &NewValue) -> Option<Written> {
    let is_collection = matches!(value, NewValue::List(items) if !items.is_empty())
        || matches!(value, NewValue::Map(entries) if !entries.is_empty());
    let flow = page.is_in_flow(found.place);
    let span = page.tree.node(found.node).span;
    let (start, end) = (span.start as usize, span.end as usize);
    let is_scalar = !matches!(page.tree.value(found.node), Value::Mapping(_) | Value::Sequence(_));
    let Some(behind) =
        page.behind(found.place).filter(|_| !flow || matches!(found.place, Place::Entry { .. }))
    else {
        // An item of a list in brackets.
        let holds = matches!(found.place, Place::Item { .. }) && flow && start < end;
        (holds && page.is_written_here(found)).then_some(())?;
        let text = in_brackets(page, found, path, value)?;
        return Some(
            Written::new(vec![TextEdit::new(start..end, text)]).dropping(page.has_comment(start, end)),
        );
    };
    let at = match page.spot(behind, found.node) {
        Spot::Alias(_) => return None,
        Spot::Nothing => {
            let home = insert::Home::at(found);
            return home.put(page, Body::New(value.clone()));
        }
        Spot::At(at) => at,
    };
    let is_block = matches!(page.byte(at), Some(b'|' | b'>')) && is_scalar;
    if flow || (is_scalar && !is_collection && !is_block) || (!is_block && page.is_flow(found.node)) {
        // In brackets the column decides nothing, and a line may be long.
        let column = if flow { 0 } else { page.column(behind) };
        let own = at..page.end(behind, found.node, column);
        let text = in_brackets(page, found, path, value)?;
        let lost = page.has_comment(own.start, own.end);
        return Some(Written::new(vec![TextEdit::new(own, text)]).dropping(lost));
    }
    let column = page.column_of(found.place)?;
    let end = page.end(behind, found.node, column);
    page.ends_line(end).then_some(())?;
    let body = Body::New(value.clone());
    let text = match found.place {
        Place::Item { .. } => render::behind_dash(&body, column, &page.style),
        _ => render::below(&body, column, &page.style),
    };
    Some(Written::new(vec![TextEdit::new(behind..end, text)]).dropping(page.has_comment(behind, end)))
}

/// A value as it is written on one line, with the quotes that are there.
fn in_brackets(page: &Page<'_>, found: Found<'_>, path: &FieldPath, value: &NewValue) -> Option<String> {
    let holder = match found.place {
        Place::Root => return None,
        Place::Entry { mapping, .. } => mapping,
        Place::Item { list, .. } => list,
    };
    let brackets = page.brackets(holder);
    let json = brackets.json && page.is_flow(holder);
    if let NewValue::Text(text) = value
        && !json
        && let Some(quote) = quote_at(page, page.tree.node(found.node).span.start as usize)
    {
        return Some(render::quoted(text, quote));
    }
    if let NewValue::Number(mode) = value
        && !json
        && matches!(path.segments().last(), Some(PathSegment::Field(name)) if matches!(&**name, "mode" | "defaultMode"))
        && *mode > 7
    {
        // Permissions are read as octal numbers.
        return Some(format!("0{mode:o}"));
    }
    let spaced = brackets.spaced || !page.is_flow(holder);
    Some(render::flow(value, render::Brackets { json, spaced }, page.style.quote))
}

fn remove(page: &Page<'_>, root: NodeId, path: &FieldPath) -> Option<Written> {
    let found = page.find(root, path)?;
    let (behind, count) = match found.place {
        Place::Root => return None,
        Place::Entry { mapping, entry } => {
            page.is_own(mapping, entry).then_some(())?;
            (page.behind_colon(entry.key_span)?, page.tree.entries(mapping).len())
        }
        Place::Item { list, .. } => {
            (page.behind(found.place).unwrap_or_default(), page.tree.items(list).len())
        }
    };
    if count == 1 {
        return empty(page, root, path);
    }
    if page.is_in_flow(found.place) {
        return remove_from_brackets(page, found, behind);
    }
    let column = page.column_of(found.place)?;
    let end = page.end(behind, found.node, column);
    page.ends_line(end).then_some(())?;
    let start = match found.place {
        Place::Entry { entry, .. } => entry.key_span.start as usize,
        _ => behind.checked_sub(1)?,
    };
    let range = if page.begins_line(start) {
        page.line_start(start)..page.next_line(end)
    } else {
        // The first key behind a dash: the next one takes its place.
        let Place::Entry { mapping, entry } = found.place else { return None };
        let next = page.own_entries(mapping).find(|other| other.key_span.start > entry.key_span.start)?;
        start..next.key_span.start as usize
    };
    let lost = page.has_comment(range.start, range.end);
    Some(Written::new(vec![TextEdit::remove(range)]).dropping(lost))
}

/// The collection that holds only what the path leads to gets empty brackets.
fn empty(page: &Page<'_>, root: NodeId, path: &FieldPath) -> Option<Written> {
    let (last, above) = path.segments().split_last()?;
    let holder = page.find_at(root, above)?;
    let brackets = if matches!(last, PathSegment::Index(_)) { "[]" } else { "{}" };
    if page.is_flow(holder.node) {
        let range = page.content(holder.node)..page.tree.node(holder.node).span.end as usize;
        let lost = page.has_comment(range.start, range.end);
        return Some(Written::new(vec![TextEdit::new(range, brackets)]).dropping(lost));
    }
    let (behind, column) = (page.behind(holder.place)?, page.column_of(holder.place)?);
    let at = match page.spot(behind, holder.node) {
        Spot::At(at) => at,
        Spot::Nothing | Spot::Alias(_) => return None,
    };
    // Behind an anchor or a tag.
    let start = if page.token(behind) == at { behind } else { at };
    let end = page.end(behind, holder.node, column);
    page.ends_line(end).then_some(())?;
    let lost = page.has_comment(start, end);
    let text = if start == behind { format!(" {brackets}") } else { brackets.to_owned() };
    Some(Written::new(vec![TextEdit::new(start..end, text)]).dropping(lost))
}

fn remove_from_brackets(page: &Page<'_>, found: Found<'_>, behind: usize) -> Option<Written> {
    let range = match found.place {
        Place::Entry { mapping, entry } => {
            let start = entry.key_span.start;
            let next = page.own_entries(mapping).find(|other| other.key_span.start > start);
            match next {
                Some(next) => start as usize..next.key_span.start as usize,
                None => {
                    let before = page.own_entries(mapping).rfind(|other| other.key_span.start < start)?;
                    let column = page.column_of(found.place)?;
                    let from = page.end(page.behind_colon(before.key_span)?, before.value, column);
                    from..page.end(behind, found.node, column)
                }
            }
        }
        Place::Item { list, index } => {
            page.is_written_here(found).then_some(())?;
            let items = page.tree.items(list);
            let span = |node: NodeId| page.tree.node(node).span;
            let own = span(found.node);
            match items.get(index.saturating_add(1)) {
                Some(next) => {
                    let next = span(*next);
                    (next.start >= own.end).then_some(())?;
                    own.start as usize..next.start as usize
                }
                None => span(*items.get(index.checked_sub(1)?)?).end as usize..own.end as usize,
            }
        }
        Place::Root => return None,
    };
    let lost = page.has_comment(range.start, range.end);
    Some(Written::new(vec![TextEdit::remove(range)]).dropping(lost))
}
