//! The rule `pods-not-read`. Its page is `pods_not_read.md`.

use super::{pod_spec, rule};
use crate::facts::Facts;
use crate::levels::{AdmissionLevel, Level};
use crate::placement::Kind;
use crate::rules::{Check, Findings, Previewed, Rule};

pub(in crate::rules) static RULE: Rule = rule(
    "pods-not-read",
    (Level::Info, AdmissionLevel::Off),
    ("the snapshot has no pods, so nodes count as empty", include_str!("pods_not_read.md")),
    Check::Snapshot(check),
);

fn check(previewed: &Previewed<'_>, findings: &mut Findings) {
    if previewed.snapshot.has(Kind::Pod) {
        return;
    }
    let why = match previewed.snapshot.refusal(Kind::Pod) {
        Some(why) => format!("pods could not be read ({why})"),
        None => "no pods were read".to_owned(),
    };
    let message = format!("{why}, so what other pods use and hold on a node is not counted");
    findings.push(RULE.finding(pod_spec(), message).facts(Facts::Cluster));
}
