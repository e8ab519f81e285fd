//! The server's field errors: kind, path, value and detail, in Go's wording.
//!
//! Upstream: `apimachinery/pkg/util/validation/field`.

use std::borrow::Cow;

use crate::content::{Format, quote, quote_json};
use crate::path::FieldPath;

pub(crate) use crate::apiserver::error_list::Errors;

/// The kind of an error, named after the reason of its cause in the server's `Status`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ErrorKind {
    /// The value refers to something that does not exist.
    NotFound,
    /// A value is missing.
    Required,
    /// The value must be unique.
    Duplicate,
    /// The value is malformed.
    Invalid,
    /// The value is not one of the supported ones.
    NotSupported,
    /// The value is not allowed here.
    Forbidden,
    /// The text has too many bytes.
    TooLong,
    /// The list has too many items.
    TooMany,
    /// The value has the wrong type.
    TypeInvalid,
    /// The server failed to validate the value.
    Internal,
}

impl ErrorKind {
    /// The reason in the causes of a `Status`.
    pub const fn cause(self) -> &'static str {
        match self {
            Self::NotFound => "FieldValueNotFound",
            Self::Required => "FieldValueRequired",
            Self::Duplicate => "FieldValueDuplicate",
            Self::Invalid => "FieldValueInvalid",
            Self::NotSupported => "FieldValueNotSupported",
            Self::Forbidden => "FieldValueForbidden",
            Self::TooLong => "FieldValueTooLong",
            Self::TooMany => "FieldValueTooMany",
            Self::TypeInvalid => "FieldValueTypeInvalid",
            Self::Internal => "InternalError",
        }
    }

    /// The id of the rule that has such errors.
    pub const fn rule(self) -> &'static str {
        match self {
            Self::NotFound => "api/not-found",
            Self::Required => "api/required",
            Self::Duplicate => "api/duplicate",
            Self::Invalid => "api/invalid",
            Self::NotSupported => "api/not-supported",
            Self::Forbidden => "api/forbidden",
            Self::TooLong => "api/too-long",
            Self::TooMany => "api/too-many",
            Self::TypeInvalid => "api/type-invalid",
            Self::Internal => "api/internal",
        }
    }

    /// The start of the server's message.
    pub const fn words(self) -> &'static str {
        match self {
            Self::NotFound => "Not found",
            Self::Required => "Required value",
            Self::Duplicate => "Duplicate value",
            Self::Invalid | Self::TypeInvalid => "Invalid value",
            Self::NotSupported => "Unsupported value",
            Self::Forbidden => "Forbidden",
            Self::TooLong => "Too long",
            Self::TooMany => "Too many",
            Self::Internal => "Internal error",
        }
    }
}

/// The bad value, as far as the server's message shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BadValue<'v> {
    /// Printed quoted, as Go does.
    Text(&'v str),
    /// A list of texts, printed as JSON.
    Texts(&'v [String]),
    /// Printed as a number.
    Int(i64),
    /// Printed as `true` or `false`.
    Bool(bool),
    /// A compound value, which the message leaves out. Reports show the place in the document instead.
    Omitted,
}

impl<'v> From<&'v str> for BadValue<'v> {
    fn from(text: &'v str) -> Self {
        Self::Text(text)
    }
}

impl<'v> From<&'v String> for BadValue<'v> {
    fn from(text: &'v String) -> Self {
        Self::Text(text)
    }
}

impl From<i32> for BadValue<'_> {
    fn from(number: i32) -> Self {
        Self::Int(i64::from(number))
    }
}

impl From<i64> for BadValue<'_> {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl From<bool> for BadValue<'_> {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl BadValue<'_> {
    pub(super) fn printed(self) -> Option<String> {
        match self {
            Self::Text(text) => Some(quote(text)),
            Self::Texts(texts) => {
                let quoted: Vec<String> = texts.iter().map(|text| quote_json(text)).collect();
                Some(format!("[{}]", quoted.join(",")))
            }
            Self::Int(number) => Some(number.to_string()),
            Self::Bool(value) => Some(value.to_string()),
            Self::Omitted => None,
        }
    }
}

/// An error of the server's validation.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FieldError {
    /// The kind of error.
    pub kind: ErrorKind,
    /// The path.
    pub path: FieldPath,
    /// The bad value as Go prints it, if the kind shows it.
    pub value: Option<String>,
    /// The server's detail; may be empty.
    pub detail: Cow<'static, str>,
    /// The values that the server lists as supported, for [`ErrorKind::NotSupported`].
    pub(crate) supported: Vec<String>,
    /// The check that found the error, if help depends on it.
    pub(crate) origin: Option<Origin>,
}

/// The check that found an error, where help has to tell checks apart. Go's `field.Error` has an `Origin` as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Origin {
    /// A name that does not have its format.
    Format(Format),
    /// The DaemonSet's selector does not match the labels of its pod template.
    SelectorMismatch,
    /// The DaemonSet's selector is empty.
    EmptySelector,
    /// A field that must not change.
    Immutable,
    /// `maxSurge` and `maxUnavailable` are both set.
    SurgeAndUnavailable,
    /// A toleration has no key and an operator other than `Exists`.
    EmptyTolerationKey,
}

impl FieldError {
    /// The server's message after the path. Upstream: `field.Error.ErrorBody`.
    pub fn body(&self) -> String {
        body(self.kind, self.value.as_deref(), &self.detail)
    }
}

pub(super) fn body(kind: ErrorKind, value: Option<&str>, detail: &str) -> String {
    let mut text = String::from(kind.words());
    for part in value.into_iter().chain(Some(detail).filter(|detail| !detail.is_empty())) {
        text.push_str(": ");
        text.push_str(part);
    }
    text
}
