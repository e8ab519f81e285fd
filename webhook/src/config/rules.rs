//! The rules that the webhook knows, each with the level that it has when the config file says nothing.

use super::level::Level;

/// The key in `levels` that stands for all rules of the API server's own validation.
pub const API_RULES: &str = "api/*";

/// A rule of the webhook.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// The id in findings, in `levels` and in the metrics.
    pub id: &'static str,
    /// The level without a word in the config file.
    pub default: Level,
    /// What it finds, in one line.
    pub summary: &'static str,
}

const fn rule(id: &'static str, default: Level, summary: &'static str) -> Rule {
    Rule { id, default, summary }
}

/// All rules, sorted by id: a closed set, so metrics by rule are bounded.
///
/// No rule of the API server denies by default: the server has validated the object before it asks us, perhaps with other
/// feature gates than ours, so a denial of ours could only be wrong.
pub static RULES: &[Rule] = &[
    rule("api/decode", Level::Warn, "A value has a type that the API server does not read."),
    rule("api/duplicate", Level::Warn, "A value that must be unique stands twice in a list."),
    rule("api/duplicate-key", Level::Warn, "A key stands twice in one mapping."),
    rule("api/forbidden", Level::Warn, "A field is set that may not be set here."),
    rule("api/internal", Level::Warn, "The API server's validation fails by itself."),
    rule("api/invalid", Level::Warn, "A value is malformed."),
    rule("api/not-found", Level::Warn, "A value names something that the object does not have."),
    rule("api/not-supported", Level::Warn, "A value is none of the allowed ones."),
    rule("api/required", Level::Warn, "A field that must be set is missing."),
    rule("api/too-long", Level::Warn, "A value is too long."),
    rule("api/too-many", Level::Warn, "A list has too many items."),
    rule("api/type-invalid", Level::Warn, "A value is of the wrong type for its field."),
    rule("api/unknown-field", Level::Off, "A field that the API does not have; the server itself says it."),
    rule("api/unknown-kind", Level::Warn, "The object is not a DaemonSet of apps/v1."),
    rule("api/warning", Level::Off, "What the API server itself warns about."),
    rule(
        "host-port-clash",
        Level::Warn,
        "Another DaemonSet of the cluster uses the same host port on the same nodes.",
    ),
    rule("lands-nowhere", Level::Warn, "The DaemonSet would run on no node of the cluster."),
    rule(
        "overlapping-selectors",
        Level::Warn,
        "Another DaemonSet of the namespace selects the same pods; both would fight over them.",
    ),
    rule(
        "placement-unknown",
        Level::Warn,
        "Where the DaemonSet would run is not known: the webhook does not see the cluster yet.",
    ),
    rule("skips-nodes", Level::Warn, "The DaemonSet would not run on some nodes; says which, and why."),
];

/// The rule of an id.
pub fn find(id: &str) -> Option<&'static Rule> {
    position(id).and_then(|index| RULES.get(index))
}

/// The rule's place in [`RULES`].
pub(crate) fn position(id: &str) -> Option<usize> {
    RULES.binary_search_by(|rule| rule.id.cmp(id)).ok()
}

/// Every key that `levels` may have: the rules' ids and [`API_RULES`], sorted.
pub fn keys() -> impl Iterator<Item = &'static str> {
    std::iter::once(API_RULES).chain(RULES.iter().map(|rule| rule.id))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_list_is_sorted_and_found() {
        assert!(RULES.is_sorted_by(|one, other| one.id < other.id));
        assert!(keys().is_sorted());
        assert!(RULES.iter().all(|rule| find(rule.id).is_some_and(|found| found.id == rule.id)));
        assert!(find("api/*").is_none() && find("").is_none());
        assert!(RULES.iter().all(|rule| rule.summary.ends_with('.')));
    }

    /// Every id that the validation crate can say is in the list, and no other `api/` id is.
    #[test]
    fn the_list_knows_what_the_engine_says() {
        let source = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../validation/src");
        let mut said: BTreeSet<String> =
            daemonset_validation::rules::RULES.iter().map(|rule| rule.id.to_owned()).collect();
        let mut pending = vec![source.join("help"), source.join("check.rs")];
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
        let known: BTreeSet<String> = RULES.iter().map(|rule| rule.id.to_owned()).collect();
        let unknown: Vec<_> = said.difference(&known).collect();
        assert!(unknown.is_empty(), "the list lacks {unknown:?}");
        let unsaid: Vec<_> = known.difference(&said).filter(|id| id.starts_with("api/")).collect();
        assert!(unsaid.is_empty(), "nothing says {unsaid:?}");
    }
}
