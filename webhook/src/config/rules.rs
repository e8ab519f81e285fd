//! The rules that the webhook checks: those of [`daemonset_validation::rules`] that have a level for admission.

use daemonset_validation::levels::AdmissionLevel;
pub use daemonset_validation::rules::Rule;
use daemonset_validation::rules::{self, RULES};

/// The key in `levels` that stands for all rules of the API server's own validation.
pub const API_RULES: &str = "api/*";

/// The rules with their levels where the configuration names none, sorted by id: a closed set, so metrics by rule are bounded.
pub fn all() -> impl Iterator<Item = (&'static Rule, AdmissionLevel)> {
    RULES.iter().filter_map(|rule| Some((*rule, rule.admission?)))
}

/// The level of the rule `id` where the configuration names none; `None` where the webhook has no such rule.
pub fn default_level(id: &str) -> Option<AdmissionLevel> {
    rules::find(id)?.admission
}

/// Every key that `levels` may have: [`API_RULES`] and the ids of the rules, sorted.
pub fn keys() -> impl Iterator<Item = &'static str> {
    let mut keys: Vec<&'static str> =
        std::iter::once(API_RULES).chain(all().map(|(rule, _)| rule.id)).collect();
    keys.sort_unstable();
    keys.into_iter()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn nothing_is_denied_by_default() {
        assert!(all().all(|(_, level)| level != AdmissionLevel::Deny));
        assert!(default_level("api/*").is_none() && default_level("file/syntax").is_none());
        assert!(keys().is_sorted());
    }

    /// Every `api/` id that the engine can report is in the list, and the list has no other.
    #[test]
    fn the_list_has_every_id_of_the_engine() {
        let source = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../validation/src");
        let mut said = BTreeSet::new();
        let mut pending: Vec<_> = ["help", "check.rs", "apiserver/error.rs", "rules/creation.rs"]
            .map(|path| source.join(path))
            .into();
        while let Some(path) = pending.pop() {
            if path.is_dir() {
                pending.extend(std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()));
                continue;
            }
            let text = std::fs::read_to_string(path).unwrap();
            said.extend(text.split("\"api/").skip(1).filter_map(|rest| {
                let (name, _) = rest.split_once('"')?;
                Some(format!("api/{name}"))
            }));
        }
        let known: BTreeSet<String> =
            all().map(|(rule, _)| rule.id.to_owned()).filter(|id| id.starts_with("api/")).collect();
        assert_eq!(said, known);
    }
}
