//! The keys of a configuration of levels: the id of a rule, or a pattern for the rules of a family, such as `placement/*`.

use super::list::{RULES, find};
use super::rule::{Family, Rule};
use crate::levels::Level;

/// What a key names.
#[derive(Clone, Copy, Debug)]
pub enum RuleKey {
    /// One rule.
    Rule(&'static Rule),
    /// The rules of a family.
    Family(Family),
}

impl RuleKey {
    /// What the key names; `None` where there is no such rule or family.
    pub fn parse(key: &str) -> Option<Self> {
        let family = Family::ALL.into_iter().find(|family| family.pattern() == key);
        family.map(Self::Family).or_else(|| find(key).map(Self::Rule))
    }

    /// Whether a level for this key holds for the rule. A pattern does not turn on a rule that is off by default.
    pub fn covers(self, rule: &Rule) -> bool {
        match self {
            Self::Rule(one) => std::ptr::eq(one, rule),
            Self::Family(family) => family == rule.family && rule.level != Level::Off,
        }
    }

    /// Every key: the patterns, then the ids of the rules, each sorted.
    pub fn all() -> impl Iterator<Item = String> {
        let patterns = Family::ALL.into_iter().map(Family::pattern);
        patterns.chain(RULES.iter().map(|rule| rule.id.to_owned()))
    }
}

impl Family {
    /// The pattern that stands for its rules.
    pub fn pattern(self) -> String {
        format!("{}/*", self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_name_rules_and_families() {
        let covered = |key: &str| {
            let key = RuleKey::parse(key);
            RULES.iter().filter(|rule| key.is_some_and(|key| key.covers(rule))).count()
        };
        assert_eq!([covered("on-delete"), covered("rollout-on-delete"), covered("")], [0, 1, 0]);
        assert!(covered("peers/*") >= 4 && covered("*") == 0 && covered("peers") == 0);
        // Some rules of the family are off by default.
        let placement = RULES.iter().filter(|rule| rule.family == Family::Placement).count();
        assert!(covered("placement/*") > 0 && covered("placement/*") <= placement);
        assert!(RuleKey::all().all(|key| RuleKey::parse(&key).is_some()));
    }
}
