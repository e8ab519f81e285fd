//! A line for each node: `--all`.

use daemonset_validation::placement::OutcomeKind;

use super::block::{Frame, color, label, mark};
use super::groups;
use super::layout::paint;
use super::standing::Standing;
use super::words;
use crate::engine::explain::{ExplainedNode, Explanation};
use crate::shown::shown;

impl Frame<'_> {
    /// Every node of a DaemonSet: first those that run the pod, then the others with their reasons.
    pub(super) fn nodes(&self, standing: &Standing<'_>, explanation: &Explanation) -> Vec<String> {
        let only = self.style.only;
        let shown_nodes = explanation.nodes.iter();
        let mut nodes: Vec<&ExplainedNode> =
            shown_nodes.filter(|node| only.is_none_or(|only| only.shows(node.outcome))).collect();
        nodes.sort_by_key(|node| rank(node.outcome));
        let mut lines = Vec::new();
        for node in nodes {
            self.node(standing, node, &mut lines);
        }
        lines
    }

    fn node(&self, standing: &Standing<'_>, node: &ExplainedNode, lines: &mut Vec<String>) {
        let verdict = paint(label(node.outcome), color(node.outcome), self.style);
        let glyph = paint(mark(node.outcome), color(node.outcome), self.style);
        lines.push(format!("  {glyph} {}  {verdict}", shown(&node.name)));
        for located in &node.reasons {
            let reason = &located.reason;
            let message = words::message(reason, &node.name).about(&node.name);
            let place = self.place(standing, located.line);
            let text = format!("{}: {message}{place}", reason.filter.as_str());
            self.paragraph("      ", &shown(&text), lines);
            let steps = words::steps(reason, &node.name).into_iter();
            let steps: Vec<_> = steps.map(|step| (step.kind, step.sentence.about(&node.name))).collect();
            self.steps(&steps, lines);
        }
        if let Some(sentence) = groups::preemption(node.preemption.iter()) {
            self.paragraph("      ", &shown(&sentence), lines);
        }
    }
}

const fn rank(outcome: OutcomeKind) -> u8 {
    match outcome {
        OutcomeKind::Runs => 0,
        OutcomeKind::Pending => 1,
        OutcomeKind::Unknown => 2,
        OutcomeKind::NotWanted => 3,
    }
}
