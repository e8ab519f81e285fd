//! A warning of the server.

use crate::apiserver::strategy::Warning;
use crate::finding::{Finding, Severity};

/// The server's text, byte for byte, at the place that it speaks about.
pub(crate) fn from_warning(warning: Warning) -> Finding {
    Finding::new("api/warning", Severity::Warning, warning.path, warning.text)
}
