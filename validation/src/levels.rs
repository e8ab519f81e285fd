//! How much the findings of a rule weigh: in the command, and for the answer of the admission webhook.

use std::fmt;
use std::str::FromStr;

use crate::finding::Severity;

/// The level of a rule in the command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// The rule is not checked.
    Off,
    /// Its findings are worth knowing.
    Info,
    /// Its findings are probably mistakes.
    Warning,
    /// Its findings are mistakes.
    Error,
}

impl Level {
    /// Every level, the heaviest first.
    pub const ALL: [Self; 4] = [Self::Error, Self::Warning, Self::Info, Self::Off];

    /// The word in reports and configuration.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }

    /// The severity of findings at this level; `None` where there are none.
    pub const fn severity(self) -> Option<Severity> {
        match self {
            Self::Off => None,
            Self::Info => Some(Severity::Info),
            Self::Warning => Some(Severity::Warning),
            Self::Error => Some(Severity::Error),
        }
    }
}

/// The level of a rule in the admission webhook.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AdmissionLevel {
    /// The request is denied, and the finding is the reason.
    Deny,
    /// The request is allowed, and the finding is a warning in the response.
    Warn,
    /// The rule is not checked.
    Off,
}

impl AdmissionLevel {
    /// Every level, the heaviest first.
    pub const ALL: [Self; 3] = [Self::Deny, Self::Warn, Self::Off];

    /// The word in configuration, metrics and the log.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Deny => "deny",
            Self::Warn => "warn",
            Self::Off => "off",
        }
    }
}

/// A word that is no level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownLevel;

impl fmt::Display for UnknownLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("there is no such level")
    }
}

impl std::error::Error for UnknownLevel {}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for AdmissionLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Level {
    type Err = UnknownLevel;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|level| level.as_str() == word).ok_or(UnknownLevel)
    }
}

impl FromStr for AdmissionLevel {
    type Err = UnknownLevel;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|level| level.as_str() == word).ok_or(UnknownLevel)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_levels_agree() {
        assert!(Level::ALL.iter().all(|level| level.as_str().parse() == Ok(*level)));
        assert!(AdmissionLevel::ALL.iter().all(|level| level.as_str().parse() == Ok(*level)));
        assert_eq!("deny".parse::<Level>(), Err(UnknownLevel));
        assert_eq!("Warn".parse::<AdmissionLevel>(), Err(UnknownLevel));
    }
}
