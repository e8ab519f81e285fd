//! A typed object as a tree of values with JSON names, so that one function can compare all types.

use std::borrow::Cow;
use std::fmt;

use serde::ser::{self, Impossible, Serialize, SerializeMap, SerializeSeq, SerializeStruct, Serializer};

/// A value of the tree. Absent and null values are left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    Bool(bool),
    Int(i64),
    Text(String),
    List(Vec<Self>),
    /// In the order of the type or map.
    Map(Vec<(Cow<'static, str>, Self)>),
}

impl Value {
    /// The value of an entry.
    pub(super) fn get(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Map(entries) => entries.iter().find(|(key, _)| key == name).map(|(_, value)| value),
            _ => None,
        }
    }

    /// Whether the value is Go's zero value.
    pub(super) fn is_zero(&self) -> bool {
        match self {
            Self::Bool(value) => !value,
            Self::Int(value) => *value == 0,
            Self::Text(value) => value.is_empty(),
            Self::List(_) | Self::Map(_) => false,
        }
    }
}

/// Converts an object to a tree; `None` if it contains something that the tree does not support, such as a fraction.
pub(super) fn of<T: Serialize>(object: &T) -> Option<Value> {
    object.serialize(ToValue).ok().flatten()
}

/// A value that the tree does not support.
#[derive(Debug)]
pub(super) struct Unsupported;

impl fmt::Display for Unsupported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value of an unsupported kind")
    }
}

impl std::error::Error for Unsupported {}

impl ser::Error for Unsupported {
    fn custom<T: fmt::Display>(_message: T) -> Self {
        Self
    }
}

type Made = Result<Option<Value>, Unsupported>;

struct ToValue;

/// A list under construction.
struct List(Vec<Value>);

/// A map or struct under construction.
#[derive(Default)]
struct Map {
    entries: Vec<(Cow<'static, str>, Value)>,
    key: Option<String>,
}

/// The methods for integers. The API has integers of two sizes only.
macro_rules! integers {
    ($($name:ident: $integer:ty),*) => {
        $(fn $name(self, value: $integer) -> Made {
            i64::try_from(value).map(|value| Some(Value::Int(value))).map_err(|_| Unsupported)
        })*
    };
}

impl Serializer for ToValue {
    type Ok = Option<Value>;
    type Error = Unsupported;
    type SerializeSeq = List;
    type SerializeTuple = Impossible<Option<Value>, Unsupported>;
    type SerializeTupleStruct = Impossible<Option<Value>, Unsupported>;
    type SerializeTupleVariant = Impossible<Option<Value>, Unsupported>;
    type SerializeMap = Map;
    type SerializeStruct = Map;
    type SerializeStructVariant = Impossible<Option<Value>, Unsupported>;

    integers!(serialize_i8: i8, serialize_i16: i16, serialize_i32: i32, serialize_i64: i64);
    integers!(serialize_u8: u8, serialize_u16: u16, serialize_u32: u32, serialize_u64: u64);

    fn serialize_bool(self, value: bool) -> Made {
        Ok(Some(Value::Bool(value)))
    }

    fn serialize_f32(self, _value: f32) -> Made {
        Err(Unsupported)
    }

    fn serialize_f64(self, _value: f64) -> Made {
        Err(Unsupported)
    }

    fn serialize_char(self, value: char) -> Made {
        Ok(Some(Value::Text(value.to_string())))
    }

    fn serialize_str(self, value: &str) -> Made {
        Ok(Some(Value::Text(value.to_owned())))
    }

    fn serialize_bytes(self, _value: &[u8]) -> Made {
        Err(Unsupported)
    }

    fn serialize_none(self) -> Made {
        Ok(None)
    }

    fn serialize_some<T: ?Sized + Serialize>(self, value: &T) -> Made {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Made {
        Ok(None)
    }

    fn serialize_unit_struct(self, _name: &'static str) -> Made {
        Ok(None)
    }

    fn serialize_unit_variant(self, _name: &'static str, _index: u32, variant: &'static str) -> Made {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: ?Sized + Serialize>(self, _name: &'static str, value: &T) -> Made {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: ?Sized + Serialize>(
        self,
        _name: &'static str,
        _index: u32,
        _variant: &'static str,
        _value: &T,
    ) -> Made {
        Err(Unsupported)
    }

    fn serialize_seq(self, len: Option<usize>) -> Result<List, Unsupported> {
        Ok(List(Vec::with_capacity(len.unwrap_or_default())))
    }

    fn serialize_tuple(self, _len: usize) -> Result<Self::SerializeTuple, Unsupported> {
        Err(Unsupported)
    }

    fn serialize_tuple_struct(
        self,
        _name: &'static str,
        _len: usize,
    ) -> Result<Self::SerializeTupleStruct, Unsupported> {
        Err(Unsupported)
    }

    fn serialize_tuple_variant(
        self,
        _name: &'static str,
        _index: u32,
        _variant: &'static str,
        _len: usize,
    ) -> Result<Self::SerializeTupleVariant, Unsupported> {
        Err(Unsupported)
    }

    fn serialize_map(self, _len: Option<usize>) -> Result<Map, Unsupported> {
        Ok(Map::default())
    }

    fn serialize_struct(self, _name: &'static str, len: usize) -> Result<Map, Unsupported> {
        // Many structs have one field. A list that grows has room for more.
        Ok(Map { entries: Vec::with_capacity(len), key: None })
    }

    fn serialize_struct_variant(
        self,
        _name: &'static str,
        _index: u32,
        _variant: &'static str,
        _len: usize,
    ) -> Result<Self::SerializeStructVariant, Unsupported> {
        Err(Unsupported)
    }
}

impl SerializeSeq for List {
    type Ok = Option<Value>;
    type Error = Unsupported;

    fn serialize_element<T: ?Sized + Serialize>(&mut self, value: &T) -> Result<(), Unsupported> {
        self.0.extend(value.serialize(ToValue)?);
        Ok(())
    }

    fn end(self) -> Made {
        Ok(Some(Value::List(self.0)))
    }
}

impl SerializeMap for Map {
    type Ok = Option<Value>;
    type Error = Unsupported;

    fn serialize_key<T: ?Sized + Serialize>(&mut self, key: &T) -> Result<(), Unsupported> {
        match key.serialize(ToValue)? {
            Some(Value::Text(key)) => self.key = Some(key),
            _ => return Err(Unsupported),
        }
        Ok(())
    }

    fn serialize_value<T: ?Sized + Serialize>(&mut self, value: &T) -> Result<(), Unsupported> {
        let key = self.key.take().ok_or(Unsupported)?;
        if let Some(value) = value.serialize(ToValue)? {
            self.entries.push((key.into(), value));
        }
        Ok(())
    }

    fn end(self) -> Made {
        Ok(Some(Value::Map(self.entries)))
    }
}

impl SerializeStruct for Map {
    type Ok = Option<Value>;
    type Error = Unsupported;

    fn serialize_field<T: ?Sized + Serialize>(
        &mut self,
        name: &'static str,
        value: &T,
    ) -> Result<(), Unsupported> {
        if let Some(value) = value.serialize(ToValue)? {
            self.entries.push((name.into(), value));
        }
        Ok(())
    }

    fn end(self) -> Made {
        SerializeMap::end(self)
    }
}
