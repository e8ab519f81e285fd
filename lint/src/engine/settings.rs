//! What a configuration sets for a file.

use std::collections::BTreeMap;

use daemonset_validation::Severity;
use daemonset_validation::levels::Level;
use daemonset_validation::rules::Levels;

/// What a configuration sets for a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// The levels that are set, by the id of their rule.
    set: BTreeMap<&'static str, Level>,
    /// The level of each rule.
    levels: Levels,
    /// The lowest severity that makes the file fail, where it is set.
    pub fail_on: Option<Severity>,
}

impl Settings {
    /// These levels, and each other rule at its own level.
    pub fn new(set: BTreeMap<&'static str, Level>, fail_on: Option<Severity>) -> Self {
        let levels = Levels::by(|rule| set.get(rule.id).copied().unwrap_or(rule.level));
        Self { set, levels, fail_on }
    }

    /// The level of each rule.
    pub const fn levels(&self) -> &Levels {
        &self.levels
    }

    /// The level that is set for a rule. It holds for all of the rule's findings, also where the rule itself gives some of them another one.
    pub fn set(&self, rule: &str) -> Option<Level> {
        self.set.get(rule).copied()
    }
}
