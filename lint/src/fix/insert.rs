//! Puts something new into a collection, in the style of what is there.

use daemonset_validation::edit::NewValue;
use daemonset_validation::{Entry, NodeId, PathSegment, Value};

use super::page::{Found, Page, Place, Spot};
use super::render::{self, Body};
use super::text_edit::{TextEdit, Written};

/// Where something new is put: the last place on its path that exists, and what is missing from there on.
#[derive(Clone, Debug)]
pub(super) struct Home<'p> {
    found: Found<'p>,
    /// The steps that do not exist, the new entry or item itself last. Empty if the place exists and has no value.
    missing: Vec<PathSegment>,
}

/// Where an entry is put among others in block style.
enum Among {
    First,
    Behind(&'static str),
    Last,
}

impl Among {
    /// Where people put a key.
    fn of(key: &str) -> Self {
        match key {
            "apiVersion" | "selector" | "metadata" => Self::First,
            "kind" => Self::Behind("apiVersion"),
            "operator" => Self::Behind("key"),
            _ => Self::Last,
        }
    }
}

impl<'p> Home<'p> {
    /// The home of what the path leads to; `None` if there is something already.
    pub(super) fn of(page: &Page<'p>, root: NodeId, path: &[PathSegment]) -> Option<Self> {
        let mut found = page.find_at(root, &[])?;
        for (done, segment) in path.iter().enumerate() {
            let missing = || path.get(done..).unwrap_or_default().to_vec();
            if matches!(page.tree.value(found.node), Value::Null) {
                return Some(Self { found, missing: missing() });
            }
            match page.step(found, segment) {
                Some(below) => found = below,
                None => return Some(Self { found, missing: missing() }),
            }
        }
        matches!(page.tree.value(found.node), Value::Null).then_some(Self::at(found))
    }

    /// A place that exists and has no value.
    pub(super) const fn at(found: Found<'p>) -> Self {
        Self { found, missing: Vec::new() }
    }

    /// Whether several places of the document have it.
    pub(super) fn shared(&self, page: &Page<'p>) -> bool {
        self.found.shared || page.is_merged_elsewhere(self.found.node)
    }

    /// Whether what is put there is written in brackets.
    pub(super) fn is_flow(&self, page: &Page<'p>) -> bool {
        page.is_flow(self.found.node) || page.is_in_flow(self.found.place)
    }

    /// Puts something there.
    pub(super) fn put(&self, page: &Page<'p>, body: Body) -> Option<Written> {
        let node = self.found.node;
        match (page.tree.value(node), self.missing.split_first()) {
            (Value::Null, _) => fill(page, self.found, &nested(&self.missing, body)),
            (Value::Mapping(_), Some((PathSegment::Field(key) | PathSegment::Key(key), rest))) => {
                insert(page, node, key, &nested(rest, body))
            }
            (Value::Sequence(_), Some((PathSegment::Index(_), rest))) => {
                append(page, node, &nested(rest, body))
            }
            _ => None,
        }
    }
}

/// The content inside the collections that the steps lead through.
fn nested(steps: &[PathSegment], body: Body) -> Body {
    steps.iter().rev().fold(body, |body, step| match step {
        PathSegment::Index(_) => Body::List(vec![body]),
        PathSegment::Field(key) | PathSegment::Key(key) => Body::Map(vec![(key.to_string(), body)]),
    })
}

/// Writes the value of a key or an item that has none.
fn fill(page: &Page<'_>, found: Found<'_>, body: &Body) -> Option<Written> {
    let behind = page.behind(found.place)?;
    let range = match page.spot(behind, found.node) {
        Spot::Nothing => behind..behind,
        Spot::At(at) if page.token(behind) == at => behind..page.tree.node(found.node).span.end as usize,
        Spot::At(_) | Spot::Alias(_) => return None,
    };
    if page.is_in_flow(found.place) {
        let holder = match found.place {
            Place::Entry { mapping, .. } => mapping,
            Place::Item { list, .. } => list,
            Place::Root => return None,
        };
        let value = render::flow(&body.value()?, page.brackets(holder), page.style.quote);
        return Some(Written::new(vec![TextEdit::new(range, format!(" {value}"))]));
    }
    let column = page.column_of(found.place)?;
    page.ends_line(range.end).then_some(())?;
    let text = match found.place {
        Place::Item { .. } => render::behind_dash(body, column, &page.style),
        _ => render::below(body, column, &page.style),
    };
    if !text.starts_with(page.style.line_break) {
        return Some(Written::new(vec![TextEdit::new(range, text)]));
    }
    // Lines below the key come behind a comment on its line.
    let end = page.line_end(range.end);
    Some(Written::new(vec![TextEdit::remove(range), TextEdit::insert(end, text)]))
}

fn insert(page: &Page<'_>, mapping: NodeId, key: &str, body: &Body) -> Option<Written> {
    let last = page.own_entries(mapping).max_by_key(|entry| entry.key_span.start);
    if page.is_flow(mapping) {
        let brackets = page.brackets(mapping);
        let value = body.value()?;
        let Some(last) = last else {
            page.tree.entries(mapping).is_empty().then_some(())?;
            let new = NewValue::Map(vec![(key.to_owned(), value)]);
            return replace_empty(page, mapping, &render::flow(&new, brackets, page.style.quote));
        };
        let start = last.key_span.start as usize;
        let at = page.end(page.behind_colon(last.key_span)?, last.value, page.column(start));
        let new = render::flow_entry(key, &value, brackets, page.style.quote);
        let between = between(page, start);
        return Some(Written::new(vec![TextEdit::insert(at, format!("{between}{new}"))]));
    }
    let last = last?;
    let column = page.column(last.key_span.start as usize);
    let new = render::entry(key, body, column, &page.style);
    let indent = " ".repeat(column);
    let line_break = page.style.line_break;
    let behind = |entry: &Entry<'_>| {
        let end = page.end(page.behind_colon(entry.key_span)?, entry.value, column);
        page.ends_line(end).then_some(())?;
        Some(TextEdit::insert(page.line_end(end), format!("{line_break}{indent}{new}")))
    };
    let edit = match Among::of(key) {
        Among::First => {
            let first = page.own_entries(mapping).min_by_key(|entry| entry.key_span.start)?;
            TextEdit::insert(first.key_span.start as usize, format!("{new}{line_break}{indent}"))
        }
        Among::Behind(name) => {
            let before = page.own_entries(mapping).find(|entry| entry.key == name);
            behind(before.unwrap_or(last))?
        }
        Among::Last => behind(last)?,
    };
    Some(Written::new(vec![edit]))
}

/// What is before a new entry or item in brackets, behind the last one, which begins at an offset.
fn between(page: &Page<'_>, last: usize) -> String {
    if page.begins_line(last) {
        format!(",{}{}", page.style.line_break, " ".repeat(page.column(last)))
    } else {
        ", ".to_owned()
    }
}

/// Writes a collection in the place of empty brackets.
fn replace_empty(page: &Page<'_>, node: NodeId, text: &str) -> Option<Written> {
    let range = page.content(node)..page.tree.node(node).span.end as usize;
    (!page.has_comment(range.start, range.end)).then_some(())?;
    Some(Written::new(vec![TextEdit::new(range, text)]))
}

fn append(page: &Page<'_>, list: NodeId, body: &Body) -> Option<Written> {
    let items = page.tree.items(list);
    if page.is_flow(list) {
        let value = body.value()?;
        let brackets = page.brackets(list);
        let Some((index, last)) =
            items.len().checked_sub(1).and_then(|index| Some((index, *items.get(index)?)))
        else {
            let new = render::flow(&NewValue::List(vec![value]), brackets, page.style.quote);
            return replace_empty(page, list, &new);
        };
        let found = Found { place: Place::Item { list, index }, node: last, shared: false };
        page.is_written_here(found).then_some(())?;
        let span = page.tree.node(last).span;
        let between = between(page, span.start as usize);
        let new = render::flow(&value, brackets, page.style.quote);
        return Some(Written::new(vec![TextEdit::insert(span.end as usize, format!("{between}{new}"))]));
    }
    let (dash, last) = page.dashes(list)?.last().copied().zip(items.last())?;
    let column = page.column(dash);
    let end = page.end(dash.saturating_add(1), *last, column);
    page.ends_line(end).then_some(())?;
    let (line_break, indent) = (page.style.line_break, " ".repeat(column));
    // In the style of the item before it.
    let in_brackets = body.value().filter(|value| matches!(value, NewValue::Map(_)) && page.is_flow(*last));
    let new = match in_brackets {
        Some(value) => format!("- {}", render::flow(&value, page.brackets(*last), page.style.quote)),
        None => render::item(body, column, &page.style),
    };
    Some(Written::new(vec![TextEdit::insert(page.line_end(end), format!("{line_break}{indent}{new}"))]))
}
