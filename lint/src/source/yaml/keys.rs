//! Keys of mappings. JSON has only strings as keys, but go-yaml compares keys with their types before it converts them to strings.

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
    /// With its value, because different floats may be the same string.
    Float(f64),
    /// `null`, which JSON does not allow as a key.
    Null,
    /// An integer above the largest signed one. The conversion to JSON refuses it as a key.
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

/// The key of a scalar, as a string and with its type.
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

/// Up to this number of entries, comparing all pairs is faster than hashing.
const FEW: usize = 24;

/// Flags every entry whose key occurs earlier in the same mapping.
pub(in crate::source) fn flag_duplicates(entries: &mut [TypedEntry<'_>]) {
    if entries.len() > FEW {
        return flag_duplicates_among_many(entries);
    }
    for position in 1..entries.len() {
        let Some((earlier, [later, ..])) = entries.split_at_mut_checked(position) else { return };
        for earlier in earlier {
            if is_same(earlier, later) {
                later.entry.duplicate = true;
                // Zero and minus zero are the same key. The last one is written.
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
