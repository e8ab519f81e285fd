//! The server's field errors: kind, path, value and detail, in Go's wording.
//!
//! Upstream: `apimachinery/pkg/util/validation/field`.

use std::borrow::Cow;
use std::collections::HashSet;

use crate::content::{Format, quote};
use crate::path::{FieldPath, Path};

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
    fn printed(self) -> Option<String> {
        match self {
            Self::Text(text) => Some(quote(text)),
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
        let mut text = String::from(self.kind.words());
        if let Some(value) = &self.value {
            text.push_str(": ");
            text.push_str(value);
        }
        if !self.detail.is_empty() {
            text.push_str(": ");
            text.push_str(&self.detail);
        }
        text
    }
}

/// Collects errors in the server's order.
#[derive(Debug, Default)]
pub(crate) struct Errors {
    list: Vec<FieldError>,
}

impl Errors {
    /// An empty list.
    pub(crate) const fn new() -> Self {
        Self { list: Vec::new() }
    }

    /// The number of errors. Where one check depends on an earlier one, upstream compares `len(allErrs)`.
    pub(crate) fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether there are no errors.
    pub(crate) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The errors, in order.
    pub(crate) fn into_vec(self) -> Vec<FieldError> {
        self.list
    }

    /// Removes errors that equal an earlier one.
    ///
    /// Upstream: `apimachinery/util/validation/field.ErrorList.ToAggregate`.
    pub(crate) fn drop_repeated(&mut self) {
        if self.list.len() < 2 {
            return;
        }
        let mut seen = HashSet::with_capacity(self.list.len());
        let first: Vec<bool> = self.list.iter().map(|error| seen.insert(error)).collect();
        let mut first = first.into_iter();
        self.list.retain(|_| first.next().unwrap_or(true));
    }

    fn push(&mut self, kind: ErrorKind, path: &Path<'_>, value: BadValue<'_>, detail: Cow<'static, str>) {
        self.list.push(FieldError {
            kind,
            path: path.to_field_path(),
            value: value.printed(),
            detail,
            supported: Vec::new(),
            origin: None,
        });
    }

    /// Upstream: `field.NotFound`.
    pub(crate) fn not_found<'v>(&mut self, path: &Path<'_>, value: impl Into<BadValue<'v>>) {
        self.push(ErrorKind::NotFound, path, value.into(), Cow::Borrowed(""));
    }

    /// A reference to something that does not exist, with a reason. Upstream: `field.NotFound` with a `Detail`.
    pub(crate) fn not_found_because<'v>(
        &mut self,
        path: &Path<'_>,
        value: impl Into<BadValue<'v>>,
        detail: impl Into<Cow<'static, str>>,
    ) {
        self.push(ErrorKind::NotFound, path, value.into(), detail.into());
    }

    /// Upstream: `field.Required`.
    pub(crate) fn required(&mut self, path: &Path<'_>, detail: impl Into<Cow<'static, str>>) {
        self.push(ErrorKind::Required, path, BadValue::Omitted, detail.into());
    }

    /// Upstream: `field.Duplicate`.
    pub(crate) fn duplicate<'v>(&mut self, path: &Path<'_>, value: impl Into<BadValue<'v>>) {
        self.push(ErrorKind::Duplicate, path, value.into(), Cow::Borrowed(""));
    }

    /// Upstream: `field.Invalid`.
    pub(crate) fn invalid<'v>(
        &mut self,
        path: &Path<'_>,
        value: impl Into<BadValue<'v>>,
        detail: impl Into<Cow<'static, str>>,
    ) {
        self.push(ErrorKind::Invalid, path, value.into(), detail.into());
    }

    /// An invalid value, with the check that found it. Upstream: `field.Invalid`.
    pub(crate) fn invalid_by<'v>(
        &mut self,
        origin: impl Into<Option<Origin>>,
        path: &Path<'_>,
        value: impl Into<BadValue<'v>>,
        detail: impl Into<Cow<'static, str>>,
    ) {
        self.push(ErrorKind::Invalid, path, value.into(), detail.into());
        if let Some(error) = self.list.last_mut() {
            error.origin = origin.into();
        }
    }

    /// Upstream: `field.NotSupported`. The list is printed in the order given: sort it where upstream sorts it.
    pub(crate) fn not_supported<'v>(
        &mut self,
        path: &Path<'_>,
        value: impl Into<BadValue<'v>>,
        supported: &[&str],
    ) {
        let detail = if supported.is_empty() {
            Cow::Borrowed("")
        } else {
            let quoted: Vec<String> = supported.iter().map(|value| quote(value)).collect();
            Cow::Owned(format!("supported values: {}", quoted.join(", ")))
        };
        self.push(ErrorKind::NotSupported, path, value.into(), detail);
        if let Some(error) = self.list.last_mut() {
            error.supported = supported.iter().map(|value| (*value).to_owned()).collect();
        }
    }

    /// Upstream: `field.Forbidden`.
    pub(crate) fn forbidden(&mut self, path: &Path<'_>, detail: impl Into<Cow<'static, str>>) {
        self.push(ErrorKind::Forbidden, path, BadValue::Omitted, detail.into());
    }

    /// Upstream: `field.TooLong`; `max` in bytes.
    pub(crate) fn too_long(&mut self, path: &Path<'_>, max: usize) {
        let unit = if max == 1 { "byte" } else { "bytes" };
        self.push(
            ErrorKind::TooLong,
            path,
            BadValue::Omitted,
            format!("may not be more than {max} {unit}").into(),
        );
    }

    /// Upstream: `field.TooMany`.
    pub(crate) fn too_many(&mut self, path: &Path<'_>, actual: usize, max: usize) {
        let unit = if max == 1 { "item" } else { "items" };
        let actual = BadValue::Int(i64::try_from(actual).unwrap_or(i64::MAX));
        self.push(ErrorKind::TooMany, path, actual, format!("must have at most {max} {unit}").into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_read_as_the_server_prints_them() {
        let root = Path::root("spec");
        let mut errors = Errors::new();
        errors.required(&root, "");
        errors.invalid(&root, "Never", "no");
        errors.not_supported(&root, "x", &["Always", "b"]);
        errors.too_long(&root, 1);
        errors.too_many(&root, 5, 2);
        errors.duplicate(&root, 7_i64);
        let bodies: Vec<String> = errors.into_vec().iter().map(FieldError::body).collect();
        assert_eq!(
            bodies,
            [
                "Required value",
                "Invalid value: \"Never\": no",
                "Unsupported value: \"x\": supported values: \"Always\", \"b\"",
                "Too long: may not be more than 1 byte",
                "Too many: 5: must have at most 2 items",
                "Duplicate value: 7",
            ]
        );
    }
}
