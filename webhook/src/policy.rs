//! The level of each rule: whether its findings deny the request, are warnings in the response, or are not looked for.

use std::collections::HashMap;

use daemonset_validation::levels::{AdmissionLevel, Level};
use daemonset_validation::rules::{self as engine, Check};

use crate::config::{Config, rules};

/// The levels of a configuration, looked up once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Levels {
    by_rule: HashMap<&'static str, AdmissionLevel>,
    /// What the engine checks.
    engine: engine::Levels,
    validation: bool,
    strict: bool,
    object: bool,
    placement: bool,
}

/// The rules whose findings only the strict decoder makes, and the server's own warnings.
const STRICT: &[&str] = &["api/unknown-field", "api/warning"];

impl Levels {
    /// The levels of a configuration.
    pub fn new(config: &Config) -> Self {
        let by_rule: HashMap<_, _> = rules::all().map(|(rule, _)| (rule.id, config.level(rule.id))).collect();
        let on = |id: &str| by_rule.get(id).is_some_and(|level| *level != AdmissionLevel::Off);
        let any =
            |wanted: fn(&Check) -> bool| rules::all().any(|(rule, _)| wanted(&rule.check) && on(rule.id));
        // The configuration decides what is denied, so the engine only has to know what is checked at all.
        let engine = engine::Levels::by(|rule| if on(rule.id) { Level::Warning } else { Level::Off });
        Self {
            validation: any(|check| matches!(check, Check::Server)),
            strict: STRICT.iter().any(|id| on(id)),
            object: any(|check| matches!(check, Check::Object(_))),
            placement: any(|check| matches!(check, Check::Peers(_) | Check::Preview(_) | Check::Snapshot(_))),
            engine,
            by_rule,
        }
    }

    /// The level of the rule `id`.
    pub fn of(&self, id: &str) -> AdmissionLevel {
        self.by_rule.get(id).copied().unwrap_or(AdmissionLevel::Warn)
    }

    /// The levels for the engine: what is off is not checked.
    pub const fn engine(&self) -> &engine::Levels {
        &self.engine
    }

    /// Whether any rule of the API server's validation is on.
    pub const fn ask_validation(&self) -> bool {
        self.validation
    }

    /// Whether a rule is on that needs the strict decoder or the server's own warnings.
    pub const fn ask_strict(&self) -> bool {
        self.strict
    }

    /// Whether a rule about one object is on.
    pub const fn ask_object(&self) -> bool {
        self.object
    }

    /// Whether a rule is on that needs the cluster.
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

    fn levels(of: &[(&str, AdmissionLevel)]) -> Levels {
        let levels = of.iter().map(|(rule, level)| ((*rule).to_owned(), *level)).collect();
        Levels::new(&Config { levels, ..Config::default() })
    }

    #[test]
    fn nothing_is_denied_by_default() {
        let default = Levels::default();
        assert!(rules::all().all(|(rule, _)| default.of(rule.id) != AdmissionLevel::Deny));
        assert!(default.ask_validation() && default.ask_placement());
        assert!(!default.ask_strict() && !default.ask_object());
    }

    #[test]
    fn what_is_off_is_not_asked() {
        let off = AdmissionLevel::Off;
        assert!(!levels(&[("api/*", off)]).ask_validation());
        assert!(levels(&[("api/*", off), ("api/required", AdmissionLevel::Deny)]).ask_validation());
        assert!(levels(&[("api/unknown-field", AdmissionLevel::Warn)]).ask_strict());
        assert!(levels(&[("rollout-host-port-surge", AdmissionLevel::Warn)]).ask_object());
        let all: Vec<_> = rules::all().map(|(rule, _)| (rule.id, off)).collect();
        assert!(!levels(&all).ask_placement());
    }
}
