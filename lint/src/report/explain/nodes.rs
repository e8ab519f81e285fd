//! A line for each node: `--all`.

use daemonset_validation::placement::OutcomeKind;

use super::block::{Frame, place};
use super::body::{Body, label};
use super::groups;
use super::standing::Standing;
use super::words::{self, StepKind};
use crate::engine::explain::{ExplainedNode, Explanation};
use crate::shown::shown;

impl Frame<'_> {
    /// Every node of a DaemonSet: first those that run the pod, then the others with their reasons.
    pub(super) fn nodes(&self, standing: &Standing<'_>, explanation: &Explanation, body: &mut Body) {
        let shown = explanation.nodes.iter().filter(|node| self.shows(node.outcome));
        let mut nodes: Vec<&ExplainedNode> = shown.collect();
        nodes.sort_by_key(|node| rank(node.outcome));
        for found in nodes {
            node(standing, found, body);
        }
    }
}

fn node(standing: &Standing<'_>, node: &ExplainedNode, body: &mut Body) {
    body.node(node.outcome, format!("{}  {}", shown(&node.name), label(node.outcome)));
    for located in &node.reasons {
        let reason = &located.reason;
        let message = words::message(reason, &node.name).about(&node.name);
        let text =
            format!("{}: {}{}", reason.filter.as_str(), shown(&message), place(standing, located.line));
        body.paragraph("      ", text);
        let steps = words::steps(reason, &node.name).into_iter();
        let steps: Vec<_> = steps.map(|step| (step.kind, step.sentence.about(&node.name))).collect();
        let indent = if steps.iter().any(|(kind, _)| *kind == StepKind::Toleration) {
            body.paragraph("        ", "to run there, add to tolerations:".to_owned());
            "        "
        } else {
            "      "
        };
        body.steps(&steps, indent);
    }
    if let Some(sentence) = groups::preemption(node.preemption.iter()) {
        body.paragraph("      ", shown(&sentence).into_owned());
    }
}

const fn rank(outcome: OutcomeKind) -> u8 {
    match outcome {
        OutcomeKind::Runs => 0,
        OutcomeKind::Refused => 1,
        OutcomeKind::Pending => 2,
        OutcomeKind::Unknown => 3,
        OutcomeKind::NotWanted => 4,
    }
}
