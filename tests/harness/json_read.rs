//! Reads JSON text into [`Json`] with serde_json, which hands over each entry of an object and the text of each number.

use std::fmt;

use serde::Deserializer;
use serde::de::{MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::json::Json;

/// Reads one document; the text may have space around it.
///
/// # Errors
///
/// With the place where the text stops being JSON.
pub fn read_json(text: &str) -> serde_json::Result<Json> {
    read(serde_json::from_str(text)?)
}

fn read(value: &RawValue) -> serde_json::Result<Json> {
    let text = value.get();
    Ok(match text.as_bytes().first() {
        Some(b'{') => {
            let entries = serde_json::Deserializer::from_str(text).deserialize_map(Entries)?;
            let entries = entries.into_iter().map(|(key, value)| Ok((key, read(value)?)));
            Json::Map(entries.collect::<serde_json::Result<_>>()?)
        }
        Some(b'[') => {
            let items: Vec<&RawValue> = serde_json::from_str(text)?;
            Json::List(items.into_iter().map(read).collect::<serde_json::Result<_>>()?)
        }
        Some(b'"') => Json::String(serde_json::from_str(text)?),
        Some(b'n') => Json::Null,
        Some(b't' | b'f') => Json::Bool(serde_json::from_str(text)?),
        _ => Json::Number(text.to_owned()),
    })
}

/// The entries of an object in their order, each of two equal keys included.
struct Entries;

impl<'de> Visitor<'de> for Entries {
    type Value = Vec<(String, &'de RawValue)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(entries)
    }
}

#[cfg(test)]
mod tests {
    use super::read_json;

    #[test]
    fn what_is_read_is_written_again() {
        for text in [
            r#"{"b":1,"a":[{},[],null,true,false],"b":{"x":"é\n\"\\","x":""}}"#,
            r#"[1e400,-0,0.10,123456789012345678901234567890,1E+2]"#,
            r#""text""#,
        ] {
            assert_eq!(read_json(text).unwrap().to_string(), text);
            assert_eq!(read_json(&format!(" {text}\n")).unwrap().to_string(), text);
        }
        for text in ["", "{", "[1,]", r#"{"a" 1}"#, "01", "nul", "1 2", r#"{a:1}"#, r#""\x""#, "[tru]"] {
            assert!(read_json(text).is_err(), "{text}");
        }
    }
}
