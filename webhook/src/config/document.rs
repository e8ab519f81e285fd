//! Reads JSON and collects duplicate keys. serde_json would silently take the last value.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// A JSON value, and the JSON pointers of duplicate keys.
pub(super) struct Document {
    /// The value. Of a duplicate key it holds the last value.
    pub(super) value: Value,
    /// The JSON pointers of duplicate keys.
    pub(super) duplicates: Vec<String>,
}

/// Reads one JSON value.
///
/// # Errors
///
/// The error of the parser, if the text is not one JSON value.
pub(super) fn read(bytes: &[u8]) -> Result<Document, serde_json::Error> {
    let mut duplicates = Vec::new();
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = Seed { pointer: String::new(), duplicates: &mut duplicates }.deserialize(&mut reader)?;
    reader.end()?;
    Ok(Document { value, duplicates })
}

/// The JSON pointer of a key in the object at `pointer`.
pub(super) fn below(pointer: &str, key: &str) -> String {
    format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1"))
}

struct Seed<'d> {
    pointer: String,
    duplicates: &'d mut Vec<String>,
}

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        loop {
            let pointer = format!("{}/{}", self.pointer, items.len());
            match access.next_element_seed(Seed { pointer, duplicates: &mut *self.duplicates })? {
                Some(item) => items.push(item),
                None => return Ok(Value::Array(items)),
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut entries = Map::new();
        while let Some(key) = access.next_key::<String>()? {
            let pointer = below(&self.pointer, &key);
            let value = access
                .next_value_seed(Seed { pointer: pointer.clone(), duplicates: &mut *self.duplicates })?;
            if entries.insert(key, value).is_some() {
                self.duplicates.push(pointer);
            }
        }
        Ok(Value::Object(entries))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_what_serde_json_reads() {
        for text in
            ["{}", "[1, -2, 3.5, \"x\", null, true, {\"a\": [[]]}]", "18446744073709551615", "\"é\\n\""]
        {
            assert_eq!(read(text.as_bytes()).unwrap().value, serde_json::from_str::<Value>(text).unwrap());
        }
        for text in ["", "{", "{} {}", "{\"a\" 1}", "\u{feff}{}", "nul"] {
            assert!(read(text.as_bytes()).is_err(), "{text}");
        }
        assert!(read("[".repeat(100_000).as_bytes()).is_err());
    }

    #[test]
    fn duplicate_keys_are_collected() {
        let document = read(br#"{"a": 1, "b": [{"c/~": 1, "c/~": 2}], "a": 2, "a": 3}"#).unwrap();
        assert_eq!(document.duplicates, ["/b/0/c~1~0", "/a", "/a"]);
        assert_eq!(document.value["a"], 3);
    }
}
