//! The paths of the files in a projected volume.

use std::collections::BTreeSet;

use crate::apiserver::error::Errors;
use crate::path::Path;

/// The paths of a projection's files so far.
pub(super) struct Files<'v, 'p> {
    /// Where the volume's source is: conflicts are reported there.
    path: &'p Path<'p>,
    taken: BTreeSet<&'v str>,
}

impl<'v, 'p> Files<'v, 'p> {
    /// No files yet; `path` is that of the volume's source.
    pub(super) const fn new(path: &'p Path<'p>) -> Self {
        Self { path, taken: BTreeSet::new() }
    }

    /// The path of the volume's source.
    pub(super) const fn source_path(&self) -> &'p Path<'p> {
        self.path
    }

    /// Takes a path, or reports with `value` that it is taken.
    pub(super) fn take(&mut self, file_path: &'v str, value: &str, errors: &mut Errors) {
        if !self.taken.insert(file_path) {
            errors.invalid(self.path, value, "conflicting duplicate paths");
        }
    }
}
