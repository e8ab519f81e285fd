//! Builds the typed object from a tree. `null` means the zero value of a field, as in Go.

use std::fmt;

use k8s_openapi::api::apps::v1::DaemonSet;
use serde::de::{self, DeserializeSeed, Deserializer, IntoDeserializer, MapAccess, SeqAccess, Visitor};
use serde::forward_to_deserialize_any;

use crate::meter::{Meter, TooLarge};
use crate::tree::{Entry, NodeId, Tree, Value};

/// The nodes that count as `null` because the decoder rejected them, one bit each.
#[derive(Debug, Default)]
pub(super) struct Holes {
    bits: Vec<u64>,
}

impl Holes {
    pub(super) const fn new() -> Self {
        Self { bits: Vec::new() }
    }

    const fn place(node: NodeId) -> (usize, u64) {
        let index = node.index();
        (index / 64, 1 << (index % 64))
    }

    pub(super) fn insert(&mut self, node: NodeId) {
        let (word, bit) = Self::place(node);
        if self.bits.len() <= word {
            self.bits.resize(word.saturating_add(1), 0);
        }
        if let Some(bits) = self.bits.get_mut(word) {
            *bits |= bit;
        }
    }

    pub(super) fn contains(&self, node: NodeId) -> bool {
        let (word, bit) = Self::place(node);
        self.bits.get(word).is_some_and(|bits| bits & bit != 0)
    }
}

/// Why the typed object could not be built.
#[derive(Debug)]
pub(super) enum TypedError {
    /// A value does not fit. The decoder's walk should make this impossible.
    Value(String),
    /// The object takes too much memory.
    TooLarge,
}

impl fmt::Display for TypedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Value(message) => f.write_str(message),
            Self::TooLarge => TooLarge.fmt(f),
        }
    }
}

impl std::error::Error for TypedError {}

impl de::Error for TypedError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::Value(message.to_string())
    }
}

impl From<TooLarge> for TypedError {
    fn from(_: TooLarge) -> Self {
        Self::TooLarge
    }
}

/// What the typed object is built from.
#[derive(Clone, Copy)]
struct Source<'t, 'a> {
    tree: &'t Tree<'a>,
    holes: &'t Holes,
    meter: &'t Meter,
}

/// What an item of a list takes beside itself: what defaults and validation keep of it, in bytes.
const OF_ITEM: usize = 64;

/// What an entry of a map takes beside its texts, in bytes: the nodes of a map that is filled in order are half empty.
const OF_ENTRY: usize = 112;

/// What a text takes beside its letters, in bytes.
const OF_TEXT: usize = 16;

/// The header that the typed object requires.
static HEADER: [(&str, &str); 2] = [("apiVersion", "apps/v1"), ("kind", "DaemonSet")];

/// Builds the typed object from the mapping at `node`.
pub(super) fn daemon_set(
    tree: &Tree<'_>,
    node: NodeId,
    holes: &Holes,
    meter: &Meter,
) -> Result<DaemonSet, TypedError> {
    // These were checked before, and the typed object requires its own header.
    let entries = Entries {
        source: Source { tree, holes, meter },
        list: tree.entries(node).iter(),
        value: None,
        skip: &["apiVersion", "kind", "status"],
        is_map: false,
    };

    de::Deserialize::deserialize(Root { header: HEADER.iter(), header_value: "", entries })
}

/// The root mapping, with the header that the typed object requires.
struct Root<'t, 'a> {
    header: std::slice::Iter<'static, (&'static str, &'static str)>,
    header_value: &'static str,
    entries: Entries<'t, 'a>,
}

impl<'t> Deserializer<'t> for Root<'t, '_> {
    type Error = TypedError;

    fn deserialize_any<V: Visitor<'t>>(self, visitor: V) -> Result<V::Value, TypedError> {
        visitor.visit_map(self)
    }

    forward_to_deserialize_any! { <V: Visitor<'t>>
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

impl<'t> MapAccess<'t> for Root<'t, '_> {
    type Error = TypedError;

    fn next_key_seed<K: DeserializeSeed<'t>>(&mut self, seed: K) -> Result<Option<K::Value>, TypedError> {
        if let Some((key, value)) = self.header.next() {
            self.header_value = value;
            return seed.deserialize((*key).into_deserializer()).map(Some);
        }
        self.header_value = "";
        self.entries.next_key_seed(seed)
    }

    fn next_value_seed<V: DeserializeSeed<'t>>(&mut self, seed: V) -> Result<V::Value, TypedError> {
        if self.header_value.is_empty() {
            self.entries.next_value_seed(seed)
        } else {
            seed.deserialize(self.header_value.into_deserializer())
        }
    }
}

#[derive(Clone, Copy)]
struct Reader<'t, 'a> {
    source: Source<'t, 'a>,
    node: NodeId,
}

/// The value of every time in the typed object.
const SOME_TIME: &str = "1970-01-01T00:00:00Z";

static NULL: Value<'static> = Value::Null;

impl<'t, 'a> Reader<'t, 'a> {
    fn value(&self) -> &'t Value<'a> {
        let Source { tree, holes, .. } = self.source;
        if holes.contains(self.node) { &NULL } else { tree.value(self.node) }
    }

    fn entries(&self, is_map: bool) -> Entries<'t, 'a> {
        let list = self.source.tree.entries(self.node).iter();
        Entries { source: self.source, list, value: None, skip: &[], is_map }
    }

    fn items(&self) -> Items<'t, 'a> {
        Items { source: self.source, list: self.source.tree.items(self.node).iter() }
    }

    fn map<V: Visitor<'t>>(&self, visitor: V, is_map: bool) -> Result<V::Value, TypedError> {
        match self.value() {
            Value::Null | Value::Mapping(_) => visitor.visit_map(self.entries(is_map)),
            _ => Err(self.wrong("a map")),
        }
    }

    fn wrong(&self, wanted: &str) -> TypedError {
        TypedError::Value(format!("cannot read {} as {wanted}", self.value().kind().as_str()))
    }
}

impl<'t> Deserializer<'t> for Reader<'t, '_> {
    type Error = TypedError;

    fn deserialize_any<V: Visitor<'t>>(self, visitor: V) -> Result<V::Value, TypedError> {
        match self.value() {
            // Only IntOrString asks for any type, and its zero value is 0.
            Value::Null => visitor.visit_i32(0),
            Value::Bool(value) => visitor.visit_bool(*value),
            Value::Number(text) => match text.parse::<i64>() {
                Ok(number) => visitor.visit_i64(number),
                Err(_) => visitor.visit_str(text),
            },
            Value::String(text) => visitor.visit_borrowed_str(text),
            Value::Sequence(_) => visitor.visit_seq(self.items()),
            Value::Mapping(_) => visitor.visit_map(self.entries(false)),
        }
    }

    fn deserialize_option<V: Visitor<'t>>(self, visitor: V) -> Result<V::Value, TypedError> {
        match self.value() {
            Value::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_bool<V: Visitor<'t>>(self, visitor: V) -> Result<V::Value, TypedError> {
        match self.value() {
            Value::Null => visitor.visit_bool(false),
            Value::Bool(value) => visitor.visit_bool(*value),
            _ => Err(self.wrong("bool")),
        }
    }

    fn deserialize_i64<V: Visitor<'t>>(self, visitor: V) -> Result<V::Value, TypedError> {
        match self.value() {
            Value::Null => visitor.visit_i64(0),
            Value::Number(text) => visitor.visit_i64(text.parse().map_err(|_| self.wrong("an integer"))?),
            _ => Err(self.wrong("an integer")),
        }
    }

    fn deserialize_i32<V: Visitor<'t>>(self, visitor: V) -> Result<V::Value, TypedError> {
        self.deserialize_i64(visitor)
    }

    fn deserialize_str<V: Visitor<'t>>(self, visitor: V) -> Result<V::Value, TypedError> {
        match self.value() {
            Value::Null => visitor.visit_borrowed_str(""),
            // A quantity may be a number.
            Value::String(text) | Value::Number(text) => {
                self.source.meter.take(text.len().saturating_add(OF_TEXT))?;
                visitor.visit_borrowed_str(text)
            }
            _ => Err(self.wrong("a string")),
        }
    }

    fn deserialize_string<V: Visitor<'t>>(self, visitor: V) -> Result<V::Value, TypedError> {
        self.deserialize_str(visitor)
    }

    fn deserialize_seq<V: Visitor<'t>>(self, visitor: V) -> Result<V::Value, TypedError> {
        match self.value() {
            Value::Null | Value::Sequence(_) => visitor.visit_seq(self.items()),
            _ => Err(self.wrong("a list")),
        }
    }

    fn deserialize_map<V: Visitor<'t>>(self, visitor: V) -> Result<V::Value, TypedError> {
        self.map(visitor, true)
    }

    fn deserialize_struct<V: Visitor<'t>>(
        self,
        _name: &'static str,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, TypedError> {
        self.map(visitor, false)
    }

    fn deserialize_newtype_struct<V: Visitor<'t>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, TypedError> {
        if name == "Time" {
            // Go accepts times that `jiff` does not, and checks only ask whether a time is set.
            return visitor.visit_newtype_struct(SOME_TIME.into_deserializer());
        }
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_ignored_any<V: Visitor<'t>>(self, visitor: V) -> Result<V::Value, TypedError> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! { <V: Visitor<'t>>
        i8 i16 i128 u8 u16 u32 u64 u128 f32 f64 char bytes byte_buf unit unit_struct tuple tuple_struct enum identifier
    }
}

struct Items<'t, 'a> {
    source: Source<'t, 'a>,
    list: std::slice::Iter<'t, NodeId>,
}

impl<'t> SeqAccess<'t> for Items<'t, '_> {
    type Error = TypedError;

    fn next_element_seed<T: DeserializeSeed<'t>>(&mut self, seed: T) -> Result<Option<T::Value>, TypedError> {
        let Some(node) = self.list.next() else { return Ok(None) };
        // A list that grows has up to twice the room that it needs.
        let item = size_of::<T::Value>().saturating_mul(2).saturating_add(OF_ITEM);
        self.source.meter.take(item)?;
        seed.deserialize(Reader { source: self.source, node: *node }).map(Some)
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.list.len())
    }
}

struct Entries<'t, 'a> {
    source: Source<'t, 'a>,
    list: std::slice::Iter<'t, Entry<'a>>,
    value: Option<NodeId>,
    skip: &'static [&'static str],
    /// Whether these are entries of a map, and not fields of a struct, whose room is that of the struct.
    is_map: bool,
}

impl<'t> MapAccess<'t> for Entries<'t, '_> {
    type Error = TypedError;

    fn next_key_seed<K: DeserializeSeed<'t>>(&mut self, seed: K) -> Result<Option<K::Value>, TypedError> {
        for entry in self.list.by_ref() {
            if self.skip.contains(&entry.key.as_ref()) {
                continue;
            }
            self.value = Some(entry.value);
            if self.is_map {
                self.source.meter.take(entry.key.len().saturating_add(OF_ENTRY))?;
            }
            return seed.deserialize(de::value::BorrowedStrDeserializer::new(&entry.key)).map(Some);
        }
        Ok(None)
    }

    fn next_value_seed<V: DeserializeSeed<'t>>(&mut self, seed: V) -> Result<V::Value, TypedError> {
        match self.value.take() {
            Some(node) => seed.deserialize(Reader { source: self.source, node }),
            None => Err(TypedError::Value("a value was read before its key".to_owned())),
        }
    }
}
