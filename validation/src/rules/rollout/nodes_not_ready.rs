//! The rule `rollout-nodes-not-ready`. Its page is `nodes_not_ready.md`.

use super::{rolling, rolling_update, rule};
use crate::facts::{Facts, NodeSet, NodeState};
use crate::levels::Level;
use crate::placement::Outcome;
use crate::rules::{Check, Findings, Previewed, Rule};
use crate::words::count::counted;

pub(in crate::rules) static RULE: Rule = rule(
    "rollout-nodes-not-ready",
    Level::Info,
    ("new pods do not become available on nodes that are not ready", include_str!("nodes_not_ready.md")),
    Check::Preview(check),
);

fn check(previewed: &Previewed<'_>, findings: &mut Findings) {
    let Some(rollout) = rolling(previewed) else { return };
    let nodes = (0..).zip(previewed.snapshot.nodes().iter().zip(&previewed.preview.verdicts));
    let not_ready: NodeSet = nodes
        .filter(|(_, (node, verdict))| {
            node.ready == Some(false) && !matches!(verdict.outcome, Outcome::NotWanted(_))
        })
        .map(|(index, _)| index)
        .collect();
    if !not_ready.is_empty() {
        let are = if not_ready.len() == 1 { "is" } else { "are" };
        let message = format!(
            "{} that should run it {are} not ready: new pods do not become available there",
            counted(not_ready.len(), "node")
        );
        let facts = Facts::Nodes(NodeState::NotReady, not_ready);
        findings.push(RULE.finding(rolling_update(), message).facts(facts));
    }
    let suspended = rollout.suspended.len();
    if suspended > 0 {
        let (pods, are) = if suspended == 1 { ("old pod", "is") } else { ("old pods", "are") };
        let message = format!(
            "the {pods} on {} {are} deleted, and a new one is created only when the state that its taint names has passed",
            counted(suspended, "node")
        );
        let facts = Facts::Nodes(NodeState::Lost, rollout.suspended.iter().copied().collect());
        findings.push(RULE.finding(rolling_update(), message).facts(facts));
    }
}
