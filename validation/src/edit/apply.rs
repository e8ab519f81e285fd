//! Applies edits to a tree. The result shares its texts with the tree and keeps the places of what is not new.

use std::borrow::Cow;

use super::{Edit, NewValue};
use crate::path::{FieldPath, PathSegment};
use crate::tree::{Entry, NodeId, Span, Tree, Value};

/// The document with the edits applied to the object at `root`; `None` if one of them cannot be applied, because its place does not
/// exist or is taken.
pub fn apply<'a>(tree: &Tree<'a>, root: NodeId, edits: &[Edit]) -> Option<Tree<'a>> {
    let mut patch = Patch { tree: tree.clone(), root };
    for edit in edits {
        patch.edit(edit)?;
    }
    Some(patch.tree)
}

struct Patch<'a> {
    tree: Tree<'a>,
    root: NodeId,
}

impl<'a> Patch<'a> {
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
                let mut entries = self.tree.entries(parent).to_vec();
                if entries.iter().any(|entry| entry.key == *key) {
                    return None;
                }
                entries.iter_mut().rev().find(|entry| entry.key == name)?.key = Cow::Owned(key.clone());
                self.tree.set_entries(parent, entries);
                Some(())
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
                let [only] = self.tree.items(list) else { return None };
                self.set(path, *only)
            }
            // Two documents are no tree.
            Edit::Separate { .. } => None,
        }
    }

    fn step(&self, node: NodeId, segment: &PathSegment) -> Option<NodeId> {
        match segment {
            PathSegment::Field(name) | PathSegment::Key(name) => self.tree.get(node, name),
            PathSegment::Index(index) => self.tree.items(node).get(*index).copied(),
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
                let mut items = self.tree.items(parent).to_vec();
                *items.get_mut(*index)? = value;
                self.tree.set_items(parent, items);
            }
            PathSegment::Field(key) | PathSegment::Key(key) => {
                let mut entries = self.tree.entries(parent).to_vec();
                entries.iter_mut().rev().find(|entry| entry.key == *key)?.value = value;
                self.tree.set_entries(parent, entries);
            }
        }
        Some(())
    }

    /// Takes out an entry or item. An item gets an empty key.
    fn take(&mut self, path: &FieldPath) -> Option<Entry<'a>> {
        let (parent, last) = self.parent(path)?;
        match last {
            PathSegment::Index(index) => {
                let mut items = self.tree.items(parent).to_vec();
                (*index < items.len()).then_some(())?;
                let value = items.remove(*index);
                self.tree.set_items(parent, items);
                Some(new_entry("", value, None))
            }
            PathSegment::Field(key) | PathSegment::Key(key) => {
                let mut entries = self.tree.entries(parent).to_vec();
                let position = entries.iter().rposition(|entry| entry.key == *key)?;
                let taken = entries.remove(position);
                self.tree.set_entries(parent, entries);
                Some(taken)
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
        matches!(self.tree.value(parent), Value::Mapping(_)).then_some(())?;
        let mut entries = self.tree.entries(parent).to_vec();
        match entries.iter_mut().find(|entry| entry.key == key) {
            // A key without a value is a place to fill.
            Some(entry) if matches!(self.tree.value(entry.value), Value::Null) => entry.value = value,
            Some(_) => return None,
            None => entries.push(new_entry(key, value, span)),
        }
        self.tree.set_entries(parent, entries);
        Some(())
    }

    fn push(&mut self, parent: NodeId, value: NodeId) -> Option<()> {
        self.make(parent, &PathSegment::Index(0));
        matches!(self.tree.value(parent), Value::Sequence(_)).then_some(())?;
        let mut items = self.tree.items(parent).to_vec();
        items.push(value);
        self.tree.set_items(parent, items);
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
