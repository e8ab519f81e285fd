//! A warning of the server.

use crate::apiserver::strategy::Warning;
use crate::finding::{Finding, Severity};

/// Turns a warning into a finding, with the server's text unchanged.
pub(crate) fn from_warning(warning: Warning) -> Finding {
    Finding::new("api/warning", Severity::Warning, warning.path, warning.text)
}
