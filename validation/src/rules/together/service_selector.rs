//! The rule `service-selector`. Its page is `service_selector.md`.

use super::{MOST, is_placeholder, rule, template_labels};
use crate::levels::Level;
use crate::peers::labels::CompactLabels;
use crate::rules::{PeerFindings, Rule};
use crate::together::{Companion, Together, What};

pub(in crate::rules) static RULE: Rule = rule(
    "service-selector",
    Level::Warning,
    (
        "the selector of a Service of the files misses the pods by one misspelt label",
        include_str!("service_selector.md"),
    ),
    check,
);

fn check(together: &Together<'_>, findings: &mut PeerFindings) {
    for (place, member) in together.members() {
        let peer = member.peer;
        let here = |one: &&&Companion| *one.namespace == *peer.namespace;
        let services = together.beside(place).iter().filter(here);
        let found = services.filter_map(|one| {
            let What::Service { selector, .. } = &one.what else { return None };
            let (key, wanted, actual) = only_difference(selector, &peer.labels)?;
            (!selects_some(together, place, selector)).then_some((one, key, wanted, actual))
        });
        for (one, key, wanted, actual) in found.take(MOST) {
            let message = format!(
                "{} selects `{key}: {wanted}`, which no pod of the files has; these pods have `{actual}`, so it has no endpoints",
                one.shown()
            );
            let help = format!("write `{key}: {actual}` in the selector of the Service");
            findings.push(place, RULE.finding(template_labels().key(key), message).help(help));
        }
    }
}

/// The label by which the selector misses the pods, if it is one whose value is misspelt: its key, what is wanted, and what the pods have.
fn only_difference<'l>(
    selector: &'l CompactLabels,
    labels: &'l CompactLabels,
) -> Option<(&'l str, &'l str, &'l str)> {
    let mut differing = selector.iter().filter(|(key, value)| labels.get(key) != Some(value));
    let (key, wanted) = differing.next()?;
    if differing.next().is_some() {
        return None;
    }
    let actual = labels.get(key)?;
    let (few, many) = (wanted.len().min(actual.len()), wanted.len().max(actual.len()));
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    let is_near = few >= 5
        && many < 64
        && digits(wanted) == digits(actual)
        && strsim::damerau_levenshtein(&wanted.to_lowercase(), &actual.to_lowercase())
            <= if few >= 10 { 2 } else { 1 };
    (is_near && !is_placeholder(wanted) && !is_placeholder(actual)).then_some((key, wanted, actual))
}

/// Whether the selector matches the pods of some workload of the files.
fn selects_some(together: &Together<'_>, place: usize, selector: &CompactLabels) -> bool {
    let matches = |labels: &CompactLabels| selector.iter().all(|(key, value)| labels.get(key) == Some(value));
    together.daemon_sets(place).any(|other| matches(&other.peer.labels))
        || together.beside(place).iter().any(|other| match &other.what {
            What::Workload { labels, .. } => matches(labels),
            _ => false,
        })
}
