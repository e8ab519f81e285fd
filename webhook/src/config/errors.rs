//! What is wrong with a config file: all of it at once, each with its place, in sentences that a person can act on.

use std::fmt;

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    /// Where: a JSON pointer such as `/levels/host-port-clash`, a position such as `line 3, column 5`, or empty for the whole
    /// file.
    pub place: String,
    /// What is wrong and what is allowed.
    pub sentence: String,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.place.is_empty() {
            return f.write_str(&self.sentence);
        }
        // A key is whatever the file says; a line stays a line.
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

/// Everything that is wrong with a config file; never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigErrors {
    /// The file, as it was named.
    pub file: String,
    /// Sorted by place.
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

    /// All of it in one line, for the log.
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
