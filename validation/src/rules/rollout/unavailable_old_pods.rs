//! The rule `rollout-unavailable-old-pods`. Its page is `unavailable_old_pods.md`.

use super::{rolling, rolling_update, rule};
use crate::facts::Facts;
use crate::levels::Level;
use crate::rules::{Check, Findings, Previewed, Rule};
use crate::words::count::counted;

pub(in crate::rules) static RULE: Rule = rule(
    "rollout-unavailable-old-pods",
    Level::Info,
    ("old pods that are not ready are replaced first", include_str!("unavailable_old_pods.md")),
    Check::Preview(check),
);

fn check(previewed: &Previewed<'_>, findings: &mut Findings) {
    let Some(rollout) = rolling(previewed).filter(|rollout| rollout.old_unavailable > 0) else { return };
    let (unavailable, limits) = (rollout.old_unavailable, &rollout.limits);
    let counting = if limits.max_surge > 0 {
        ", whatever maxSurge is".to_owned()
    } else {
        let max = limits.max_unavailable;
        let count = if unavailable == 1 { "counts" } else { "count" };
        let before = if unavailable >= max { ", so no healthy pod is replaced before" } else { "" };
        format!(" and {count} towards maxUnavailable, which is {max}{before}")
    };
    let are = if unavailable == 1 { "is" } else { "are" };
    let message = format!("{} {are} not ready: replaced first{counting}", counted(unavailable, "old pod"));
    findings.push(RULE.finding(rolling_update(), message).facts(Facts::Whole));
}
