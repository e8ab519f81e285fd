//! The rule `rollout-pending-nodes`. Its page is `pending_nodes.md`.

use super::{rolling, rolling_update, rule};
use crate::facts::{Facts, NodeSet, NodeState};
use crate::levels::Level;
use crate::placement::rollout::Course;
use crate::placement::{NodeVerdict, Outcome};
use crate::rules::{Check, Findings, Previewed, Rule};
use crate::words::count::counted;

pub(in crate::rules) static RULE: Rule = rule(
    "rollout-pending-nodes",
    Level::Info,
    ("new pods stay pending on some nodes and hold the rollout up", include_str!("pending_nodes.md")),
    Check::Preview(check),
);

fn check(previewed: &Previewed<'_>, findings: &mut Findings) {
    let Some(rollout) = rolling(previewed) else { return };
    let nodes = &previewed.preview.verdicts;
    // Where preemption makes room, the pod starts.
    let stays =
        |node: &&NodeVerdict| matches!(node.outcome, Outcome::Pending(_)) && node.preemption.is_none();
    let pending: NodeSet = (0..).zip(nodes).filter(|(_, node)| stays(node)).map(|(node, _)| node).collect();
    if pending.is_empty() {
        return;
    }
    let counts =
        if rollout.limits.max_surge > 0 { "takes part of maxSurge" } else { "counts as unavailable" };
    let stalls = match rollout.course {
        Course::Rolling { left: (_, most), .. } if most > 0 => {
            ", and the rollout stalls once there are too many of them"
        }
        _ => "",
    };
    let message =
        format!("on {} the new pod stays pending; it {counts}{stalls}", counted(pending.len(), "node"));
    let facts = Facts::Nodes(NodeState::Pending, pending);
    findings.push(RULE.finding(rolling_update(), message).facts(facts));
}
