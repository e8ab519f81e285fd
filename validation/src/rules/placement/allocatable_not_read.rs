//! The rule `allocatable-not-read`. Its page is `allocatable_not_read.md`.

use super::{pod_spec, rule};
use crate::facts::Facts;
use crate::levels::{AdmissionLevel, Level};
use crate::rules::{Check, Findings, Previewed, Rule};

pub(in crate::rules) static RULE: Rule = rule(
    "allocatable-not-read",
    (Level::Info, AdmissionLevel::Off),
    ("no node of the snapshot says what it has to give", include_str!("allocatable_not_read.md")),
    Check::Snapshot(check),
);

fn check(previewed: &Previewed<'_>, findings: &mut Findings) {
    let nodes = previewed.snapshot.nodes();
    if !nodes.iter().any(|node| node.allocatable.is_some()) {
        let message = "no node has `status.allocatable`, so requests are not compared with it";
        findings.push(RULE.finding(pod_spec(), message).facts(Facts::Cluster));
    }
}
