//! The level of each rule.

use super::list::{RULES, position};
use super::rule::Rule;
use crate::levels::Level;

/// The level of each rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Levels {
    /// In the order of [`RULES`].
    by_rule: Vec<Level>,
}

impl Default for Levels {
    /// Each rule at its own level.
    fn default() -> Self {
        Self::by(|rule| rule.level)
    }
}

impl Levels {
    /// The level that `level` gives each rule.
    pub fn by(level: impl Fn(&Rule) -> Level) -> Self {
        Self { by_rule: RULES.iter().map(|rule| level(rule)).collect() }
    }

    /// The level of the rule `id`; [`Level::Off`] where there is no such rule.
    pub fn of(&self, id: &str) -> Level {
        position(id).and_then(|place| self.by_rule.get(place)).copied().unwrap_or(Level::Off)
    }

    /// Each rule with its level, in the order of [`RULES`].
    pub fn iter(&self) -> impl Iterator<Item = (&'static Rule, Level)> + '_ {
        RULES.iter().copied().zip(self.by_rule.iter().copied())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_has_the_level_that_it_is_given() {
        let levels = Levels::by(|rule| if rule.id == "lands-nowhere" { Level::Error } else { Level::Off });
        assert_eq!(levels.of("lands-nowhere"), Level::Error);
        assert_eq!(levels.of("overlapping-selectors"), Level::Off);
        assert_eq!(levels.of("no-such-rule"), Level::Off);
        assert_eq!(Levels::default().of("overlapping-selectors"), Level::Warning);
    }
}
