//! Resolves the text of a scalar to its value, by go-yaml's YAML 1.1 rules.

use std::borrow::Cow;

use super::number::{self, Number};
use super::problem::Problem;
use super::tag::Tag;
use super::{binary, timestamp};

/// A scalar's value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Resolved<'a> {
    Null,
    Bool(bool),
    Number(Number<'a>),
    String(Cow<'a, str>),
}

/// The value of a scalar. `plain` means that it has neither quotes nor a tag.
pub(super) fn resolve<'a>(text: Cow<'a, str>, plain: bool, tag: Tag) -> Result<Resolved<'a>, Problem> {
    match tag {
        Tag::None if plain => Ok(resolve_plain(text)),
        Tag::None | Tag::Lone | Tag::Str | Tag::Merge | Tag::Other => Ok(Resolved::String(text)),
        Tag::Binary => {
            binary::decode(&text).map(|decoded| Resolved::String(Cow::Owned(decoded))).ok_or(Problem::Base64)
        }
        Tag::Timestamp if timestamp::is_timestamp(&text) => Ok(Resolved::String(text)),
        Tag::Bool | Tag::Int | Tag::Float | Tag::Null | Tag::Timestamp => resolve_tagged(text, tag),
    }
}

/// The value of a tagged scalar. A tag converts only an integer to a float; otherwise the text must be of the tag's type.
fn resolve_tagged(text: Cow<'_, str>, tag: Tag) -> Result<Resolved<'_>, Problem> {
    match (tag, resolve_plain(text)) {
        (Tag::Null, Resolved::Null) => Ok(Resolved::Null),
        (Tag::Bool, value @ Resolved::Bool(_))
        | (Tag::Int, value @ Resolved::Number(Number::Int(_) | Number::Unsigned(_)))
        | (Tag::Float, value @ Resolved::Number(Number::Float(_))) => Ok(value),
        (Tag::Float, Resolved::Number(Number::Int(integer))) => {
            Ok(Resolved::Number(Number::Float(integer.parse().unwrap_or(0.0))))
        }
        _ => Err(Problem::TagMismatch(tag)),
    }
}

/// The value of a text without quotes and without a tag.
fn resolve_plain(text: Cow<'_, str>) -> Resolved<'_> {
    let Some(first) = text.bytes().next() else { return Resolved::Null };
    match first {
        b'0'..=b'9' | b'+' | b'-' => match special_float(&text).map(Number::Float) {
            Some(special) => Resolved::Number(special),
            None => number::parse(text).map_or_else(Resolved::String, Resolved::Number),
        },
        b'.' => match special_float(&text).or_else(|| number::parse_dotted(&text)) {
            Some(value) => Resolved::Number(Number::Float(value)),
            None => Resolved::String(text),
        },
        b'y' | b'Y' | b'n' | b'N' | b't' | b'T' | b'f' | b'F' | b'o' | b'O' | b'~' => match word(&text) {
            Some(value) => value,
            None => Resolved::String(text),
        },
        _ => Resolved::String(text),
    }
}

/// The value of a reserved word.
fn word(text: &str) -> Option<Resolved<'static>> {
    match text {
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
            Some(Resolved::Bool(true))
        }
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            Some(Resolved::Bool(false))
        }
        "~" | "null" | "Null" | "NULL" => Some(Resolved::Null),
        _ => None,
    }
}

fn special_float(text: &str) -> Option<f64> {
    match text {
        ".nan" | ".NaN" | ".NAN" => Some(f64::NAN),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => Some(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => Some(f64::NEG_INFINITY),
        _ => None,
    }
}
