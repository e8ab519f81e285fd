//! A JSON document as it is written: keys keep their order and may be repeated, numbers keep their text.
//!
//! `serde_json::Value` serves no test that changes documents: it keeps one of two equal keys. Its features `preserve_order` and
//! `arbitrary_precision` would be on for the product as well, and still keep one key.

use std::borrow::Cow;

use daemonset_validation::{Entry, NodeId, Span, Tree, TreeBuilder, Value};

/// A JSON value.
#[derive(Clone, Debug, PartialEq)]
pub enum Json {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number, as it is written.
    Number(String),
    /// A string.
    String(String),
    /// A list.
    List(Vec<Json>),
    /// An object, in order, with all its keys.
    Map(Vec<(String, Json)>),
}

impl Json {
    /// A string.
    pub fn text(text: &str) -> Self {
        Self::String(text.to_owned())
    }

    /// A whole number.
    pub fn int(number: i64) -> Self {
        Self::Number(number.to_string())
    }

    /// The value of the last entry with this key.
    pub fn get(&self, key: &str) -> Option<&Self> {
        match self {
            Self::Map(entries) => entries.iter().rev().find(|(name, _)| name == key).map(|(_, value)| value),
            _ => None,
        }
    }

    /// The value of the last entry with this key, to be changed.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Self> {
        match self {
            Self::Map(entries) => {
                entries.iter_mut().rev().find(|(name, _)| name == key).map(|(_, value)| value)
            }
            _ => None,
        }
    }

    /// The value behind several keys.
    pub fn at(&self, keys: &[&str]) -> Option<&Self> {
        keys.iter().try_fold(self, |value, key| value.get(key))
    }

    /// The value behind several keys, to be changed.
    pub fn at_mut(&mut self, keys: &[&str]) -> Option<&mut Self> {
        keys.iter().try_fold(self, |value, key| value.get_mut(key))
    }

    /// Sets the entry with this key; something that is no object becomes one.
    pub fn set(&mut self, key: &str, value: Self) {
        if let Some(place) = self.get_mut(key) {
            *place = value;
            return;
        }
        match self {
            Self::Map(entries) => entries.push((key.to_owned(), value)),
            other => *other = Self::Map(vec![(key.to_owned(), value)]),
        }
    }

    /// Takes out every entry with this key.
    pub fn remove(&mut self, key: &str) {
        if let Self::Map(entries) = self {
            entries.retain(|(name, _)| name != key);
        }
    }

    /// The items of a list, none for everything else.
    pub fn items(&self) -> &[Self] {
        match self {
            Self::List(items) => items,
            _ => &[],
        }
    }

    /// The items of a list, to be changed.
    pub fn items_mut(&mut self) -> &mut [Self] {
        match self {
            Self::List(items) => items,
            _ => &mut [],
        }
    }

    /// The entries of an object, none for everything else.
    pub fn entries(&self) -> &[(String, Self)] {
        match self {
            Self::Map(entries) => entries,
            _ => &[],
        }
    }

    /// The text of a string.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// How many values lie directly below.
    pub fn len(&self) -> usize {
        match self {
            Self::List(items) => items.len(),
            Self::Map(entries) => entries.len(),
            _ => 0,
        }
    }

    /// Whether nothing lies below.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The value below at this position.
    pub fn child(&self, position: usize) -> Option<&Self> {
        match self {
            Self::List(items) => items.get(position),
            Self::Map(entries) => entries.get(position).map(|(_, value)| value),
            _ => None,
        }
    }

    /// The value below at this position, to be changed.
    pub fn child_mut(&mut self, position: usize) -> Option<&mut Self> {
        match self {
            Self::List(items) => items.get_mut(position),
            Self::Map(entries) => entries.get_mut(position).map(|(_, value)| value),
            _ => None,
        }
    }

    /// The value at the end of a path of positions.
    pub fn follow(&self, path: &[usize]) -> Option<&Self> {
        path.iter().try_fold(self, |value, position| value.child(*position))
    }

    /// The value at the end of a path of positions, to be changed.
    pub fn follow_mut(&mut self, path: &[usize]) -> Option<&mut Self> {
        path.iter().try_fold(self, |value, position| value.child_mut(*position))
    }

    /// Takes out the value at the end of a path of positions. The whole document stays.
    pub fn take_out(&mut self, path: &[usize]) {
        let Some((last, above)) = path.split_last() else { return };
        match self.follow_mut(above) {
            Some(Self::List(items)) if *last < items.len() => drop(items.remove(*last)),
            Some(Self::Map(entries)) if *last < entries.len() => drop(entries.remove(*last)),
            _ => {}
        }
    }

    /// The document as text, without any space.
    pub fn write(&self, out: &mut String) {
        match self {
            Self::Null => out.push_str("null"),
            Self::Bool(true) => out.push_str("true"),
            Self::Bool(false) => out.push_str("false"),
            Self::Number(text) => out.push_str(text),
            Self::String(text) => write_text(text, out),
            Self::List(items) => {
                out.push('[');
                for (position, item) in items.iter().enumerate() {
                    if position > 0 {
                        out.push(',');
                    }
                    item.write(out);
                }
                out.push(']');
            }
            Self::Map(entries) => {
                out.push('{');
                for (position, (key, value)) in entries.iter().enumerate() {
                    if position > 0 {
                        out.push(',');
                    }
                    write_text(key, out);
                    out.push(':');
                    value.write(out);
                }
                out.push('}');
            }
        }
    }

    /// The tree that the product checks, without places.
    pub fn tree(&self) -> Tree<'_> {
        let mut builder = TreeBuilder::with_capacity(256);
        let root = self.build(&mut builder);
        builder.finish(root)
    }

    fn build<'a>(&'a self, builder: &mut TreeBuilder<'a>) -> NodeId {
        let nowhere = Span::default();
        match self {
            Self::Null => builder.scalar(Value::Null, nowhere),
            Self::Bool(value) => builder.scalar(Value::Bool(*value), nowhere),
            Self::Number(text) => builder.scalar(Value::Number(Cow::Borrowed(text)), nowhere),
            Self::String(text) => builder.scalar(Value::String(Cow::Borrowed(text)), nowhere),
            Self::List(items) => {
                let nodes: Vec<NodeId> = items.iter().map(|item| item.build(builder)).collect();
                builder.sequence(nodes, nowhere)
            }
            Self::Map(entries) => {
                let mut built: Vec<Entry<'a>> = Vec::with_capacity(entries.len());
                for (key, value) in entries {
                    let value = value.build(builder);
                    let duplicate = built.iter().any(|entry| entry.key == *key);
                    built.push(Entry { key: Cow::Borrowed(key), key_span: nowhere, value, duplicate });
                }
                builder.mapping(built, nowhere)
            }
        }
    }
}

impl std::fmt::Display for Json {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut text = String::new();
        self.write(&mut text);
        f.write_str(&text)
    }
}

/// Writes a string as JSON does.
pub fn write_text(text: &str, out: &mut String) {
    // A string can always be written.
    out.push_str(&serde_json::to_string(text).unwrap_or_default());
}
