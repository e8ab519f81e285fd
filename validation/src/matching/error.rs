//! Errors of invalid selectors.

use std::fmt;

use crate::content::quote;
use crate::path::{FieldPath, Path};

/// An invalid part of a selector.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SelectorFault {
    /// The path below the selector.
    pub path: FieldPath,
    /// The server's message after the path, without lists of values.
    pub sentence: String,
}

/// Why a selector is invalid. `Display` prints the server's message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SelectorError {
    /// An unknown operator of a label selector.
    Operator(String),
    /// Invalid requirements.
    Requirements(Vec<SelectorFault>),
}

impl fmt::Display for SelectorError {
    /// Upstream: `apimachinery/util/errors.aggregate.Error`, `apimachinery/util/validation/field.ErrorList.ToAggregate`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Operator(operator) => {
                write!(f, "{} is not a valid label selector operator", quote(operator))
            }
            Self::Requirements(faults) => {
                let mut sentences: Vec<String> = Vec::with_capacity(faults.len());
                for fault in faults {
                    let sentence = format!("{}: {}", fault.path, fault.sentence);
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

/// Collects faults in the server's order.
#[derive(Debug, Default)]
pub(super) struct SelectorFaults {
    list: Vec<SelectorFault>,
}

impl SelectorFaults {
    pub(super) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    pub(super) fn len(&self) -> usize {
        self.list.len()
    }

    fn push(&mut self, path: &Path<'_>, sentence: String) {
        self.list.push(SelectorFault { path: path.to_field_path(), sentence });
    }

    /// An invalid text.
    pub(super) fn invalid(&mut self, path: &Path<'_>, value: &str, detail: &str) {
        self.push(path, format!("Invalid value: {}: {detail}", quote(value)));
    }

    /// An invalid list of values.
    pub(super) fn invalid_list(&mut self, path: &Path<'_>, detail: &str) {
        self.push(path, format!("Invalid value: {detail}"));
    }

    /// A text that is not one of the supported ones.
    pub(super) fn not_supported(&mut self, path: &Path<'_>, value: &str, supported: &[&str]) {
        let supported: Vec<String> = supported.iter().map(|text| quote(text)).collect();
        self.push(
            path,
            format!("Unsupported value: {}: supported values: {}", quote(value), supported.join(", ")),
        );
    }

    /// `Ok` if there are no faults.
    pub(super) fn into_result(self) -> Result<(), SelectorError> {
        if self.is_empty() { Ok(()) } else { Err(SelectorError::Requirements(self.list)) }
    }
}
