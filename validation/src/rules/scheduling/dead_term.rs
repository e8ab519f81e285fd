//! The rule `dead-term`. Its page is `dead_term.md`.

use super::{MOST, node_affinity, rule, spec, term_path, terms};
use crate::edit::Edit;
use crate::levels::Level;
use crate::matching::contradiction::never_matches;
use crate::rules::{Check, Findings, Object, Rule};
use crate::words::never;

pub(in crate::rules) static RULE: Rule = rule(
    "dead-term",
    Level::Warning,
    ("a term of the node affinity can match no node", include_str!("dead_term.md")),
    Check::Object(check),
);

const HELP: &str = "take the term out, or write what is meant";

fn check(object: &Object<'_>, findings: &mut Findings) {
    let Some(spec) = spec(object) else { return };
    let pairs = spec.node_selector.as_ref();
    let terms = terms(spec);
    let dead = terms.iter().enumerate().filter_map(|(index, term)| {
        let never = never_matches(pairs, term, index)?;
        Some((index, never::sentence(&never, term, pairs, term_path(index))))
    });
    let dead: Vec<_> = dead.collect();
    // If all are dead, `selects-no-node` says it.
    if dead.len() < terms.len() {
        for (index, (path, why)) in dead.into_iter().take(MOST) {
            let fix = vec![Edit::Remove { path: term_path(index) }];
            let message = format!("the term has no effect: {why}");
            findings.push(RULE.finding(path, message).help(HELP).fix(false, fix));
        }
    }
    let affinity = spec.affinity.as_ref().and_then(|affinity| affinity.node_affinity.as_ref());
    let preferred = affinity
        .iter()
        .flat_map(|nodes| nodes.preferred_during_scheduling_ignored_during_execution.iter().flatten());
    for (index, one) in preferred.enumerate().take(MOST) {
        let path = node_affinity().field("preferredDuringSchedulingIgnoredDuringExecution").index(index);
        if let Some(never) = never_matches(pairs, &one.preference, index) {
            let (path, why) = never::sentence(&never, &one.preference, pairs, path.field("preference"));
            findings.push(RULE.finding(path, format!("the preference has no effect: {why}")).help(HELP));
        }
    }
}
