//! Values that an edit writes.

use std::fmt;

/// A value that an edit writes. `Display` prints it as YAML.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NewValue {
    /// A string.
    Text(String),
    /// A whole number.
    Number(i64),
    /// `true` or `false`.
    Bool(bool),
    /// A list.
    List(Vec<Self>),
    /// A mapping.
    Map(Vec<(String, Self)>),
}

impl NewValue {
    /// A mapping of one entry.
    pub fn entry(key: &str, value: impl Into<Self>) -> Self {
        Self::Map(vec![(key.to_owned(), value.into())])
    }
}

impl From<&str> for NewValue {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for NewValue {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for NewValue {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<bool> for NewValue {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl fmt::Display for NewValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) if is_plain(text) => f.write_str(text),
            Self::Text(text) => write!(f, "{text:?}"),
            Self::Number(number) => write!(f, "{number}"),
            Self::Bool(value) => write!(f, "{value}"),
            Self::List(items) => {
                f.write_str("[")?;
                for (position, item) in items.iter().enumerate() {
                    f.write_str(if position > 0 { ", " } else { "" })?;
                    write!(f, "{item}")?;
                }
                f.write_str("]")
            }
            Self::Map(entries) if entries.is_empty() => f.write_str("{}"),
            Self::Map(entries) => {
                f.write_str("{ ")?;
                for (position, (key, value)) in entries.iter().enumerate() {
                    f.write_str(if position > 0 { ", " } else { "" })?;
                    write!(f, "{key}: {value}")?;
                }
                f.write_str(" }")
            }
        }
    }
}

/// Words that YAML 1.1 reads as another type.
const OTHER_TYPES: &[&str] = &["y", "n", "yes", "no", "on", "off", "true", "false", "null"];

/// Whether YAML reads the text without quotes as this string, in a flow mapping as well.
pub fn is_plain(text: &str) -> bool {
    let digits = text.trim_start_matches(|character: char| character.is_ascii_digit() || character == '.');
    if digits.len() < text.len() {
        return matches!(digits, "%" | "m" | "k" | "M" | "G" | "T" | "Ki" | "Mi" | "Gi" | "Ti");
    }
    let mut characters = text.chars();
    let starts = characters.next().is_some_and(|first| first.is_ascii_alphabetic() || first == '/');
    let plain = |character: char| character.is_ascii_alphanumeric() || "-_./%".contains(character);
    starts
        && text.split(':').all(|part| !part.is_empty() && part.chars().all(plain))
        && !OTHER_TYPES.contains(&text.to_ascii_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::NewValue;

    #[test]
    fn values_are_printed_as_yaml() {
        for (text, printed) in [
            ("Always", "Always"),
            ("true", "\"true\""),
            ("9100", "\"9100\""),
            ("25%", "25%"),
            ("128Mi", "128Mi"),
            ("1e3", "\"1e3\""),
            ("a: b", "\"a: b\""),
            ("a:", "\"a:\""),
            ("registry.example/agent:1", "registry.example/agent:1"),
            ("", "\"\""),
        ] {
            assert_eq!(NewValue::from(text).to_string(), printed);
        }
        let list = NewValue::List(vec![NewValue::entry("port", 1), NewValue::from(true)]);
        assert_eq!(list.to_string(), "[{ port: 1 }, true]");
    }
}
