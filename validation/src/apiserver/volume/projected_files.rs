//! The file paths in a projected volume.

use std::collections::BTreeSet;

use crate::apiserver::error::Errors;
use crate::path::Path;

/// The file paths so far.
pub(super) struct Files<'v, 'p> {
    /// The path of the volume source, at which conflicts are reported.
    path: &'p Path<'p>,
    taken: BTreeSet<&'v str>,
}

impl<'v, 'p> Files<'v, 'p> {
    /// No files; `path` is the path of the volume source.
    pub(super) const fn new(path: &'p Path<'p>) -> Self {
        Self { path, taken: BTreeSet::new() }
    }

    /// The path of the volume source.
    pub(super) const fn source_path(&self) -> &'p Path<'p> {
        self.path
    }

    /// Adds a file path. If it is taken, reports `value` as invalid.
    pub(super) fn add(&mut self, file_path: &'v str, value: &str, errors: &mut Errors) {
        if !self.taken.insert(file_path) {
            errors.invalid(self.path, value, "conflicting duplicate paths");
        }
    }
}
