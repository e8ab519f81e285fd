//! What holds for a DaemonSet as a whole.

use crate::path::FieldPath;

/// Something that holds for the DaemonSet as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// What it is about, as programs tell notes apart: `pods-not-read`.
    pub id: &'static str,
    /// The sentence for people.
    pub message: String,
    /// The place in the manifest that it is about.
    pub path: Option<FieldPath>,
}
