//! The rule `rollout-on-delete`. Its page is `on_delete.md`.

use super::rule;
use crate::levels::Level;
use crate::path::FieldPath;
use crate::placement::rollout::Course;
use crate::rules::{Check, Findings, Previewed, Rule};
use crate::words::count::counted;

pub(in crate::rules) static RULE: Rule = rule(
    "rollout-on-delete",
    Level::Info,
    ("an update replaces no pod until someone deletes it", include_str!("on_delete.md")),
    Check::Preview(check),
);

fn check(previewed: &Previewed<'_>, findings: &mut Findings) {
    let Some(rollout) = previewed.preview.rollout.as_ref() else { return };
    if matches!(rollout.course, Course::OnDelete) {
        let old = rollout.old;
        let message = if rollout.ended.is_empty() {
            format!(
                "the strategy is OnDelete: nothing changes until someone deletes the {}",
                counted(old, "old pod")
            )
        } else {
            let stay = if old == 1 { "stays" } else { "stay" };
            format!(
                "the strategy is OnDelete: the other {} {stay} until someone deletes {}",
                counted(old, "old pod"),
                if old == 1 { "it" } else { "them" }
            )
        };
        findings.push(RULE.finding(FieldPath::of(&["spec", "updateStrategy", "type"]), message));
    }
}
