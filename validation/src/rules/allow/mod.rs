//! What a reader of files finds in comments and annotations that allow findings. The reader is in the command; a webhook allows nothing.

use crate::levels::Level;
use crate::rules::{Check, Family, Rule};

const fn rule(id: &'static str, summary: &'static str, page: &'static str) -> Rule {
    Rule {
        id,
        level: Level::Warning,
        admission: None,
        family: Family::Allow,
        since: "0.1.0",
        summary,
        page,
        check: Check::Reader,
    }
}

pub(super) static ALLOW_WITHOUT_REASON: Rule = rule(
    "allow-without-reason",
    "a comment or annotation allows a finding and does not say why",
    include_str!("allow_without_reason.md"),
);

pub(super) static INVALID_ALLOW: Rule = rule(
    "invalid-allow",
    "a comment or annotation names a rule that does not exist or cannot be allowed",
    include_str!("invalid_allow.md"),
);

pub(super) static UNUSED_ALLOW: Rule = rule(
    "unused-allow",
    "a comment or annotation allows a finding that there is not",
    include_str!("unused_allow.md"),
);
