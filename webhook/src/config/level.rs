//! How much a rule's finding weighs for the answer: `deny`, `warn` or `off`.

use std::fmt;

use serde::Deserialize;

/// What the webhook does with a rule's findings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// The request is denied, and the finding is the reason.
    Deny,
    /// The request passes; the finding is a warning in the answer.
    Warn,
    /// The rule says nothing.
    Off,
}

impl Level {
    /// The word in the config file, the metrics and the log.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Deny => "deny",
            Self::Warn => "warn",
            Self::Off => "off",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
