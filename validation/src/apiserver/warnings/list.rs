//! The list of warnings.

use std::fmt;

use crate::path::{FieldPath, Path};

/// A warning of the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// The path that it is about. Most texts start with it, but some do not name it.
    pub path: FieldPath,
    /// The server's text.
    pub text: String,
    /// The value that is wrong as it is written, where a fix depends on it.
    pub value: Option<Box<str>>,
}

/// The maximum number of warnings. The server sends at most 4096 characters of warnings to a client, but comparing two long lists
/// may result in millions of them.
const MAX_WARNINGS: usize = 4096;

/// The text of all warnings is not much longer than this, in bytes. A warning may name two paths of a megabyte each.
const MAX_BYTES: usize = 1024 * 1024;

/// Collects warnings in the server's order.
#[derive(Debug, Default)]
pub(super) struct Warnings {
    list: Vec<Warning>,
    bytes: usize,
}

impl Warnings {
    /// Whether the list is full. Further warnings are dropped.
    pub(super) fn is_full(&self) -> bool {
        self.list.len() >= MAX_WARNINGS || self.bytes >= MAX_BYTES
    }

    /// Adds a warning that starts with its path, as nearly all do.
    pub(super) fn push(&mut self, path: &Path<'_>, message: fmt::Arguments<'_>) {
        if self.is_full() {
            return;
        }
        let path = path.to_field_path();
        let text = format!("{path}: {message}");
        self.add(path, text);
    }

    /// Adds a warning about the value at a path: the text is the path, the value, and the message.
    pub(super) fn push_about(&mut self, path: &Path<'_>, value: &str, message: &str) {
        self.push_of(path, value, format_args!("{value} is {message}"));
    }

    /// Adds a warning that starts with its path, and is about a value.
    pub(super) fn push_of(&mut self, path: &Path<'_>, value: &str, message: fmt::Arguments<'_>) {
        let before = self.list.len();
        self.push(path, message);
        if let Some(added) = self.list.get_mut(before) {
            added.value = Some(value.into());
        }
    }

    fn add(&mut self, path: FieldPath, text: String) {
        self.bytes = self.bytes.saturating_add(text.len());
        self.list.push(Warning { path, text, value: None });
    }

    /// Adds a warning whose text does not name the path.
    pub(super) fn push_unplaced(&mut self, path: &Path<'_>, text: String) {
        if self.is_full() {
            return;
        }
        self.add(path.to_field_path(), text);
    }

    /// The warnings, in order.
    pub(super) fn into_vec(self) -> Vec<Warning> {
        self.list
    }
}
