//! What the search for changes may look at.

use k8s_openapi::api::apps::v1::DaemonSet;

use crate::edit::NewValue;
use crate::generated::Struct;
use crate::help::shape::{Shape, shape_at};
use crate::path::{FieldPath, PathSegment};
use crate::server::Server;
use crate::tree::{NodeId, Tree, Value};

/// The document and its object.
pub(super) struct Look<'l> {
    pub(super) tree: &'l Tree<'l>,
    pub(super) root: NodeId,
    /// The object with defaults.
    pub(super) daemon_set: &'l DaemonSet,
    pub(super) server: &'l Server,
}

/// A value that is copied has at most this many parts.
const COPIED: usize = 64;

impl<'l> Look<'l> {
    /// The node at a path.
    pub(super) fn node(&self, path: &[PathSegment]) -> Option<NodeId> {
        path.iter().try_fold(self.root, |node, segment| match segment {
            PathSegment::Field(name) | PathSegment::Key(name) => self.tree.get(node, name),
            PathSegment::Index(index) => self.tree.items(node).get(*index).copied(),
        })
    }

    /// The value at a path.
    pub(super) fn value(&self, path: &[PathSegment]) -> Option<&'l Value<'l>> {
        self.node(path).map(|node| self.tree.value(node))
    }

    /// The text of the string at a path.
    pub(super) fn text(&self, path: &[PathSegment]) -> Option<&'l str> {
        match self.value(path)? {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// Whether the mapping has no entry with this key, or one without a value.
    pub(super) fn lacks(&self, node: NodeId, key: &str) -> bool {
        self.tree.get(node, key).is_none_or(|value| matches!(self.tree.value(value), Value::Null))
    }

    /// Whether the server has the field.
    pub(super) fn has_field(&self, shape: &'static Struct, name: &str) -> bool {
        shape.field(name).is_some_and(|field| field.minors & self.server.mask() != 0)
    }

    /// The struct at a path.
    pub(super) fn structure(&self, path: &[PathSegment]) -> Option<&'static Struct> {
        match shape_at(path)? {
            Shape::Struct(shape) => Some(shape),
            _ => None,
        }
    }

    /// The value of a node, to be written at another place; `None` if it is large.
    pub(super) fn copy(&self, node: NodeId) -> Option<NewValue> {
        let mut left = COPIED;
        self.copy_within(node, &mut left)
    }

    fn copy_within(&self, node: NodeId, left: &mut usize) -> Option<NewValue> {
        *left = left.checked_sub(1)?;
        Some(match self.tree.value(node) {
            Value::Null => return None,
            Value::Bool(value) => NewValue::Bool(*value),
            Value::Number(text) => NewValue::Number(text.parse().ok()?),
            Value::String(text) => NewValue::Text(text.to_string()),
            Value::Sequence(_) => {
                let items = self.tree.items(node).iter();
                NewValue::List(items.map(|item| self.copy_within(*item, left)).collect::<Option<_>>()?)
            }
            Value::Mapping(_) => {
                let mut entries = Vec::new();
                for entry in self.tree.entries(node) {
                    entries.push((entry.key.to_string(), self.copy_within(entry.value, left)?));
                }
                NewValue::Map(entries)
            }
        })
    }

    /// Whether nothing, `null` or an empty string is at the path.
    pub(super) fn is_empty(&self, path: &FieldPath) -> bool {
        self.value(path.segments()).is_none_or(|value| match value {
            Value::Null => true,
            Value::String(text) => text.is_empty(),
            _ => false,
        })
    }

    /// The scalar of a node as text, as the document has it.
    pub(super) fn scalar(&self, node: NodeId) -> Option<String> {
        match self.tree.value(node) {
            Value::Bool(value) => Some(value.to_string()),
            Value::Number(text) | Value::String(text) => Some(text.to_string()),
            _ => None,
        }
    }
}

/// A path from segments.
pub(super) fn path(segments: &[PathSegment]) -> FieldPath {
    FieldPath::from_segments(segments.to_vec())
}

/// A path as people are told: the whole path, or its last steps if it is long.
pub(super) fn short(segments: &[PathSegment]) -> String {
    let whole = path(segments).to_string();
    if whole.len() <= LONG {
        return whole;
    }
    let start = (1..segments.len()).rev().find(|start| {
        let is_field = matches!(segments.get(*start), Some(PathSegment::Field(_)));
        is_field && segments.len().saturating_sub(*start) >= 2
    });
    path(segments.get(start.unwrap_or_default()..).unwrap_or_default()).to_string()
}

/// A longer path is cut.
const LONG: usize = 48;

/// A path with one more field.
pub(super) fn below(segments: &[PathSegment], name: &str) -> FieldPath {
    path(segments).join(PathSegment::Field(name.to_owned().into()))
}

/// The name that a path ends with.
pub(super) fn last_name(segments: &[PathSegment]) -> Option<&str> {
    match segments.last()? {
        PathSegment::Field(name) | PathSegment::Key(name) => Some(name),
        PathSegment::Index(_) => None,
    }
}
