//! A warning of the server.

use crate::finding::{Finding, Severity};
use crate::path::FieldPath;

/// The server's text, byte for byte, at the place that it speaks about.
pub(crate) fn from_warning(warning: String) -> Finding {
    Finding::new("api/warning", Severity::Warning, FieldPath::document(), warning)
}
