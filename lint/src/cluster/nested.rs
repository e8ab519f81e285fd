//! Reads a list that is an item of another list, without recursion and in one pass. It may nest as deep as a manifest.

use std::cell::Cell;
use std::ops::Range;

use daemonset_validation::placement::Kind;

use super::head;
use super::objects::{Objects, take_at};
use super::window::{Stop, Window};
use crate::limited_read::MaxFileSize;

/// The maximum depth of nested values, the same as in manifests.
const MAX_DEPTH: usize = 10_000;

/// The levels around this list: the outer list, and its array of items.
const AROUND: usize = 2;

/// An object that is a list, or an item of one.
#[derive(Default)]
struct Found {
    range: Range<usize>,
    api_version: Option<String>,
    kind: Option<String>,
    /// The metadata of a list.
    metadata: Option<Range<usize>>,
    items: Vec<usize>,
}

/// An object or array that has not ended yet.
#[derive(Clone, Copy)]
enum Open {
    Object(usize),
    Items(usize),
}

/// Passes on the objects of a list in their order. The list is the whole text, and `first_line` is the number of its first line.
pub(super) fn read(json: &[u8], first_line: usize, objects: &mut dyn Objects) -> Result<(), Stop> {
    let mut source = json;
    let mut window = Window::new(&mut source, first_line, MaxFileSize(u64::MAX));
    let found = find(&mut window)?;
    give(&found, &window, objects);
    Ok(())
}

fn find(window: &mut Window<'_>) -> Result<Vec<Found>, Stop> {
    let mut found = vec![Found { range: 0..0, ..Found::default() }];
    let mut open = vec![Open::Object(0)];
    window.next()?;
    window.step();
    while let Some(inner) = open.last().copied() {
        match (inner, window.next()?) {
            (_, Some(b',')) => window.step(),
            (Open::Object(index), Some(b'}')) => {
                window.step();
                let end = window.position();
                found.get_mut(index).into_iter().for_each(|one| one.range.end = end);
                open.pop();
            }
            (Open::Object(index), Some(b'"')) => {
                if entry(window, found.get_mut(index))? {
                    open.push(Open::Items(index));
                }
            }
            (Open::Items(_), Some(b']')) => {
                window.step();
                open.pop();
            }
            (Open::Items(list), Some(b'{')) => {
                let index = found.len();
                found.get_mut(list).into_iter().for_each(|list| list.items.push(index));
                found.push(Found { range: window.position()..0, ..Found::default() });
                open.push(Open::Object(index));
                window.step();
            }
            (Open::Items(_), Some(_)) => {
                window.value()?;
            }
            (Open::Object(_), Some(_)) => return Err(window.syntax("expected a key in quotes")),
            (Open::Object(_), None) => return Err(window.syntax("the text ends inside an object")),
            (Open::Items(_), None) => return Err(window.syntax("the text ends inside a list")),
        }
        if open.len().saturating_add(AROUND) > MAX_DEPTH {
            return Err(window.syntax("values nest deeper than 10,000 levels"));
        }
    }
    Ok(found)
}

/// Reads a key and its value. True if the value is an array of items, of which only the bracket has been read.
fn entry(window: &mut Window<'_>, object: Option<&mut Found>) -> Result<bool, Stop> {
    let key = window.value()?;
    let key: Option<String> = serde_json::from_slice(window.bytes(key)).ok();
    if window.next()? != Some(b':') {
        return Err(window.syntax("expected a colon"));
    }
    window.step();
    let is_array = window.next()? == Some(b'[');
    if is_array && key.as_deref() == Some("items") {
        window.step();
        return Ok(true);
    }
    let value = window.value()?;
    let Some(object) = object else { return Ok(false) };
    let text = || serde_json::from_slice(window.bytes(value.clone())).ok();
    match key.as_deref() {
        Some("kind") => object.kind = text(),
        Some("apiVersion") => object.api_version = text(),
        Some("metadata") => object.metadata = Some(value),
        _ => {}
    }
    Ok(false)
}

/// What is still to be passed on.
enum Step {
    Object(usize, Option<Kind>),
    /// The mark that all objects of a kind have been passed on.
    All(Kind),
}

fn give(found: &[Found], window: &Window<'_>, objects: &mut dyn Objects) {
    // Objects come in the order of the text, so each line number is counted from the previous one.
    let counted = Cell::new((0, window.line(0)));
    let line = |position: usize| {
        let (before, line) = counted.get();
        let between = window.bytes(before..position);
        let line = memchr::memchr_iter(b'\n', between).count().saturating_add(line);
        counted.set((position, line));
        line
    };
    let mut pending = vec![Step::Object(0, None)];
    while let Some(step) = pending.pop() {
        let (index, of_list) = match step {
            Step::Object(index, of_list) => (index, of_list),
            Step::All(kind) => {
                objects.list(kind);
                continue;
            }
        };
        let Some(object) = found.get(index) else { continue };
        if let Some(kind) = object.kind.as_deref().filter(|kind| kind.ends_with("List")) {
            if let Some(metadata) = &object.metadata {
                objects.metadata(window.bytes(metadata.clone()));
            }
            let of_items = Kind::of_list(kind);
            pending.extend(of_items.map(Step::All));
            pending.extend(object.items.iter().rev().map(|item| Step::Object(*item, of_items)));
            continue;
        }
        let json = window.bytes(object.range.clone());
        let kind = match &object.kind {
            Some(kind) => Kind::of(object.api_version.as_deref().unwrap_or_default(), kind),
            None => of_list.or_else(|| head::shape(json)),
        };
        if let Some(kind) = kind {
            take_at(kind, json, || line(object.range.start), objects);
        }
    }
}
