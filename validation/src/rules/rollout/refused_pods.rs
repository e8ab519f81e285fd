//! The rule `rollout-refused-pods`. Its page is `refused_pods.md`.

use super::{rolling, rolling_update, rule};
use crate::facts::{Facts, NodeState};
use crate::levels::Level;
use crate::rules::{Check, Findings, Previewed, Rule};
use crate::words::count::{counted, thousands};

pub(in crate::rules) static RULE: Rule = rule(
    "rollout-refused-pods",
    Level::Info,
    ("new pods are refused: nodes stay empty, or the rollout never ends", include_str!("refused_pods.md")),
    Check::Preview(check),
);

fn check(previewed: &Previewed<'_>, findings: &mut Findings) {
    let Some(rollout) = rolling(previewed) else { return };
    let refused = &previewed.standing().refused;
    if refused.is_empty() {
        return;
    }
    let on = counted(refused.len(), "node");
    let message = if rollout.limits.max_surge > 0 {
        format!("on {on} the new pod is refused, so the old one stays and the rollout never ends")
    } else {
        let most = match rollout.limits.step().min(refused.len()) {
            1 => "a node stays".to_owned(),
            most => format!("up to {} nodes stay", thousands(most)),
        };
        format!(
            "on {on} the new pod is refused; the old pod is deleted first, so {most} without one, and then the rollout stops"
        )
    };
    let facts = Facts::Nodes(NodeState::Refused, refused.clone());
    findings.push(RULE.finding(rolling_update(), message).facts(facts));
}
