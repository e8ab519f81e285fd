//! Why a selector cannot be read.

use std::fmt;

use crate::apiserver::content::quote;
use crate::apiserver::error::FieldError;

/// Why a selector cannot be read. Its `Display` is the server's text, save that lists are left out of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SelectorError {
    /// A label selector's operator that there is not.
    Operator(String),
    /// Requirements that are none, with paths below the selector.
    Requirements(Vec<FieldError>),
}

impl fmt::Display for SelectorError {
    /// Upstream: `apimachinery/util/errors.aggregate.Error`, `apimachinery/util/validation/field.ErrorList.ToAggregate`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Operator(operator) => {
                write!(f, "{} is not a valid label selector operator", quote(operator))
            }
            Self::Requirements(errors) => {
                let mut sentences: Vec<String> = Vec::with_capacity(errors.len());
                for error in errors {
                    let sentence = format!("{}: {}", error.path, error.body());
                    if !sentences.contains(&sentence) {
                        sentences.push(sentence);
                    }
                }
                match sentences.as_slice() {
                    [only] => f.write_str(only),
                    all => write!(f, "[{}]", all.join(", ")),
                }
            }
        }
    }
}

impl std::error::Error for SelectorError {}
