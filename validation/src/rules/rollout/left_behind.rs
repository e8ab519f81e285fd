//! The rule `left-behind`. Its page is `left_behind.md`.

use crate::levels::Level;
use crate::rules::{Check, Family, Rule};

/// The command makes its findings, which are about the texts of `--against`.
pub(in crate::rules) static RULE: Rule = Rule {
    id: "left-behind",
    level: Level::Warning,
    admission: None,
    family: Family::Rollout,
    since: "0.1.0",
    summary: "a DaemonSet of the old files is not in the new ones, so it stays in the cluster",
    page: include_str!("left_behind.md"),
    check: Check::Reader,
};
