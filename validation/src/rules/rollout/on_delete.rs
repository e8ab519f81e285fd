//! The rule `rollout-on-delete`. Its page is `on_delete.md`.

use super::rule;
use crate::facts::Facts;
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
            let (stay, them) = if old == 1 { ("stays", "it") } else { ("stay", "them") };
            format!(
                "the strategy is OnDelete: {} {stay} until someone deletes {them}",
                counted(old, "other old pod")
            )
        };
        findings.push(
            RULE.finding(FieldPath::of(&["spec", "updateStrategy", "type"]), message).facts(Facts::Whole),
        );
    }
}
