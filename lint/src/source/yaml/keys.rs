//! Keys of mappings. JSON knows only strings, but go-yaml compares keys with their types before it writes them as strings.

use std::borrow::Cow;
use std::collections::HashMap;

use daemonset_validation::Entry;

use super::number::{self, Number};
use super::problem::Problem;
use super::resolve::Resolved;

/// A key's type.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::source) enum KeyKind {
    String,
    Bool,
    Int,
    /// With its value, because different floats may be written the same as keys.
    Float(f64),
    /// JSON has no such key.
    Null,
    /// Neither has the conversion to JSON room for one above the largest signed integer.
    Unsigned,
}

impl KeyKind {
    /// Why a document with such a key cannot become JSON.
    pub(super) const fn refusal(self) -> Option<Problem> {
        match self {
            Self::Null => Some(Problem::NullKey),
            Self::Unsigned => Some(Problem::BigKey),
            Self::String | Self::Bool | Self::Int | Self::Float(_) => None,
        }
    }
}

/// An entry and its key's type, which the tree does not keep.
#[derive(Clone, Debug)]
pub(in crate::source) struct TypedEntry<'a> {
    pub(in crate::source) entry: Entry<'a>,
    pub(in crate::source) kind: KeyKind,
}

/// A scalar as a key.
pub(super) fn key(scalar: Resolved<'_>) -> (Cow<'_, str>, KeyKind) {
    match scalar {
        Resolved::String(text) => (text, KeyKind::String),
        Resolved::Number(Number::Int(text)) => (text, KeyKind::Int),
        Resolved::Number(Number::Unsigned(text)) => (text, KeyKind::Unsigned),
        Resolved::Number(Number::Float(value)) => {
            (Cow::Owned(number::float_to_key(value)), KeyKind::Float(value))
        }
        Resolved::Bool(value) => (Cow::Borrowed(if value { "true" } else { "false" }), KeyKind::Bool),
        Resolved::Null => (Cow::Borrowed("null"), KeyKind::Null),
    }
}

/// Up to so many entries it is faster to compare each with each than to hash.
const FEW: usize = 24;

/// Flags every entry whose key stands earlier in the same mapping.
pub(in crate::source) fn flag_duplicates(entries: &mut [TypedEntry<'_>]) {
    if entries.len() > FEW {
        return flag_duplicates_among_many(entries);
    }
    for position in 1..entries.len() {
        let Some((earlier, [later, ..])) = entries.split_at_mut_checked(position) else { return };
        for earlier in earlier {
            if is_same(earlier, later) {
                later.entry.duplicate = true;
                // Zero and minus zero are the same key, which is then written as it stands last.
                if earlier.entry.key != later.entry.key {
                    earlier.entry.key = later.entry.key.clone();
                }
            }
        }
    }
}

fn is_same(one: &TypedEntry<'_>, other: &TypedEntry<'_>) -> bool {
    match (one.kind, other.kind) {
        (KeyKind::Float(one), KeyKind::Float(other)) => one == other,
        (one_kind, other_kind) => one_kind == other_kind && one.entry.key == other.entry.key,
    }
}

fn flag_duplicates_among_many(entries: &mut [TypedEntry<'_>]) {
    let mut seen: HashMap<(u8, u64, &str), ()> = HashMap::with_capacity(entries.len());
    let mut repeated = Vec::new();
    for (position, TypedEntry { entry, kind }) in entries.iter().enumerate() {
        let identity = match kind {
            KeyKind::Float(value) if value.is_nan() => continue,
            KeyKind::Float(value) => (1, if *value == 0.0 { 0 } else { value.to_bits() }, ""),
            KeyKind::String => (2, 0, &*entry.key),
            KeyKind::Bool => (3, 0, &*entry.key),
            KeyKind::Int => (4, 0, &*entry.key),
            KeyKind::Null => (5, 0, ""),
            KeyKind::Unsigned => (6, 0, &*entry.key),
        };
        if seen.insert(identity, ()).is_some() {
            repeated.push(position);
        }
    }
    drop(seen);
    for position in repeated {
        if let Some(repeated) = entries.get_mut(position) {
            repeated.entry.duplicate = true;
        }
    }
}
