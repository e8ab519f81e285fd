//! Parses JSON into the tree that the strict decoder reads. Findings about a review have no line numbers, so the spans stay empty.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;

use daemonset_validation::{Entry, NodeId, Span, Tree, TreeBuilder, Value};
use serde::Deserializer;
use serde::de::{DeserializeSeed, Error, MapAccess, SeqAccess, Visitor};

use super::weight::Weight;

const NOWHERE: Span = Span::new(0, 0);

/// Reads one JSON value. Where the weight of the text is known, no list grows and is copied.
///
/// # Errors
///
/// The error of the parser, if the text is not JSON or nests deeper than 128 levels. No DaemonSet does.
pub(super) fn parse(text: &str, weight: Option<Weight>) -> Result<Tree<'_>, serde_json::Error> {
    let mut builder = match weight {
        Some(Weight { values, keys, .. }) => TreeBuilder::with_room(values, keys),
        None => TreeBuilder::with_capacity(text.len() / 16),
    };
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let root = Seed(&mut builder).deserialize(&mut deserializer)?;
    deserializer.end()?;
    Ok(builder.finish(root))
}

struct Seed<'b, 'a>(&'b mut TreeBuilder<'a>);

impl<'a> DeserializeSeed<'a> for Seed<'_, 'a> {
    type Value = NodeId;

    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<NodeId, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'a> Seed<'_, 'a> {
    fn scalar<E>(self, value: Value<'a>) -> Result<NodeId, E> {
        Ok(self.0.scalar(value, NOWHERE))
    }
}

impl<'a> Visitor<'a> for Seed<'_, 'a> {
    type Value = NodeId;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<NodeId, E> {
        self.scalar(Value::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<NodeId, E> {
        self.scalar(Value::Bool(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<NodeId, E> {
        self.scalar(Value::Number(Cow::Owned(value.to_string())))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<NodeId, E> {
        self.scalar(Value::Number(Cow::Owned(value.to_string())))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<NodeId, E> {
        // `1.0` keeps its decimal point, because the API server does not accept it as an integer either.
        self.scalar(Value::Number(Cow::Owned(format!("{value:?}"))))
    }

    fn visit_borrowed_str<E: Error>(self, value: &'a str) -> Result<NodeId, E> {
        self.scalar(Value::String(Cow::Borrowed(value)))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<NodeId, E> {
        self.scalar(Value::String(Cow::Owned(value.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'a>>(self, mut access: A) -> Result<NodeId, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = access.next_element_seed(Seed(self.0))? {
            items.push(item);
        }
        Ok(self.0.sequence(items, NOWHERE))
    }

    fn visit_map<A: MapAccess<'a>>(self, mut access: A) -> Result<NodeId, A::Error> {
        let mut entries: Vec<Entry<'a>> = Vec::new();
        while let Some(key) = access.next_key::<Key<'a>>()? {
            let value = access.next_value_seed(Seed(self.0))?;
            entries.push(Entry { key: key.0, key_span: NOWHERE, value, duplicate: false });
        }
        mark_duplicates(&mut entries);
        Ok(self.0.mapping(entries, NOWHERE))
    }
}

fn mark_duplicates(entries: &mut [Entry<'_>]) {
    let mut seen = HashSet::with_capacity(entries.len());
    let repeats: Vec<bool> = entries.iter().map(|entry| !seen.insert(&*entry.key)).collect();
    for (entry, repeated) in entries.iter_mut().zip(repeats) {
        entry.duplicate = repeated;
    }
}

/// A key; borrowed if it has no escapes.
struct Key<'a>(Cow<'a, str>);

impl<'de: 'a, 'a> serde::Deserialize<'de> for Key<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl<'de> Visitor<'de> for Text {
            type Value = Cow<'de, str>;
            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a key")
            }
            fn visit_borrowed_str<E: Error>(self, value: &'de str) -> Result<Self::Value, E> {
                Ok(Cow::Borrowed(value))
            }
            fn visit_str<E: Error>(self, value: &str) -> Result<Self::Value, E> {
                Ok(Cow::Owned(value.to_owned()))
            }
        }
        deserializer.deserialize_str(Text).map(Key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_keep_their_kind_and_repeated_keys_are_marked() {
        let tree =
            parse(r#"{"a":[1,-2,1.0,true,null,"x\n"],"b":{},"b":{"c":18446744073709551615}}"#, None).unwrap();
        let root = tree.root();
        let items = tree.items(tree.get(root, "a").unwrap());
        let shown: Vec<String> = items.iter().map(|item| format!("{:?}", tree.value(*item))).collect();
        assert_eq!(
            shown.join(" "),
            r#"Number("1") Number("-2") Number("1.0") Bool(true) Null String("x\n")"#
        );
        assert_eq!(
            tree.entries(root).iter().map(|entry| entry.duplicate).collect::<Vec<_>>(),
            [false, false, true]
        );
        let inner = tree.get(root, "b").unwrap();
        assert_eq!(tree.value(tree.get(inner, "c").unwrap()), &Value::Number("18446744073709551615".into()));
    }

    #[test]
    fn what_is_not_json_or_too_deep_is_refused() {
        assert!(parse("{", None).is_err());
        assert!(parse("{} {}", None).is_err());
        assert!(parse(&"[".repeat(100_000), None).is_err());
    }
}
