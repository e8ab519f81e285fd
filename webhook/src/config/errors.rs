//! The errors of a config file, each with its place and with what to change.

use std::fmt;

/// An error in a config file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    /// The place: a JSON pointer such as `/levels/host-port-clash`, a position such as `line 3, column 5`, or empty for the whole file.
    pub place: String,
    /// What is wrong, and what is allowed.
    pub sentence: String,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.place.is_empty() {
            return f.write_str(&self.sentence);
        }
        // A key of the file may contain control characters.
        for character in self.place.chars() {
            if character.is_control() {
                write!(f, "{}", character.escape_default())?;
            } else {
                write!(f, "{character}")?;
            }
        }
        write!(f, ": {}", self.sentence)
    }
}

/// All errors of a config file; never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigErrors {
    /// The path of the file, as it was given.
    pub file: String,
    /// The errors, sorted by place.
    pub errors: Vec<ConfigError>,
}

impl ConfigErrors {
    /// One error about the whole file.
    pub(super) fn of_file(file: &str, sentence: impl Into<String>) -> Self {
        Self::at(file, String::new(), sentence)
    }

    /// One error at a place.
    pub(super) fn at(file: &str, place: String, sentence: impl Into<String>) -> Self {
        Self { file: file.to_owned(), errors: vec![ConfigError { place, sentence: sentence.into() }] }
    }

    /// All errors in one line, for the log.
    pub fn line(&self) -> String {
        self.errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
    }
}

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.errors.as_slice() {
            [error] => write!(f, "{}: {error}", self.file),
            errors => {
                write!(f, "{}: {} errors", self.file, errors.len())?;
                errors.iter().try_for_each(|error| write!(f, "\n  {error}"))
            }
        }
    }
}

impl std::error::Error for ConfigErrors {}
