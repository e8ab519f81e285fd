//! The rule `stored-invalid`. Its page is `stored_invalid.md`.

use crate::levels::Level;
use crate::rules::{Check, Family, Rule};

/// The command makes its findings, which are about the texts of `--against`.
pub(in crate::rules) static RULE: Rule = Rule {
    id: "stored-invalid",
    level: Level::Warning,
    admission: None,
    family: Family::Rollout,
    since: "0.1.0",
    summary: "no server holds the object that is given as the stored one",
    page: include_str!("stored_invalid.md"),
    check: Check::Reader,
};
