//! The rule `rollout-min-ready-seconds`. Its page is `min_ready_seconds.md`.

use super::{rolling, rule};
use crate::facts::Facts;
use crate::levels::Level;
use crate::path::FieldPath;
use crate::placement::rollout::Course;
use crate::rules::{Check, Findings, Previewed, Rule};

pub(in crate::rules) static RULE: Rule = rule(
    "rollout-min-ready-seconds",
    Level::Info,
    ("`minReadySeconds` sets how long a rollout takes at the least", include_str!("min_ready_seconds.md")),
    Check::Preview(check),
);

fn check(previewed: &Previewed<'_>, findings: &mut Findings) {
    let Some(Course::Rolling { waves: (fewest, _), .. }) = rolling(previewed).map(|rollout| &rollout.course)
    else {
        return;
    };
    let seconds = previewed.daemon_set.spec.min_ready_seconds.unwrap_or(0);
    let seconds = usize::try_from(seconds).unwrap_or(0);
    if seconds > 0 {
        let least = seconds.saturating_mul(*fewest);
        let message = format!(
            "each pod must be ready for {seconds} s before it counts as available, so the rollout takes {least} s or more"
        );
        findings.push(RULE.finding(FieldPath::of(&["spec", "minReadySeconds"]), message).facts(Facts::Whole));
    }
}
