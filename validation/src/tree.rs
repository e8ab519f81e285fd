//! A document in the JSON data model, with the position of each key and value in the text.
//!
//! The tree is an arena. A YAML alias refers to the node of its anchor, so a document that expands to gigabytes stays as small as
//! its text. Code that follows aliases must limit how much it expands.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;

/// A range of the document's text in bytes, end exclusive. It is 0..0 if there is no text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// Offset of the first byte.
    pub start: u32,
    /// Offset after the last byte.
    pub end: u32,
}

impl Span {
    /// A span from its two offsets.
    pub const fn new(start: u32, end: u32) -> Self {
        Self { start, end }
    }
}

/// Identifies a node of a [`Tree`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(u32);

impl NodeId {
    /// The node's number, from 0; smaller than the number of nodes.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// The value of a node in the JSON data model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value<'a> {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number, as the JSON literal that the server's decoder reads (`420` for YAML's `0644`).
    Number(Cow<'a, str>),
    /// A string.
    String(Cow<'a, str>),
    /// A list. [`Tree::items`] returns its items.
    Sequence(Children),
    /// A map. [`Tree::entries`] returns its entries.
    Mapping(Children),
}

/// The kind of a value in the JSON data model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JsonKind {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool,
    /// A number.
    Number,
    /// A string.
    String,
    /// A list.
    Array,
    /// A map.
    Object,
}

impl JsonKind {
    /// The name of the kind in errors of Go's JSON decoder.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool => "bool",
            Self::Number => "number",
            Self::String => "string",
            Self::Array => "array",
            Self::Object => "object",
        }
    }
}

impl Value<'_> {
    /// The kind of this value.
    pub const fn kind(&self) -> JsonKind {
        match self {
            Self::Null => JsonKind::Null,
            Self::Bool(_) => JsonKind::Bool,
            Self::Number(_) => JsonKind::Number,
            Self::String(_) => JsonKind::String,
            Self::Sequence(_) => JsonKind::Array,
            Self::Mapping(_) => JsonKind::Object,
        }
    }
}

/// The range of a collection's children in the arena.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Children {
    start: u32,
    end: u32,
}

impl Children {
    fn range(&self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    /// The number of children.
    pub const fn len(&self) -> usize {
        self.end.saturating_sub(self.start) as usize
    }

    /// Whether there are no children.
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// A value and its position.
#[derive(Clone, Debug)]
pub struct Node<'a> {
    /// The value.
    pub value: Value<'a>,
    /// Its position in the text.
    pub span: Span,
}

/// A key and its value in a mapping.
#[derive(Clone, Debug)]
pub struct Entry<'a> {
    /// The key. In the JSON data model it is always a string.
    pub key: Cow<'a, str>,
    /// The position of the key.
    pub key_span: Span,
    /// The value.
    pub value: NodeId,
    /// Whether the same key occurs earlier in this mapping. The decoder keeps the last one; strict decoding rejects the document.
    pub duplicate: bool,
}

/// A whole document.
#[derive(Clone, Debug)]
pub struct Tree<'a> {
    nodes: Vec<Node<'a>>,
    items: Vec<NodeId>,
    entries: Vec<Entry<'a>>,
    by_key: ByKey,
    root: NodeId,
}

/// A mapping with more entries than this has its entries sorted by key as well, so that a lookup does not pass all of them.
const MANY_ENTRIES: usize = 64;

/// The places of the entries of large mappings, sorted by key; of equal keys in the order of the text.
type ByKey = HashMap<NodeId, Box<[u32]>>;

fn sorted_by_key(entries: &[Entry<'_>]) -> Box<[u32]> {
    let mut places: Vec<u32> = (0..u32::try_from(entries.len()).unwrap_or(u32::MAX)).collect();
    places.sort_by_key(|place| entries.get(*place as usize).map(|entry| &*entry.key));
    places.into_boxed_slice()
}

static MISSING: Node<'static> = Node { value: Value::Null, span: Span::new(0, 0) };

impl<'a> Tree<'a> {
    /// The root node.
    pub const fn root(&self) -> NodeId {
        self.root
    }

    /// Returns a node. An id from another tree may return `null`.
    pub fn node(&self, id: NodeId) -> &Node<'a> {
        // `MISSING` is `Node<'static>`, which coerces here because `Cow<'static, str>` is a `Cow<'a, str>`.
        self.nodes.get(id.0 as usize).unwrap_or(&MISSING)
    }

    /// A node's value.
    pub fn value(&self, id: NodeId) -> &Value<'a> {
        &self.node(id).value
    }

    /// The items of a sequence; empty for other values.
    pub fn items(&self, id: NodeId) -> &[NodeId] {
        match self.value(id) {
            Value::Sequence(children) => self.items.get(children.range()).unwrap_or_default(),
            _ => &[],
        }
    }

    /// The entries of a mapping in source order, including duplicates; empty for other values.
    pub fn entries(&self, id: NodeId) -> &[Entry<'a>] {
        match self.value(id) {
            Value::Mapping(children) => self.entries.get(children.range()).unwrap_or_default(),
            _ => &[],
        }
    }

    /// The entry that the decoder uses for `key`: the last one.
    pub fn entry(&self, id: NodeId, key: &str) -> Option<&Entry<'a>> {
        self.last_entry(id, key, |_| true)
    }

    /// The last entry for `key` that repeats an earlier one.
    pub fn repeated_entry(&self, id: NodeId, key: &str) -> Option<&Entry<'a>> {
        self.last_entry(id, key, |entry| entry.duplicate)
    }

    fn last_entry(&self, id: NodeId, key: &str, wanted: impl Fn(&Entry<'a>) -> bool) -> Option<&Entry<'a>> {
        let entries = self.entries(id);
        let Some(places) = self.by_key.get(&id).filter(|_| entries.len() > MANY_ENTRIES) else {
            return entries.iter().rev().find(|entry| entry.key == key && wanted(entry));
        };
        let entry = |place: &u32| entries.get(*place as usize);
        let end = places.partition_point(|place| entry(place).is_some_and(|entry| *entry.key <= *key));
        let below = places.get(..end).unwrap_or_default().iter().rev().map_while(entry);
        below.take_while(|entry| entry.key == key).find(|entry| wanted(entry))
    }

    /// The value that the decoder uses for `key`.
    pub fn get(&self, id: NodeId, key: &str) -> Option<NodeId> {
        self.entry(id, key).map(|entry| entry.value)
    }

    /// The number of nodes.
    pub(crate) const fn len(&self) -> usize {
        self.nodes.len()
    }

    fn add(&mut self, value: Value<'a>, span: Span) -> NodeId {
        let id = NodeId(u32::try_from(self.nodes.len()).unwrap_or(u32::MAX));
        self.nodes.push(Node { value, span });
        id
    }

    /// Adds a scalar that no collection has yet.
    pub(crate) fn add_scalar(&mut self, value: Value<'a>) -> NodeId {
        self.add(value, Span::default())
    }

    /// Adds a list that no collection has yet.
    pub(crate) fn add_sequence(&mut self, items: Vec<NodeId>, span: Span) -> NodeId {
        let id = self.add(Value::Null, span);
        self.set_items(id, items);
        id
    }

    /// Adds a mapping that no collection has yet.
    pub(crate) fn add_mapping(&mut self, entries: Vec<Entry<'a>>, span: Span) -> NodeId {
        let id = self.add(Value::Null, span);
        self.set_entries(id, entries);
        id
    }

    /// Makes the node a list of these items.
    pub(crate) fn set_items(&mut self, id: NodeId, items: Vec<NodeId>) {
        let start = u32::try_from(self.items.len()).unwrap_or(u32::MAX);
        self.items.extend(items);
        let end = u32::try_from(self.items.len()).unwrap_or(u32::MAX);
        if let Some(node) = self.nodes.get_mut(id.index()) {
            node.value = Value::Sequence(Children { start, end });
        }
    }

    /// Makes the node a mapping of these entries. An entry is a duplicate if its key occurs earlier.
    pub(crate) fn set_entries(&mut self, id: NodeId, mut entries: Vec<Entry<'a>>) {
        let mut seen = std::collections::HashSet::with_capacity(entries.len());
        for entry in &mut entries {
            entry.duplicate = !seen.insert(entry.key.clone());
        }
        if entries.len() > MANY_ENTRIES {
            self.by_key.insert(id, sorted_by_key(&entries));
        } else {
            self.by_key.remove(&id);
        }
        let start = u32::try_from(self.entries.len()).unwrap_or(u32::MAX);
        self.entries.extend(entries);
        let end = u32::try_from(self.entries.len()).unwrap_or(u32::MAX);
        if let Some(node) = self.nodes.get_mut(id.index()) {
            node.value = Value::Mapping(Children { start, end });
        }
    }

    /// The value that the decoder uses for `key`, if it is a string.
    pub fn get_str(&self, id: NodeId, key: &str) -> Option<&str> {
        match self.value(self.get(id, key)?) {
            Value::String(text) => Some(text),
            _ => None,
        }
    }
}

/// Builds a [`Tree`] bottom up: children first, then the collection that contains them.
#[derive(Debug, Default)]
pub struct TreeBuilder<'a> {
    nodes: Vec<Node<'a>>,
    items: Vec<NodeId>,
    entries: Vec<Entry<'a>>,
    by_key: ByKey,
}

impl<'a> TreeBuilder<'a> {
    /// An empty builder with room for about `nodes` nodes.
    pub fn with_capacity(nodes: usize) -> Self {
        Self {
            nodes: Vec::with_capacity(nodes),
            items: Vec::new(),
            entries: Vec::with_capacity(nodes),
            by_key: ByKey::new(),
        }
    }

    /// An empty builder with room for so many nodes and entries of mappings.
    pub fn with_room(nodes: usize, entries: usize) -> Self {
        let (nodes, entries) = (Vec::with_capacity(nodes), Vec::with_capacity(entries));
        Self { nodes, items: Vec::new(), entries, by_key: ByKey::new() }
    }

    fn push(&mut self, value: Value<'a>, span: Span) -> NodeId {
        let id = NodeId(u32::try_from(self.nodes.len()).unwrap_or(u32::MAX));
        self.nodes.push(Node { value, span });
        id
    }

    /// Adds a scalar. Use [`Self::sequence`] and [`Self::mapping`] for collections.
    pub fn scalar(&mut self, value: Value<'a>, span: Span) -> NodeId {
        self.push(value, span)
    }

    /// Adds a sequence of nodes that were added before.
    pub fn sequence(&mut self, items: impl IntoIterator<Item = NodeId>, span: Span) -> NodeId {
        let start = u32::try_from(self.items.len()).unwrap_or(u32::MAX);
        self.items.extend(items);
        let end = u32::try_from(self.items.len()).unwrap_or(u32::MAX);
        self.push(Value::Sequence(Children { start, end }), span)
    }

    /// Adds a mapping whose values were added before.
    pub fn mapping(&mut self, entries: impl IntoIterator<Item = Entry<'a>>, span: Span) -> NodeId {
        let start = u32::try_from(self.entries.len()).unwrap_or(u32::MAX);
        self.entries.extend(entries);
        let end = u32::try_from(self.entries.len()).unwrap_or(u32::MAX);
        let node = self.push(Value::Mapping(Children { start, end }), span);
        let added = self.entries.get(start as usize..).unwrap_or_default();
        if added.len() > MANY_ENTRIES {
            self.by_key.insert(node, sorted_by_key(added));
        }
        node
    }

    /// A node added before, for example to resolve merge keys.
    pub fn node(&self, id: NodeId) -> Option<&Node<'a>> {
        self.nodes.get(id.0 as usize)
    }

    /// The entries of a mapping added before; empty for other values.
    pub fn entries(&self, id: NodeId) -> &[Entry<'a>] {
        match self.node(id).map(|node| &node.value) {
            Some(Value::Mapping(children)) => self.entries.get(children.range()).unwrap_or_default(),
            _ => &[],
        }
    }

    /// The items of a sequence added before; empty for other values.
    pub fn items(&self, id: NodeId) -> &[NodeId] {
        match self.node(id).map(|node| &node.value) {
            Some(Value::Sequence(children)) => self.items.get(children.range()).unwrap_or_default(),
            _ => &[],
        }
    }

    /// The finished tree.
    pub fn finish(self, root: NodeId) -> Tree<'a> {
        Tree { nodes: self.nodes, items: self.items, entries: self.entries, by_key: self.by_key, root }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_mappings_are_looked_up_as_small_ones() {
        for size in [3_usize, 500] {
            let mut builder = TreeBuilder::default();
            let entries: Vec<Entry<'static>> = (0..size)
                .flat_map(|number| [(number, false), (number, true)])
                .map(|(number, duplicate)| {
                    let text = format!("{number} {duplicate}");
                    let value = builder.scalar(Value::String(text.into()), Span::default());
                    let key = if duplicate && number % 2 == 0 { "x".to_owned() } else { number.to_string() };
                    Entry {
                        key: key.into(),
                        key_span: Span::default(),
                        value,
                        duplicate: duplicate && number % 2 == 1,
                    }
                })
                .collect();
            let root = builder.mapping(entries, Span::default());
            let tree = builder.finish(root);
            for key in ["0", "1", "2", "x", "", "9999"] {
                let last = tree.entries(root).iter().rev().find(|entry| entry.key == key);
                assert_eq!(
                    tree.entry(root, key).map(|entry| entry.value),
                    last.map(|entry| entry.value),
                    "{key}"
                );
                let repeated =
                    tree.entries(root).iter().rev().find(|entry| entry.key == key && entry.duplicate);
                let found = tree.repeated_entry(root, key);
                assert_eq!(found.map(|entry| entry.value), repeated.map(|entry| entry.value), "{key}");
            }
        }
    }
}
