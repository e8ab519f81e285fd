//! The rule `no-priority-class`. Its page is `no_priority_class.md`.

use super::{pod_spec, rule, waits_for_resources};
use crate::facts::Facts;
use crate::levels::{AdmissionLevel, Level};
use crate::placement::Kind;
use crate::rules::{Check, Findings, Previewed, Rule};

pub(in crate::rules) static RULE: Rule = rule(
    "no-priority-class",
    (Level::Info, AdmissionLevel::Off),
    (
        "pods wait for resources, and have no priority class that could make room",
        include_str!("no_priority_class.md"),
    ),
    Check::Preview(check),
);

fn check(previewed: &Previewed<'_>, findings: &mut Findings) {
    let spec = previewed.daemon_set.spec.template.spec.as_ref();
    let unnamed =
        spec.and_then(|spec| spec.priority_class_name.as_deref()).is_none_or(|name| name.is_empty());
    // A default class of the cluster, or pods of negative priority, may make room all the same.
    let plain = previewed.preview.priority.is_some_and(|priority| priority.value <= 0);
    if unnamed
        && plain
        && previewed.snapshot.has(Kind::PriorityClass)
        && previewed.preview.verdicts.iter().all(|node| node.preemption.is_none())
        && waits_for_resources(previewed)
    {
        let message =
            "without `priorityClassName` its pods cannot preempt less important pods where room is short";
        let help = "agents that every node needs often use `system-node-critical`";
        let finding = RULE.finding(pod_spec().field("priorityClassName"), message).help(help);
        findings.push(finding.facts(Facts::Whole));
    }
}
