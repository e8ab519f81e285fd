//! What the mirror of the API server finds: a rule for each kind of error that upstream has, and one for its warnings.
//!
//! The checks are in `apiserver/`, and `help/` makes findings of what they find. Upstream:
//! `apimachinery/pkg/util/validation/field.ErrorType`.

use crate::levels::{AdmissionLevel, Level};
use crate::rules::{Check, Family, Rule};

const fn rule(id: &'static str, summary: &'static str, page: &'static str) -> Rule {
    Rule {
        id,
        level: Level::Error,
        // The API server has validated the object before it asks the webhook, perhaps with other feature gates than the mirror, so
        // a denial could only be wrong.
        admission: Some(AdmissionLevel::Warn),
        family: Family::Api,
        since: "0.1.0",
        summary,
        page,
        check: Check::Server,
    }
}

pub(super) static DECODE: Rule =
    rule("api/decode", "a value has a type that the API server does not read", include_str!("decode.md"));

pub(super) static DUPLICATE: Rule =
    rule("api/duplicate", "a value that must be unique occurs twice in a list", include_str!("duplicate.md"));

pub(super) static DUPLICATE_KEY: Rule =
    rule("api/duplicate-key", "a key occurs twice in one mapping", include_str!("duplicate_key.md"));

pub(super) static FORBIDDEN: Rule =
    rule("api/forbidden", "a field is set that may not be set here", include_str!("forbidden.md"));

pub(super) static INTERNAL: Rule = rule(
    "api/internal",
    "the API server's validation fails with an internal error",
    include_str!("internal.md"),
);

pub(super) static INVALID: Rule = rule("api/invalid", "a value is malformed", include_str!("invalid.md"));

/// The API server finds the namespace before it asks the webhook.
pub(super) static NAMESPACE: Rule = Rule {
    admission: Some(AdmissionLevel::Off),
    ..rule(
        "api/namespace",
        "the namespace is absent or being deleted, so the API server refuses the object",
        include_str!("namespace.md"),
    )
};

pub(super) static NOT_FOUND: Rule = rule(
    "api/not-found",
    "a value names something that the object does not have",
    include_str!("not_found.md"),
);

pub(super) static NOT_SUPPORTED: Rule =
    rule("api/not-supported", "a value is not one of the allowed values", include_str!("not_supported.md"));

pub(super) static REQUIRED: Rule =
    rule("api/required", "a required field is missing", include_str!("required.md"));

pub(super) static TOO_LONG: Rule = rule("api/too-long", "a value is too long", include_str!("too_long.md"));

pub(super) static TOO_MANY: Rule =
    rule("api/too-many", "a list has too many items", include_str!("too_many.md"));

pub(super) static TYPE_INVALID: Rule =
    rule("api/type-invalid", "a value is of the wrong type for its field", include_str!("type_invalid.md"));

/// The API server reports unknown fields itself, so the webhook does not.
pub(super) static UNKNOWN_FIELD: Rule = Rule {
    admission: Some(AdmissionLevel::Off),
    ..rule("api/unknown-field", "a field that the API does not have", include_str!("unknown_field.md"))
};

pub(super) static UNKNOWN_KIND: Rule =
    rule("api/unknown-kind", "the object is not a DaemonSet of apps/v1", include_str!("unknown_kind.md"));

/// The API server reports its warnings itself, so the webhook does not.
pub(super) static WARNING: Rule = Rule {
    level: Level::Warning,
    admission: Some(AdmissionLevel::Off),
    ..rule("api/warning", "the API server accepts the object with a warning", include_str!("warning.md"))
};
