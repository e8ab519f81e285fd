//! The list that warnings are collected in.

use std::fmt;

use crate::path::{FieldPath, Path};

/// One warning of the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// What it is about. Most texts begin with it, some do not name it.
    pub path: FieldPath,
    /// The server's whole text.
    pub text: String,
}

/// How many warnings are collected at most. The server sends its client 4096 characters of warnings and no more; two long lists
/// that meet item by item would make millions of them.
const MAX_WARNINGS: usize = 4096;

/// Collects warnings in the server's order.
#[derive(Debug, Default)]
pub(super) struct Warnings {
    list: Vec<Warning>,
}

impl Warnings {
    /// Whether there are so many that nobody would see another one.
    pub(super) fn is_full(&self) -> bool {
        self.list.len() >= MAX_WARNINGS
    }

    /// A warning that begins with its path, as nearly all do.
    pub(super) fn push(&mut self, path: &Path<'_>, message: fmt::Arguments<'_>) {
        if self.is_full() {
            return;
        }
        let path = path.to_field_path();
        let text = format!("{path}: {message}");
        self.list.push(Warning { path, text });
    }

    /// A warning whose text does not name the place.
    pub(super) fn push_unplaced(&mut self, path: &Path<'_>, text: String) {
        if self.is_full() {
            return;
        }
        self.list.push(Warning { path: path.to_field_path(), text });
    }

    /// The warnings, in order.
    pub(super) fn into_vec(self) -> Vec<Warning> {
        self.list
    }
}
