//! Keys of mappings. JSON has only strings as keys, but go-yaml compares keys with their types before it converts them to strings.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

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
    /// Whether a merge key brought it.
    pub(in crate::source) merged: bool,
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

/// What makes two keys the same, for a hash table.
type Identity<'k> = (u8, u64, &'k str);

/// The key's identity; `None` for NaN, which equals nothing.
fn identity<'k>(TypedEntry { entry, kind, .. }: &'k TypedEntry<'_>) -> Option<Identity<'k>> {
    Some(match kind {
        KeyKind::Float(value) if value.is_nan() => return None,
        KeyKind::Float(value) => (1, if *value == 0.0 { 0 } else { value.to_bits() }, ""),
        KeyKind::String => (2, 0, &*entry.key),
        KeyKind::Bool => (3, 0, &*entry.key),
        KeyKind::Int => (4, 0, &*entry.key),
        KeyKind::Null => (5, 0, ""),
        KeyKind::Unsigned => (6, 0, &*entry.key),
    })
}

fn flag_duplicates_among_many(entries: &mut [TypedEntry<'_>]) {
    let mut seen: HashSet<Identity<'_>> = HashSet::with_capacity(entries.len());
    let mut repeated = Vec::new();
    for (position, typed) in entries.iter().enumerate() {
        if identity(typed).is_some_and(|identity| !seen.insert(identity)) {
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

/// Decides between the mapping's own entries and those that merge keys brought, from position `first` on: the last one of a key counts,
/// and the others are removed. This is how a merge is overridden, so it is no duplicate. A key that the mapping itself has twice is one.
///
/// Upstream: go-yaml's decoder sets the entries of a merge where the merge key stands, so a merge also replaces keys before it.
pub(super) fn settle_merges(entries: &mut Vec<TypedEntry<'_>>, first: usize) {
    let mapping = entries.get(first..).unwrap_or_default();
    let mut last: HashMap<Identity<'_>, usize> = HashMap::with_capacity(mapping.len());
    let mut own: HashSet<Identity<'_>> = HashSet::new();
    let mut repeated: HashSet<Identity<'_>> = HashSet::new();
    let mut duplicates = HashSet::new();
    for (position, typed) in mapping.iter().enumerate() {
        let Some(identity) = identity(typed) else { continue };
        last.insert(identity, position);
        if typed.entry.duplicate || (!typed.merged && !own.insert(identity)) {
            repeated.insert(identity);
            duplicates.insert(position);
        }
    }
    let keep = |position: usize, typed: &TypedEntry<'_>| {
        identity(typed).is_none_or(|identity| {
            last.get(&identity) == Some(&position) || (!typed.merged && repeated.contains(&identity))
        })
    };
    let kept: Vec<bool> = mapping.iter().enumerate().map(|(position, typed)| keep(position, typed)).collect();
    let removed: Vec<TypedEntry<'_>> = entries.drain(first.min(entries.len())..).collect();
    entries.extend(removed.into_iter().zip(kept).enumerate().filter_map(|(position, (mut typed, kept))| {
        typed.entry.duplicate = duplicates.contains(&position);
        kept.then_some(typed)
    }));
}
