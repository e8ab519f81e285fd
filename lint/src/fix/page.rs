//! A document as it is written: where its keys, colons, dashes and values are, and what is between them.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use daemonset_validation::{Entry, FieldPath, NodeId, PathSegment, Span, Tree, Value};

use super::render::{Brackets, Quote, Style};

/// A document and its text.
pub(super) struct Page<'p> {
    pub(super) tree: &'p Tree<'p>,
    /// The text of the whole file, into which the spans point.
    pub(super) text: &'p str,
    pub(super) style: Style,
    /// How often each node is a value or an item, in a document with aliases.
    uses: Option<HashMap<NodeId, u32>>,
    /// The offsets of the first dashes of lists at the column of their key. The spans of such lists begin at the first item.
    first_dashes: HashMap<NodeId, usize>,
    /// The offsets of the dashes of a list.
    dashes: RefCell<HashMap<NodeId, Option<Rc<[usize]>>>>,
}

/// What holds for all documents of a file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Manner {
    quote: Quote,
    line_break: &'static str,
    /// Whether there may be aliases.
    aliases: bool,
}

impl Manner {
    pub(super) fn of(text: &str) -> Self {
        let quote = if text.contains('\'') && !text.contains('"') { Quote::Single } else { Quote::Double };
        let crlf = memchr::memchr(b'\n', text.as_bytes())
            .and_then(|at| text.as_bytes().get(at.checked_sub(1)?))
            .is_some_and(|before| *before == b'\r');
        let line_break = if crlf { "\r\n" } else { "\n" };
        Self { quote, line_break, aliases: text.contains('*') && text.contains('&') }
    }
}

/// An entry or an item.
#[derive(Clone, Copy, Debug)]
pub(super) enum Place<'p> {
    /// The object itself.
    Root,
    Entry {
        mapping: NodeId,
        entry: &'p Entry<'p>,
    },
    Item {
        list: NodeId,
        index: usize,
    },
}

/// What a path leads to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Found<'p> {
    pub(super) place: Place<'p>,
    pub(super) node: NodeId,
    /// Whether something else in the document uses it as well.
    pub(super) shared: bool,
}

/// How a value is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spot {
    /// Not at all: it is `null`.
    Nothing,
    /// As an alias, which begins here.
    Alias(usize),
    /// It begins here, behind its anchor and tag.
    At(usize),
}

impl<'p> Page<'p> {
    pub(super) fn new(tree: &'p Tree<'p>, text: &'p str, manner: Manner) -> Self {
        let Manner { quote, line_break, aliases } = manner;
        let style = Style { step: 2, list_step: 0, line_break, quote };
        let uses = aliases.then(|| uses(tree));
        let mut page =
            Self { tree, text, style, uses, first_dashes: HashMap::new(), dashes: RefCell::default() };
        page.first_dashes = page.lists_at_the_column_of_their_key();
        let (step, list_step) = page.steps();
        Self { style: Style { step, list_step, ..style }, ..page }
    }

    pub(super) fn byte(&self, at: usize) -> Option<u8> {
        self.text.as_bytes().get(at).copied()
    }

    /// What the path leads to below an object.
    pub(super) fn find(&self, root: NodeId, path: &FieldPath) -> Option<Found<'p>> {
        self.find_at(root, path.segments())
    }

    pub(super) fn find_at(&self, root: NodeId, path: &[PathSegment]) -> Option<Found<'p>> {
        let mut found = Found { place: Place::Root, node: root, shared: self.is_shared(root) };
        for segment in path {
            found = self.step(found, segment)?;
        }
        Some(found)
    }

    /// One step further.
    pub(super) fn step(&self, from: Found<'p>, segment: &PathSegment) -> Option<Found<'p>> {
        let (place, node) = match segment {
            PathSegment::Field(name) | PathSegment::Key(name) => {
                let tree: &'p Tree<'p> = self.tree;
                let entry = tree.entry(from.node, name)?;
                (Place::Entry { mapping: from.node, entry }, entry.value)
            }
            PathSegment::Index(index) => {
                let node = *self.tree.items(from.node).get(*index)?;
                (Place::Item { list: from.node, index: *index }, node)
            }
        };
        let merged = matches!(place, Place::Entry { mapping, entry } if !self.is_own(mapping, entry));
        let shared = from.shared || merged || self.is_shared(node);
        Some(Found { place, node, shared })
    }

    /// Whether several places of the document have the node.
    pub(super) fn is_shared(&self, node: NodeId) -> bool {
        self.uses.as_ref().is_some_and(|uses| uses.get(&node).is_some_and(|count| *count > 1))
    }

    /// Whether another mapping has what is in this one as well, by a merge key.
    pub(super) fn is_merged_elsewhere(&self, mapping: NodeId) -> bool {
        let mut own = self.tree.entries(mapping).iter().filter(|entry| self.is_own(mapping, entry));
        self.uses.is_some() && own.any(|entry| self.is_shared(entry.value))
    }

    /// Whether the entry is written in the mapping, and not brought by a merge key.
    pub(super) fn is_own(&self, mapping: NodeId, entry: &Entry<'_>) -> bool {
        let span = self.tree.node(mapping).span;
        self.uses.is_none() || (span.start <= entry.key_span.start && entry.key_span.end <= span.end)
    }

    /// The entries that are written in the mapping, in the order of the text.
    pub(super) fn own_entries(&self, mapping: NodeId) -> impl DoubleEndedIterator<Item = &'p Entry<'p>> {
        let tree: &'p Tree<'p> = self.tree;
        let entries = tree.entries(mapping);
        let own: Vec<&Entry<'_>> = match self.uses {
            None => return Either::All(entries.iter()),
            Some(_) => entries.iter().filter(|entry| self.is_own(mapping, entry)).collect(),
        };
        Either::Some(own.into_iter())
    }

    /// Whether an item of a list in brackets is written there, and is no alias.
    pub(super) fn is_written_here(&self, found: Found<'p>) -> bool {
        let Place::Item { list, index } = found.place else { return true };
        let (whole, node) = (self.tree.node(list).span, self.tree.node(found.node).span);
        let before = index.checked_sub(1).and_then(|before| self.tree.items(list).get(before));
        let behind = before.map_or(whole.start, |before| self.tree.node(*before).span.end);
        behind <= node.start && node.end <= whole.end
    }

    /// Whether a collection is written in brackets.
    pub(super) fn is_flow(&self, node: NodeId) -> bool {
        matches!(self.tree.value(node), Value::Mapping(_) | Value::Sequence(_))
            && matches!(self.byte(self.content(node)), Some(b'{' | b'['))
    }

    /// Where the content of a node begins, behind its anchor and tag.
    pub(super) fn content(&self, node: NodeId) -> usize {
        if let Some(dash) = self.first_dashes.get(&node) {
            return *dash;
        }
        self.behind_properties(self.tree.node(node).span.start as usize)
    }

    fn behind_properties(&self, mut at: usize) -> usize {
        while let Some(b'&' | b'!') = self.byte(at) {
            let rest = self.text.get(at..).unwrap_or_default();
            let end = rest.find([' ', '\t', '\r', '\n']).unwrap_or(rest.len());
            at = self.token(at.saturating_add(end));
        }
        at
    }

    /// How collections in brackets are written around a node.
    pub(super) fn brackets(&self, node: NodeId) -> Brackets {
        let start = self.content(node);
        let spaced = self.byte(start.saturating_add(1)) == Some(b' ');
        let quoted = |entry: &Entry<'_>| self.byte(entry.key_span.start as usize) == Some(b'"');
        let json = match self.tree.value(node) {
            Value::Mapping(_) => self.tree.entries(node).first().is_some_and(quoted),
            // Of a list, the object that holds it tells.
            _ => self.tree.entries(self.tree.root()).first().is_some_and(quoted),
        };
        let json = json
            || self.tree.entries(node).is_empty()
                && self.is_flow(self.tree.root())
                && self.tree.entries(self.tree.root()).first().is_some_and(quoted);
        Brackets { json, spaced }
    }

    /// The offset behind the colon of an entry.
    pub(super) fn behind_colon(&self, key: Span) -> Option<usize> {
        let at = self.token(key.end as usize);
        (self.byte(at)? == b':').then(|| at.saturating_add(1))
    }

    /// The next character that is neither white space nor in a comment.
    pub(super) fn token(&self, mut at: usize) -> usize {
        while let Some(byte) = self.byte(at) {
            let before = at.checked_sub(1).and_then(|before| self.byte(before));
            match byte {
                b' ' | b'\t' | b'\r' | b'\n' => at = at.saturating_add(1),
                b'#' if before.is_none_or(|before| before.is_ascii_whitespace()) => at = self.line_end(at),
                _ => break,
            }
        }
        at
    }

    /// How the value behind a colon or a dash is written.
    pub(super) fn spot(&self, behind: usize, node: NodeId) -> Spot {
        let span = self.tree.node(node).span;
        if span.start == span.end && matches!(self.tree.value(node), Value::Null) {
            return Spot::Nothing;
        }
        let at = self.token(behind);
        if self.byte(at) == Some(b'*') {
            return Spot::Alias(at);
        }
        Spot::At(self.behind_properties(at))
    }

    /// The offset behind the colon or dash before a value.
    pub(super) fn behind(&self, place: Place<'p>) -> Option<usize> {
        match place {
            Place::Root => None,
            Place::Entry { entry, .. } => self.behind_colon(entry.key_span),
            Place::Item { list, index } => Some(self.dashes(list)?.get(index)?.saturating_add(1)),
        }
    }

    /// The column of the key or dash of a place in block style.
    pub(super) fn column_of(&self, place: Place<'p>) -> Option<usize> {
        match place {
            Place::Root => None,
            Place::Entry { entry, .. } => Some(self.column(entry.key_span.start as usize)),
            Place::Item { list, index } => Some(self.column(*self.dashes(list)?.get(index)?)),
        }
    }

    /// Whether the collection that holds the place is in brackets.
    pub(super) fn is_in_flow(&self, place: Place<'p>) -> bool {
        match place {
            Place::Root => false,
            Place::Entry { mapping, .. } => self.is_flow(mapping),
            Place::Item { list, .. } => self.is_flow(list),
        }
    }

    /// The offset behind a value, without white space and comments. `column` is that of its key or dash.
    pub(super) fn end(&self, behind: usize, node: NodeId, column: usize) -> usize {
        let at = match self.spot(behind, node) {
            Spot::Nothing => return behind,
            Spot::Alias(at) => {
                let rest = self.text.get(at..).unwrap_or_default();
                let end = rest.find([' ', '\t', '\r', '\n', ',', ']', '}']).unwrap_or(rest.len());
                return at.saturating_add(end);
            }
            Spot::At(at) => at,
        };
        let own = self.trimmed_end(node);
        match (self.tree.value(node), self.byte(at)) {
            (_, Some(b'{' | b'[')) => own,
            (Value::Mapping(_), _) => match self.own_entries(node).next_back() {
                Some(entry) => {
                    let column = self.column(entry.key_span.start as usize);
                    self.behind_colon(entry.key_span)
                        .map_or(own, |behind| self.end(behind, entry.value, column))
                }
                None => own,
            },
            (Value::Sequence(_), _) => {
                let last =
                    self.tree.items(node).last().zip(self.dashes(node).and_then(|all| all.last().copied()));
                last.map_or(own, |(item, dash)| self.end(dash.saturating_add(1), *item, self.column(dash)))
            }
            (_, Some(b'|' | b'>')) => self.end_of_block(at, column),
            _ => own,
        }
    }

    fn trimmed_end(&self, node: NodeId) -> usize {
        let span = self.tree.node(node).span;
        let (start, end) = (span.start as usize, span.end as usize);
        start.saturating_add(self.text.get(start..end).unwrap_or_default().trim_end().len())
    }

    /// The offset behind a literal or folded block whose key or dash is at a column.
    fn end_of_block(&self, at: usize, column: usize) -> usize {
        let mut end = self.line_end(at);
        let mut start = self.next_line(at);
        while start < self.text.len() {
            let line = self.text.get(start..self.line_end(start)).unwrap_or_default();
            let content = line.trim_start_matches(' ');
            if !content.trim().is_empty() {
                if line.len().saturating_sub(content.len()) <= column {
                    break;
                }
                end = start.saturating_add(line.trim_end().len());
            }
            start = self.next_line(start);
        }
        end
    }

    /// The offsets of the dashes of a list in block style, one for each item.
    pub(super) fn dashes(&self, list: NodeId) -> Option<Rc<[usize]>> {
        if let Some(known) = self.dashes.borrow().get(&list) {
            return known.clone();
        }
        let found = self.find_dashes(list);
        self.dashes.borrow_mut().insert(list, found.clone());
        found
    }

    fn find_dashes(&self, list: NodeId) -> Option<Rc<[usize]>> {
        let count = self.tree.items(list).len();
        let first = self.content(list);
        if self.byte(first)? != b'-' {
            return None;
        }
        let column = self.column(first);
        let mut found = vec![first];
        let mut start = self.next_line(first);
        while start < self.text.len() && found.len() < count {
            let line = self.text.get(start..self.line_end(start))?;
            let content = line.trim_start_matches(' ');
            let indent = line.len().saturating_sub(content.len());
            if !content.is_empty() && !content.starts_with('#') {
                if indent < column {
                    break;
                }
                let rest = content.strip_prefix('-');
                if indent == column
                    && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t']))
                {
                    found.push(start.saturating_add(indent));
                }
            }
            start = self.next_line(start);
        }
        (found.len() == count).then(|| found.into())
    }

    fn lists_at_the_column_of_their_key(&self) -> HashMap<NodeId, usize> {
        let mut found = HashMap::new();
        let mut seen = HashSet::new();
        let mut open = vec![self.tree.root()];
        while let Some(node) = open.pop() {
            if self.uses.is_some() && !seen.insert(node) {
                continue;
            }
            open.extend(self.tree.items(node));
            for entry in self.tree.entries(node) {
                open.push(entry.value);
                if matches!(self.tree.value(entry.value), Value::Sequence(_)) {
                    let first = self.dash_before(entry.value, self.column(entry.key_span.start as usize));
                    found.extend(first.map(|dash| (entry.value, dash)));
                }
            }
        }
        found
    }

    /// The dash at a column before what the span of a list begins with.
    fn dash_before(&self, list: NodeId, column: usize) -> Option<usize> {
        let before = self.text.get(..self.tree.node(list).span.start as usize)?.trim_end();
        let dash = before.len().checked_sub(1)?;
        (self.byte(dash) == Some(b'-') && self.begins_line(dash) && self.column(dash) == column)
            .then_some(dash)
    }

    /// The offset of the first byte of a line.
    pub(super) fn line_start(&self, at: usize) -> usize {
        let before = self.text.as_bytes().get(..at).unwrap_or_default();
        memchr::memrchr(b'\n', before).map_or(0, |end| end.saturating_add(1))
    }

    /// The offset of what ends a line.
    pub(super) fn line_end(&self, at: usize) -> usize {
        let rest = self.text.as_bytes().get(at..).unwrap_or_default();
        let end = memchr::memchr(b'\n', rest).map_or(self.text.len(), |end| at.saturating_add(end));
        match end.checked_sub(1) {
            Some(before) if end > at && end < self.text.len() && self.byte(before) == Some(b'\r') => before,
            _ => end,
        }
    }

    /// The offset of the first byte of the next line.
    pub(super) fn next_line(&self, at: usize) -> usize {
        let rest = self.text.as_bytes().get(at..).unwrap_or_default();
        memchr::memchr(b'\n', rest).map_or(self.text.len(), |end| at.saturating_add(end).saturating_add(1))
    }

    /// The column of an offset, from 0, in bytes: in block style only spaces and dashes are before it.
    pub(super) fn column(&self, at: usize) -> usize {
        at.saturating_sub(self.line_start(at))
    }

    /// Whether only spaces are before an offset on its line.
    pub(super) fn begins_line(&self, at: usize) -> bool {
        let before = self.text.get(..at).unwrap_or_default().trim_end_matches(' ');
        before.is_empty() || before.ends_with('\n')
    }

    /// Whether nothing but a comment follows on the line.
    pub(super) fn ends_line(&self, at: usize) -> bool {
        let rest = self.text.get(at..self.line_end(at)).unwrap_or_default();
        let comment = rest.trim_start();
        comment.is_empty() || comment.starts_with('#') && comment.len() < rest.len()
    }

    /// Whether a comment may be in the range. A `#` inside quotes counts as one.
    pub(super) fn has_comment(&self, start: usize, end: usize) -> bool {
        let part = self.text.get(start..end).unwrap_or_default();
        part.match_indices('#').any(|(at, _)| {
            let before = part.get(..at).and_then(|before| before.bytes().next_back());
            before.is_none_or(|before| before.is_ascii_whitespace())
        })
    }

    /// By how much mappings and lists are indented, from the first ones in block style.
    fn steps(&self) -> (usize, usize) {
        let (mut step, mut list_step) = (None, None);
        let mut open = vec![self.tree.root()];
        let mut left = 200_usize;
        while let Some(node) = open.pop() {
            left = left.saturating_sub(1);
            if left == 0 || step.is_some() && list_step.is_some() {
                break;
            }
            open.extend(self.tree.items(node).iter().take(4));
            if self.is_flow(node) {
                continue;
            }
            for entry in self.own_entries(node) {
                let Some(behind) = self.behind_colon(entry.key_span) else { continue };
                let Spot::At(at) = self.spot(behind, entry.value) else { continue };
                let more = self.column(at).checked_sub(self.column(entry.key_span.start as usize));
                let is_below = self.line_start(at) > behind && !self.is_flow(entry.value);
                match self.tree.value(entry.value) {
                    Value::Mapping(_) if is_below => step = step.or(more),
                    Value::Sequence(_) if is_below => list_step = list_step.or(more),
                    _ => {}
                }
                open.push(entry.value);
            }
        }
        (step.filter(|step| *step > 0).unwrap_or(2), list_step.unwrap_or(0))
    }
}

/// How often each node is a value or an item.
fn uses(tree: &Tree<'_>) -> HashMap<NodeId, u32> {
    let mut uses = HashMap::new();
    let mut open = vec![tree.root()];
    while let Some(node) = open.pop() {
        let entries = tree.entries(node).iter().map(|entry| entry.value);
        for below in tree.items(node).iter().copied().chain(entries) {
            let count: &mut u32 = uses.entry(below).or_insert(0);
            *count = count.saturating_add(1);
            if *count == 1 {
                open.push(below);
            }
        }
    }
    uses
}

/// All entries, or some.
enum Either<A, S> {
    All(A),
    Some(S),
}

impl<T, A: DoubleEndedIterator<Item = T>, S: DoubleEndedIterator<Item = T>> Iterator for Either<A, S> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        match self {
            Self::All(all) => all.next(),
            Self::Some(some) => some.next(),
        }
    }
}

impl<T, A: DoubleEndedIterator<Item = T>, S: DoubleEndedIterator<Item = T>> DoubleEndedIterator
    for Either<A, S>
{
    fn next_back(&mut self) -> Option<T> {
        match self {
            Self::All(all) => all.next_back(),
            Self::Some(some) => some.next_back(),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "a test ends at the first surprise")]
mod tests {
    use super::*;
    use crate::source::{Content, documents};

    /// The columns of the dashes of each list, the outer ones first.
    fn columns(text: &str) -> Vec<Option<Vec<usize>>> {
        let Some(Content::Tree(tree)) = documents(text).map(|found| found.content).next() else { panic!() };
        let page = Page::new(&tree, text, Manner::of(text));
        let mut found = Vec::new();
        let mut open = vec![tree.root()];
        while let Some(node) = open.pop() {
            if matches!(tree.value(node), Value::Sequence(_)) && !page.is_flow(node) {
                let dashes = page.dashes(node);
                found.push(dashes.map(|all| all.iter().map(|dash| page.column(*dash)).collect()));
            }
            open.extend(tree.items(node));
            open.extend(tree.entries(node).iter().map(|entry| entry.value));
        }
        found
    }

    #[test]
    fn the_dashes_of_a_list_are_found_at_any_column() {
        let one = |columns: &[usize]| vec![Some(columns.to_vec())];
        assert_eq!(columns("a:\n- x: 1\n  y: 2\n- z: 3\n"), one(&[0, 0]));
        assert_eq!(columns("a:\n  - x: 1\n    y: 2\n  - z: 3\n"), one(&[2, 2]));
        assert_eq!(columns("a:\n- {x: 1}\n- {y: 2}\n"), one(&[0, 0]));
        assert_eq!(columns("a:\n- [x]\n- [y]\n"), one(&[0, 0]));
        assert_eq!(columns("a:\n-\n  x: 1\n- &b y: 2\n"), one(&[0, 0]));
        assert_eq!(columns("- a:\n  - 1\n  - 2\n"), vec![Some(vec![0]), Some(vec![2, 2])]);
        assert_eq!(
            columns("a:\n- - 1\n  - 2\n- - 3\n"),
            vec![Some(vec![0, 0]), Some(vec![2]), Some(vec![2, 2])]
        );
    }
}
