//! Applies edits to a tree. The result shares its texts with the tree and keeps the places of what is not new.

use std::borrow::Cow;
use std::collections::HashMap;

use super::open::{Entries, Open};
use super::{Edit, NewValue};
use crate::path::{FieldPath, PathSegment};
use crate::tree::{Entry, NodeId, Span, Tree, Value};

/// The document with the edits applied to the object at `root`; `None` if one of them cannot be applied, because its place does not
/// exist or is taken.
pub fn apply<'a>(tree: &Tree<'a>, root: NodeId, edits: &[Edit]) -> Option<Tree<'a>> {
    apply_all(tree, [(root, edits)])
}

/// The document with the edits of several changes applied, each to its object, one after the other. The work grows with the document and
/// the edits, not with their product.
pub fn apply_all<'a, 'e>(
    tree: &Tree<'a>,
    changes: impl IntoIterator<Item = (NodeId, &'e [Edit])>,
) -> Option<Tree<'a>> {
    let mut patch = Patch { tree: tree.clone(), root: tree.root(), open: HashMap::new() };
    for (root, edits) in changes {
        patch.root = root;
        for edit in edits {
            patch.edit(edit)?;
        }
    }
    Some(patch.finish())
}

struct Patch<'a> {
    tree: Tree<'a>,
    root: NodeId,
    /// The collections that are being changed. The tree has them as they were.
    open: HashMap<NodeId, Open<'a>>,
}

impl<'a> Patch<'a> {
    fn finish(self) -> Tree<'a> {
        let Self { mut tree, open, .. } = self;
        for (node, collection) in open {
            match collection {
                Open::Map(entries) => tree.set_entries(node, entries.finish()),
                Open::List(items) => tree.set_items(node, items),
            }
        }
        tree
    }

    fn entries(&mut self, node: NodeId) -> Option<&mut Entries<'a>> {
        let tree = &self.tree;
        matches!(tree.value(node), Value::Mapping(_)).then_some(())?;
        let open = self.open.entry(node).or_insert_with(|| Open::Map(Entries::new(tree.entries(node))));
        match open {
            Open::Map(entries) => Some(entries),
            Open::List(_) => None,
        }
    }

    fn items(&mut self, node: NodeId) -> Option<&mut Vec<NodeId>> {
        let tree = &self.tree;
        matches!(tree.value(node), Value::Sequence(_)).then_some(())?;
        let open = self.open.entry(node).or_insert_with(|| Open::List(tree.items(node).to_vec()));
        match open {
            Open::List(items) => Some(items),
            Open::Map(_) => None,
        }
    }

    fn edit(&mut self, edit: &Edit) -> Option<()> {
        match edit {
            Edit::Remove { path } => self.take(path).map(drop),
            Edit::Replace { path, value } => {
                let node = self.new_value(value);
                self.set(path, node)
            }
            Edit::Rename { path, key } => {
                let (parent, last) = self.parent(path)?;
                let name = name(last)?;
                let entries = self.entries(parent)?;
                if entries.place(key).is_some() {
                    return None;
                }
                let place = entries.place(name)?;
                entries.rename(place, key)
            }
            Edit::Insert { path, key, value } => {
                let parent = self.create(path)?;
                let value = self.new_value(value);
                self.insert(parent, key, value, None)
            }
            Edit::Append { path, value } => {
                let list = self.node(path)?;
                let value = self.new_value(value);
                self.push(list, value)
            }
            Edit::Move { path, to } => {
                let moved = self.take(path)?;
                let (last, above) = to.segments().split_last()?;
                let parent = self.create(&FieldPath::from_segments(above.to_vec()))?;
                match last {
                    PathSegment::Index(_) => self.push(parent, moved.value),
                    PathSegment::Field(key) | PathSegment::Key(key) => {
                        self.insert(parent, key, moved.value, Some(moved.key_span))
                    }
                }
            }
            Edit::Nest { path, key } => {
                let node = self.node(path)?;
                let entry = new_entry(key, node, None);
                let node = self.tree.add_mapping(vec![entry], self.tree.node(node).span);
                self.set(path, node)
            }
            Edit::Enlist { path } => {
                let node = self.node(path)?;
                let node = self.tree.add_sequence(vec![node], self.tree.node(node).span);
                self.set(path, node)
            }
            Edit::Unlist { path } => {
                let list = self.node(path)?;
                let [only] = self.items(list)?.as_slice() else { return None };
                let only = *only;
                self.set(path, only)
            }
            // Two documents are no tree.
            Edit::Separate { .. } => None,
        }
    }

    fn step(&self, node: NodeId, segment: &PathSegment) -> Option<NodeId> {
        match (segment, self.open.get(&node)) {
            (PathSegment::Field(name) | PathSegment::Key(name), Some(Open::Map(entries))) => {
                entries.value(name)
            }
            (PathSegment::Index(index), Some(Open::List(items))) => items.get(*index).copied(),
            (_, Some(_)) => None,
            (PathSegment::Field(name) | PathSegment::Key(name), None) => self.tree.get(node, name),
            (PathSegment::Index(index), None) => self.tree.items(node).get(*index).copied(),
        }
    }

    fn node(&self, path: &FieldPath) -> Option<NodeId> {
        path.segments().iter().try_fold(self.root, |node, segment| self.step(node, segment))
    }

    fn parent<'p>(&self, path: &'p FieldPath) -> Option<(NodeId, &'p PathSegment)> {
        let (last, above) = path.segments().split_last()?;
        let parent = above.iter().try_fold(self.root, |node, segment| self.step(node, segment))?;
        Some((parent, last))
    }

    /// Replaces the value at the path.
    fn set(&mut self, path: &FieldPath, value: NodeId) -> Option<()> {
        let (parent, last) = self.parent(path)?;
        match last {
            PathSegment::Index(index) => {
                *self.items(parent)?.get_mut(*index)? = value;
                Some(())
            }
            PathSegment::Field(key) | PathSegment::Key(key) => {
                let entries = self.entries(parent)?;
                let place = entries.place(key)?;
                entries.set(place, value)
            }
        }
    }

    /// Takes out an entry or item. An item gets an empty key.
    fn take(&mut self, path: &FieldPath) -> Option<Entry<'a>> {
        let (parent, last) = self.parent(path)?;
        match last {
            PathSegment::Index(index) => {
                let items = self.items(parent)?;
                (*index < items.len()).then_some(())?;
                Some(new_entry("", items.remove(*index), None))
            }
            PathSegment::Field(key) | PathSegment::Key(key) => {
                let entries = self.entries(parent)?;
                let place = entries.place(key)?;
                entries.take(place)
            }
        }
    }

    /// The node at the path. What is missing or `null` on the way there becomes a mapping or a list.
    fn create(&mut self, path: &FieldPath) -> Option<NodeId> {
        let mut node = self.root;
        for segment in path.segments() {
            self.make(node, segment);
            node = match self.step(node, segment) {
                Some(below) => below,
                None => {
                    let below = self.tree.add_scalar(Value::Null);
                    match segment {
                        PathSegment::Index(_) => self.push(node, below)?,
                        PathSegment::Field(key) | PathSegment::Key(key) => {
                            self.insert(node, key, below, None)?
                        }
                    }
                    below
                }
            };
        }
        Some(node)
    }

    /// Makes an empty collection of a `null`, so that the segment can be below it.
    fn make(&mut self, node: NodeId, segment: &PathSegment) {
        if !matches!(self.tree.value(node), Value::Null) {
            return;
        }
        match segment {
            PathSegment::Index(_) => self.tree.set_items(node, Vec::new()),
            PathSegment::Field(_) | PathSegment::Key(_) => self.tree.set_entries(node, Vec::new()),
        }
    }

    fn insert(&mut self, parent: NodeId, key: &str, value: NodeId, span: Option<Span>) -> Option<()> {
        self.make(parent, &PathSegment::Field(Cow::Borrowed("")));
        let known = match self.entries(parent)?.value(key) {
            Some(known) => known,
            None => {
                self.entries(parent)?.push(new_entry(key, value, span));
                return Some(());
            }
        };
        // A key without a value is a place to fill.
        matches!(self.tree.value(known), Value::Null).then_some(())?;
        let entries = self.entries(parent)?;
        let place = entries.place(key)?;
        entries.set(place, value)
    }

    fn push(&mut self, parent: NodeId, value: NodeId) -> Option<()> {
        self.make(parent, &PathSegment::Index(0));
        self.items(parent)?.push(value);
        Some(())
    }

    fn new_value(&mut self, value: &NewValue) -> NodeId {
        match value {
            NewValue::Text(text) => self.tree.add_scalar(Value::String(Cow::Owned(text.clone()))),
            NewValue::Number(number) => self.tree.add_scalar(Value::Number(Cow::Owned(number.to_string()))),
            NewValue::Bool(value) => self.tree.add_scalar(Value::Bool(*value)),
            NewValue::List(items) => {
                let items = items.iter().map(|item| self.new_value(item)).collect();
                self.tree.add_sequence(items, Span::default())
            }
            NewValue::Map(entries) => {
                let mut built = Vec::with_capacity(entries.len());
                for (key, value) in entries {
                    let value = self.new_value(value);
                    built.push(new_entry(key, value, None));
                }
                self.tree.add_mapping(built, Span::default())
            }
        }
    }
}

fn name(segment: &PathSegment) -> Option<&str> {
    match segment {
        PathSegment::Field(name) | PathSegment::Key(name) => Some(name),
        PathSegment::Index(_) => None,
    }
}

fn new_entry<'a>(key: &str, value: NodeId, span: Option<Span>) -> Entry<'a> {
    Entry { key: Cow::Owned(key.to_owned()), key_span: span.unwrap_or_default(), value, duplicate: false }
}
