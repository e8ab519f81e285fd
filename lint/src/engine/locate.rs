//! Finds the place of a field in the text.

use daemonset_validation::{Anchor, FieldPath, NodeId, PathSegment, Span, Tree, Value};

use crate::source::LineIndex;

/// Where a finding is: the exact place, and the place that a frame underlines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The key or value itself, in bytes of the file.
    pub exact: Span,
    /// The same; or the key, if the value spans several lines.
    pub frame: Span,
}

/// An object in a text, to find the places of its fields.
#[derive(Clone, Copy, Debug)]
pub struct Manifest<'m> {
    /// The document.
    pub tree: &'m Tree<'m>,
    /// The object in it.
    pub root: NodeId,
    /// The text of the file.
    pub text: &'m str,
    /// Its lines.
    pub lines: &'m LineIndex,
}

impl Manifest<'_> {
    /// The place of a field; if the text lacks it, the place of the nearest parent that the text has.
    pub fn place(&self, path: &FieldPath, anchor: Anchor) -> Place {
        locate(self.tree, self.root, path, anchor, self.text)
    }

    /// The line of a field, from 1; `None` if it is a default that the manifest does not have.
    pub fn line(&self, path: &FieldPath) -> Option<usize> {
        let step = |node: NodeId, segment: &PathSegment| match segment {
            PathSegment::Field(name) | PathSegment::Key(name) => self.tree.get(node, name),
            PathSegment::Index(index) => self.tree.items(node).get(*index).copied(),
        };
        path.segments().iter().try_fold(self.root, step)?;
        Some(self.nearest_line(path))
    }

    /// The line of a field or, if the manifest does not have it, of the nearest one above it that it has.
    pub fn nearest_line(&self, path: &FieldPath) -> usize {
        let place = self.place(path, Anchor::Value);
        self.lines.line(place.frame.start as usize)
    }
}

/// The place of `path` below `root`. If the text lacks it (a default, or a required field that is missing), the key of the nearest
/// parent that the text has.
fn locate(tree: &Tree<'_>, root: NodeId, path: &FieldPath, anchor: Anchor, text: &str) -> Place {
    let mut node = root;
    let mut key: Option<Span> = None;
    let mut duplicate: Option<Span> = None;
    let mut complete = true;
    for segment in path.segments() {
        let step = match segment {
            PathSegment::Field(name) | PathSegment::Key(name) => tree.entry(node, name).map(|entry| {
                let second = tree.repeated_entry(node, name);
                (entry.value, Some(entry.key_span), second.map(|entry| entry.key_span))
            }),
            PathSegment::Index(index) => tree.items(node).get(*index).map(|item| (*item, None, None)),
        };
        let Some((value, key_span, second)) = step else {
            complete = false;
            break;
        };
        node = value;
        key = key_span;
        duplicate = second;
    }
    if anchor == Anchor::DuplicateKey
        && let Some(span) = duplicate
    {
        return Place { exact: span, frame: span };
    }
    let value = trimmed(tree.node(node).span, text);
    let head = key.unwrap_or_else(|| head(tree, node, text));
    if !complete || anchor != Anchor::Value || (value.start == value.end) {
        return Place { exact: head, frame: head };
    }
    // A value on several lines, or on the lines below its key, is found by its key.
    let is_below = key.is_some_and(|key| spans_lines(Span::new(key.start, value.start), text))
        && matches!(tree.value(node), Value::Mapping(_) | Value::Sequence(_));
    let place = if is_below || spans_lines(value, text) { head } else { value };
    Place { exact: place, frame: place }
}

/// The start of a node: a mapping's first key, or the first line of its text.
fn head(tree: &Tree<'_>, node: NodeId, text: &str) -> Span {
    if let Value::Mapping(_) = tree.value(node)
        && let Some(first) = tree.entries(node).first()
    {
        return first.key_span;
    }
    let span = trimmed(tree.node(node).span, text);
    let line = slice(span, text).split('\n').next().unwrap_or_default();
    let length = u32::try_from(line.trim_end().len()).unwrap_or(u32::MAX);
    Span::new(span.start, span.start.saturating_add(length))
}

fn slice(span: Span, text: &str) -> &str {
    text.get(span.start as usize..span.end as usize).unwrap_or_default()
}

/// The span without the white space at its end: the span of a block reaches to the next token.
fn trimmed(span: Span, text: &str) -> Span {
    let length = u32::try_from(slice(span, text).trim_end().len()).unwrap_or(u32::MAX);
    Span::new(span.start, span.start.saturating_add(length))
}

fn spans_lines(span: Span, text: &str) -> bool {
    slice(span, text).contains('\n')
}
