//! What becomes of a finding: whether it refuses the request, is told, or is passed over.

use crate::config::{Config, Level, rules};
use crate::placement::{HOST_PORT_CLASH, LANDS_NOWHERE, OVERLAPPING_SELECTORS, SKIPS_NODES};

/// The configuration's levels, looked up once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Levels {
    /// In the order of [`rules::RULES`].
    by_rule: Vec<Level>,
    validation: bool,
    long_road: bool,
    placement: bool,
}

/// The rules that need a look at the cluster.
const PLACEMENT: &[&str] = &[HOST_PORT_CLASH, LANDS_NOWHERE, OVERLAPPING_SELECTORS, SKIPS_NODES];

/// The rules whose findings only the long road sees: what the strict decoder finds, and the server's own warnings.
const LONG_ROAD: &[&str] = &["api/unknown-field", "api/warning"];

impl Levels {
    /// The levels of a configuration.
    pub fn new(config: &Config) -> Self {
        let on = |rule: &str| config.level(rule) != Level::Off;
        Self {
            by_rule: rules::RULES.iter().map(|rule| config.level(rule.id)).collect(),
            validation: rules::RULES.iter().any(|rule| rule.id.starts_with("api/") && on(rule.id)),
            long_road: LONG_ROAD.iter().any(|rule| on(rule)),
            placement: PLACEMENT.iter().any(|rule| on(rule)),
        }
    }

    /// The level of a rule.
    pub fn of(&self, rule: &str) -> Level {
        rules::position(rule).and_then(|place| self.by_rule.get(place)).copied().unwrap_or(Level::Warn)
    }

    /// Whether anything of what validation could say is asked for.
    pub const fn ask_validation(&self) -> bool {
        self.validation
    }

    /// Whether something is asked for that only the long road sees: what the strict decoder finds, and the server's own warnings.
    pub const fn ask_long_road(&self) -> bool {
        self.long_road
    }

    /// Whether anything of what placement could say is asked for.
    pub const fn ask_placement(&self) -> bool {
        self.placement
    }
}

impl Default for Levels {
    fn default() -> Self {
        Self::new(&Config::default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn levels(of: &[(&str, Level)]) -> Levels {
        let levels = of.iter().map(|(rule, level)| ((*rule).to_owned(), *level)).collect();
        Levels::new(&Config { levels, ..Config::default() })
    }

    #[test]
    fn nothing_is_refused_by_default() {
        let default = Levels::default();
        assert!(rules::RULES.iter().all(|rule| default.of(rule.id) != Level::Deny));
        assert!(default.ask_validation() && default.ask_placement() && !default.ask_long_road());
    }

    #[test]
    fn what_is_off_is_not_asked() {
        assert!(!levels(&[("api/*", Level::Off)]).ask_validation());
        assert!(levels(&[("api/*", Level::Off), ("api/required", Level::Deny)]).ask_validation());
        assert!(levels(&[("api/unknown-field", Level::Warn)]).ask_long_road());
        let all: Vec<_> = PLACEMENT.iter().map(|rule| (*rule, Level::Off)).collect();
        assert!(!levels(&all).ask_placement());
    }
}
