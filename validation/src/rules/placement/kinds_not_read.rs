//! The rule `kinds-not-read`. Its page is `kinds_not_read.md`.

use super::{pod_spec, rule};
use crate::facts::Facts;
use crate::levels::{AdmissionLevel, Level};
use crate::placement::Kind;
use crate::rules::{Check, Findings, Previewed, Rule};

pub(in crate::rules) static RULE: Rule = rule(
    "kinds-not-read",
    (Level::Info, AdmissionLevel::Off),
    ("some kinds of objects of the cluster could not be read", include_str!("kinds_not_read.md")),
    Check::Snapshot(check),
);

fn check(previewed: &Previewed<'_>, findings: &mut Findings) {
    let refusals = previewed.snapshot.refusals().iter().map(|(kind, _)| *kind);
    // The rule `pods-not-read` reports pods.
    let mut kinds: Vec<Kind> = refusals.filter(|kind| *kind != Kind::Pod).collect();
    kinds.sort_unstable();
    if !kinds.is_empty() {
        let kinds: Vec<&str> = kinds.into_iter().map(Kind::plural).collect();
        let message = format!(
            "{} could not be read; where the answer depends on them, it is unknown",
            kinds.join(", ")
        );
        findings.push(RULE.finding(pod_spec(), message).facts(Facts::Cluster));
    }
}
