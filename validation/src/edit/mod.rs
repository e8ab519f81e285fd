//! Changes to a document that resolve findings. Like a finding, a change refers to places by path, so it needs no text.

mod apply;
mod open;
mod value;

pub use apply::{apply, apply_all};
pub use value::{NewValue, is_plain};

use crate::path::FieldPath;

/// One change to the document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Edit {
    /// Removes the entry or item at the path; of a duplicate key the last entry.
    Remove {
        /// The entry or item.
        path: FieldPath,
    },
    /// Replaces the value at the path.
    Replace {
        /// The path of the value.
        path: FieldPath,
        /// The new value.
        value: NewValue,
    },
    /// Renames the key at the path.
    Rename {
        /// The entry.
        path: FieldPath,
        /// The new key.
        key: String,
    },
    /// Adds an entry to the mapping at the path.
    Insert {
        /// The mapping.
        path: FieldPath,
        /// The new key.
        key: String,
        /// The new value.
        value: NewValue,
    },
    /// Adds an item at the end of the list at the path.
    Append {
        /// The list.
        path: FieldPath,
        /// The new value.
        value: NewValue,
    },
    /// Moves the entry or item at the path to another place. Mappings and lists on the way there are created if they do not exist.
    Move {
        /// The entry or item.
        path: FieldPath,
        /// Its new path.
        to: FieldPath,
    },
    /// Puts the value at the path into a mapping of one entry: `x` becomes `{ key: x }`.
    Nest {
        /// The path of the value.
        path: FieldPath,
        /// The key of the entry.
        key: String,
    },
    /// Puts the value at the path into a list of one item: `x` becomes `[x]`.
    Enlist {
        /// The path of the value.
        path: FieldPath,
    },
    /// Replaces the list at the path by its only item.
    Unlist {
        /// The path of the list.
        path: FieldPath,
    },
    /// Begins a new document before the last entry with this key: a line `---` above it.
    Separate {
        /// The entry.
        path: FieldPath,
    },
}

/// A change that resolves a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// Whether the change is safe to apply without review: it keeps the meaning that the document has, or was meant to have.
    pub safe: bool,
    /// The edits, in the order in which they are applied. They are applied together or not at all.
    pub edits: Vec<Edit>,
}
