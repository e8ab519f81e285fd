//! The list of the server's field errors.

use std::borrow::Cow;
use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};

use crate::apiserver::consequences::Consequences;
use crate::apiserver::error::{BadValue, ErrorKind, FieldError, Origin, body};
use crate::content::quote;
use crate::ledger::Ledger;
use crate::path::{FieldPath, Path};

/// Errors that have their own findings elsewhere: they follow from what the decoder found.
#[derive(Debug, Default)]
pub(crate) struct Followers {
    /// Required fields that are present under a misspelt name.
    pub(crate) misspelt: HashSet<FieldPath>,
    /// Values that the decoder left out.
    pub(crate) holes: Consequences,
}

/// Collects errors in the server's order.
#[derive(Debug, Default)]
pub(crate) struct Errors {
    list: Vec<FieldError>,
    /// The number of errors, those included that are not in the list.
    count: usize,
    followers: Option<Box<Followers>>,
    ledger: Ledger,
    /// What tells errors apart once they are only counted.
    identities: Option<Box<Identities>>,
}

#[derive(Debug, Default)]
struct Identities {
    hasher: RandomState,
    known: HashSet<u64>,
}

impl Identities {
    /// Adds an error; returns whether there was none like it.
    fn insert(&mut self, kind: ErrorKind, path: &FieldPath, value: Option<&str>, detail: &str) -> bool {
        self.known.insert(self.hasher.hash_one((kind, path, value, detail)))
    }
}

impl Errors {
    /// An empty list.
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// An empty list of errors that the ledger admits, without those that follow from others.
    pub(crate) fn within(ledger: Ledger, followers: Followers) -> Self {
        Self { followers: Some(Box::new(followers)), ledger, ..Self::default() }
    }

    /// The number of errors. Where one check depends on an earlier one, upstream compares `len(allErrs)`.
    pub(crate) const fn len(&self) -> usize {
        self.count
    }

    /// Whether there are no errors.
    pub(crate) const fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The errors, in order.
    #[cfg(test)]
    pub(crate) fn into_vec(self) -> Vec<FieldError> {
        self.list
    }

    /// The errors, in order, and the ledger with what is beyond them.
    pub(crate) fn into_parts(self) -> (Vec<FieldError>, Ledger) {
        (self.list, self.ledger)
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

    fn add(&mut self, kind: ErrorKind, path: &Path<'_>, value: BadValue<'_>, detail: Cow<'static, str>) {
        self.push(kind, path, value, detail);
    }

    /// Adds an error; returns it if it is in the list.
    fn push(
        &mut self,
        kind: ErrorKind,
        path: &Path<'_>,
        value: BadValue<'_>,
        detail: Cow<'static, str>,
    ) -> Option<&mut FieldError> {
        self.count = self.count.saturating_add(1);
        let path = path.to_field_path();
        if self.followers.as_ref().is_some_and(|followers| {
            followers.holes.contain(path.segments())
                || kind == ErrorKind::Required && followers.misspelt.contains(&path)
        }) {
            return None;
        }
        let value = value.printed();
        if !self.ledger.takes(kind.rule()) && !self.admits(kind, &path, value.as_deref(), &detail) {
            return None;
        }
        self.list.push(FieldError { kind, path, value, detail, supported: Vec::new(), origin: None });
        self.list.last_mut()
    }

    /// Whether an error is made in full that may be only counted. One that equals another counts once.
    fn admits(&mut self, kind: ErrorKind, path: &FieldPath, value: Option<&str>, detail: &str) -> bool {
        let list = &self.list;
        let identities = self.identities.get_or_insert_with(|| {
            let mut identities = Box::<Identities>::default();
            for error in list {
                identities.insert(error.kind, &error.path, error.value.as_deref(), &error.detail);
            }
            identities
        });
        if !identities.insert(kind, path, value, detail) {
            return false;
        }
        let whole;
        let message = if detail.is_empty() {
            whole = body(kind, value, detail);
            &whole
        } else {
            detail
        };
        self.ledger.is_new_and_has_room(kind.rule(), &path.to_string(), message)
    }

    /// Upstream: `field.NotFound`.
    pub(crate) fn not_found<'v>(&mut self, path: &Path<'_>, value: impl Into<BadValue<'v>>) {
        self.add(ErrorKind::NotFound, path, value.into(), Cow::Borrowed(""));
    }

    /// A reference to something that does not exist, with a reason. Upstream: `field.NotFound` with a `Detail`.
    pub(crate) fn not_found_because<'v>(
        &mut self,
        path: &Path<'_>,
        value: impl Into<BadValue<'v>>,
        detail: impl Into<Cow<'static, str>>,
    ) {
        self.add(ErrorKind::NotFound, path, value.into(), detail.into());
    }

    /// Upstream: `field.Required`.
    pub(crate) fn required(&mut self, path: &Path<'_>, detail: impl Into<Cow<'static, str>>) {
        self.add(ErrorKind::Required, path, BadValue::Omitted, detail.into());
    }

    /// Upstream: `field.Duplicate`.
    pub(crate) fn duplicate<'v>(&mut self, path: &Path<'_>, value: impl Into<BadValue<'v>>) {
        self.add(ErrorKind::Duplicate, path, value.into(), Cow::Borrowed(""));
    }

    /// Upstream: `field.Invalid`.
    pub(crate) fn invalid<'v>(
        &mut self,
        path: &Path<'_>,
        value: impl Into<BadValue<'v>>,
        detail: impl Into<Cow<'static, str>>,
    ) {
        self.add(ErrorKind::Invalid, path, value.into(), detail.into());
    }

    /// An invalid value, with the check that found it. Upstream: `field.Invalid`.
    pub(crate) fn invalid_by<'v>(
        &mut self,
        origin: impl Into<Option<Origin>>,
        path: &Path<'_>,
        value: impl Into<BadValue<'v>>,
        detail: impl Into<Cow<'static, str>>,
    ) {
        if let Some(error) = self.push(ErrorKind::Invalid, path, value.into(), detail.into()) {
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
        if let Some(error) = self.push(ErrorKind::NotSupported, path, value.into(), detail) {
            error.supported = supported.iter().map(|value| (*value).to_owned()).collect();
        }
    }

    /// Upstream: `field.Forbidden`.
    pub(crate) fn forbidden(&mut self, path: &Path<'_>, detail: impl Into<Cow<'static, str>>) {
        self.add(ErrorKind::Forbidden, path, BadValue::Omitted, detail.into());
    }

    /// Upstream: `field.TooLong`; `max` in bytes.
    pub(crate) fn too_long(&mut self, path: &Path<'_>, max: usize) {
        let unit = if max == 1 { "byte" } else { "bytes" };
        self.add(
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
        self.add(ErrorKind::TooMany, path, actual, format!("must have at most {max} {unit}").into());
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
