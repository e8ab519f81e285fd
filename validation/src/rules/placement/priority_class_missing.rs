//! The rule `priority-class-missing`. Its page is `priority_class_missing.md`.

use super::{pod_spec, rule};
use crate::levels::{AdmissionLevel, Level};
use crate::placement::Kind;
use crate::rules::{Check, Findings, Previewed, Rule};

pub(in crate::rules) static RULE: Rule = rule(
    "priority-class-missing",
    (Level::Warning, AdmissionLevel::Off),
    ("the cluster lacks the priority class of the pods", include_str!("priority_class_missing.md")),
    Check::Preview(check),
);

fn check(previewed: &Previewed<'_>, findings: &mut Findings) {
    let spec = previewed.daemon_set.spec.template.spec.as_ref();
    let name = spec.and_then(|spec| spec.priority_class_name.as_deref()).filter(|name| !name.is_empty());
    let Some(name) = name else { return };
    if previewed.snapshot.has(Kind::PriorityClass) && previewed.preview.priority.is_none() {
        let message = format!("admission refuses its pods: the cluster has no PriorityClass `{name}`");
        let help = "create the class first, or name one that exists";
        findings.push(RULE.finding(pod_spec().field("priorityClassName"), message).help(help));
    }
}
