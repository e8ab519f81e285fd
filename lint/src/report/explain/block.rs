//! The block of a DaemonSet: where it does not run although it should, why, and what to do.

use std::collections::HashSet;

use daemonset_validation::placement::{Cause, OutcomeKind, Reason, Traits};
use daemonset_validation::words::count::thousands;
use daemonset_validation::words::names;

use super::groups::{Group, GroupReason};
use super::layout::{BOLD, DIM, paint, paragraph, width};
use super::only::Only;
use super::standing::{Standing, State};
use super::who::who;
use super::words::StepKind;
use super::{left_out, notes, rollout, stored, words};
use crate::engine::explain::ExplainedNode;
use crate::engine::outcome::Verdict;
use crate::report::Style;
use crate::shown::shown;

/// What the block of a DaemonSet is made with.
pub(super) struct Frame<'f> {
    pub(super) style: &'f Style,
    pub(super) traits: &'f Traits<'f>,
    /// Whether the run has one DaemonSet only, so that there is no overview.
    pub(super) is_alone: bool,
}

/// The lines of a block.
pub(super) struct Block {
    /// The DaemonSet, its place and its counts.
    pub(super) title: Vec<String>,
    /// What is said of its nodes. DaemonSets with the same body share it.
    pub(super) body: Vec<String>,
}

/// The number of groups of one verdict that are printed; further groups are counted.
const GROUPS: usize = 6;

/// So many nodes that run the pod of the only DaemonSet are named.
const RUNNING: usize = 5;

impl Frame<'_> {
    /// The block of a DaemonSet.
    pub(super) fn block(&self, standing: &Standing<'_>) -> Block {
        Block { title: self.title(standing), body: self.body(standing) }
    }

    /// `! platform/node-exporter  agents.yaml:21  runs on 39 of 44 nodes, pending on 5`.
    pub(super) fn title(&self, standing: &Standing<'_>) -> Vec<String> {
        let document = standing.document;
        let line = if standing.is_stored() { String::new() } else { format!(":{}", document.line) };
        let place = shown(&format!("{}{line}", standing.file.path)).into_owned();
        let name = shown(&format!("{}/{}", document.namespace, document.name)).into_owned();
        let mut parts = vec![(name, BOLD), (place, ""), (self.counts(standing), "")];
        let told = notes::told(document);
        // The counts say the word of the rule `pending`.
        let told = told.map(|located| located.finding.rule).filter(|rule| *rule != "pending");
        parts.extend(told.map(|rule| (format!("[{rule}]"), DIM)));
        let state = standing.state;
        let mut line = paint(state.mark(), state.color(), self.style);
        let mut used = 1_usize;
        let mut lines = Vec::new();
        for (number, (part, color)) in parts.into_iter().enumerate() {
            let gap = if number == 0 { " " } else { "  " };
            let wide = used.saturating_add(gap.len()).saturating_add(width(&part));
            if number > 0 && wide > self.style.columns {
                lines.push(std::mem::replace(&mut line, " ".repeat(INDENT)));
                used = INDENT.saturating_add(width(&part));
            } else {
                line.push_str(gap);
                used = wide;
            }
            line.push_str(&paint(&part, color, self.style));
        }
        lines.push(line);
        lines
    }

    fn counts(&self, standing: &Standing<'_>) -> String {
        let Some(explanation) = &standing.document.explanation else {
            return match standing.document.verdict {
                Verdict::Rejected => "rejected by the API server, so it runs nowhere: see above",
                _ => "no preview",
            }
            .to_owned();
        };
        let counts = standing.counts;
        let nodes = if counts.nodes == 1 { "node" } else { "nodes" };
        let mut text = format!("runs on {} of {} {nodes}", thousands(counts.runs), thousands(counts.nodes));
        for (count, word) in [(counts.pending, "pending"), (counts.unknown, "unknown")] {
            if count > 0 {
                text.push_str(&format!(", {word} on {}", thousands(count)));
            }
        }
        if self.is_alone && (1..=RUNNING).contains(&counts.runs) && standing.counts.pending == 0 {
            let runs = |node: &&ExplainedNode| node.outcome == OutcomeKind::Runs;
            let running = explanation.nodes.iter().filter(runs);
            let running: Vec<&str> = running.map(|node| node.name.as_str()).collect();
            text.push_str(&format!(": {}", shown(&names::listed(&running, RUNNING))));
        }
        text
    }

    fn body(&self, standing: &Standing<'_>) -> Vec<String> {
        let mut lines = Vec::new();
        let only = self.style.only;
        let shows = |outcome| only.is_none_or(|only: Only| only.shows(outcome));
        for outcome in [OutcomeKind::Pending, OutcomeKind::Unknown, OutcomeKind::NotWanted] {
            if shows(outcome) {
                self.of_outcome(standing, outcome, &mut lines);
            }
        }
        if shows(OutcomeKind::NotWanted) {
            self.left_out(standing, &mut lines);
        }
        lines.extend(self.tail(standing));
        lines
    }

    /// The rollout, the findings about this DaemonSet, and its status in the cluster.
    pub(super) fn tail(&self, standing: &Standing<'_>) -> Vec<String> {
        let mut lines = Vec::new();
        let document = standing.document;
        let rollout = document.explanation.as_ref().and_then(|explanation| explanation.rollout.as_ref());
        if let Some(rollout) = rollout
            && rollout::is_news(rollout)
        {
            self.paragraph("  ", &format!("rollout: {}", rollout::sentence(rollout)), &mut lines);
        }
        for located in notes::of_block(document) {
            self.paragraph("  ", &notes::sentence(&located.finding), &mut lines);
        }
        if let Some(explanation) = &document.explanation {
            let mut text = Vec::new();
            // Writing to memory does not fail.
            _ = stored::write(explanation, &mut text);
            lines.extend(String::from_utf8_lossy(&text).lines().map(str::to_owned));
        }
        lines
    }

    /// The nodes of one verdict, a paragraph for each group.
    fn of_outcome(&self, standing: &Standing<'_>, outcome: OutcomeKind, lines: &mut Vec<String>) {
        let groups = standing.groups.iter().filter(|group| group.outcome == outcome);
        let (tainted, others): (Vec<&Group<'_>>, Vec<&Group<'_>>) =
            groups.partition(|group| outcome == OutcomeKind::NotWanted && is_tainted(group));
        if !tainted.is_empty() {
            self.tainted(standing, &tainted, lines);
        }
        let (printed, rest) = others.split_at(others.len().min(GROUPS));
        let mut said = Vec::new();
        for group in printed {
            self.group(standing, group, &mut said, lines);
        }
        if !rest.is_empty() {
            let reasons = match rest.len() {
                1 => "another reason".to_owned(),
                more => format!("{} other reasons", thousands(more)),
            };
            let text = format!("{} {}, for {reasons}: --all prints them", more_nodes(rest), label(outcome));
            self.paragraph("  … ", &text, lines);
        }
    }

    /// A paragraph for a group. `said` has the names and the reasons of groups before it.
    fn group<'g>(
        &self,
        standing: &Standing<'_>,
        group: &Group<'g>,
        said: &mut Vec<(&'g str, &'g Reason)>,
        lines: &mut Vec<String>,
    ) {
        let name = group.names().first().copied().unwrap_or_default();
        let reasons = group.reasons();
        let who = who(group, self.traits);
        if reasons.len() > 1
            && reasons.len() == said.len()
            && reasons.iter().all(|reason| is_said(said, reason, name))
        {
            let words = if reasons.len() == 2 { "both reasons" } else { "all of these reasons" };
            self.marked(group.outcome, &format!("{who}: {words}"), lines);
            return;
        }
        let mut sentences = Vec::new();
        let mut steps = Vec::new();
        for reason in reasons {
            let place = self.place(standing, reason.first.line);
            sentences.push(format!("{}{place}", reason.message));
            if !is_said(said, &reason, name) {
                said.push((name, &reason.first.reason));
            }
            steps.extend(reason.steps);
        }
        sentences.extend(group.preemption());
        let text = format!("{who}: {}", shown(&sentences.join("; ")));
        self.marked(group.outcome, &text, lines);
        self.steps(&steps, lines);
    }

    /// One paragraph for all nodes whose taints are not tolerated, and the tolerations that would change it.
    fn tainted(&self, standing: &Standing<'_>, groups: &[&Group<'_>], lines: &mut Vec<String>) {
        let (printed, rest) = groups.split_at(groups.len().min(GROUPS));
        let (mut parts, mut steps, mut place) = (Vec::new(), Vec::new(), String::new());
        let alone = groups.len() == 1;
        for group in printed {
            let mut keys = Vec::new();
            for reason in group.reasons() {
                if let Cause::Taints(taints) = &reason.first.reason.cause {
                    keys.extend(taints.iter().map(|taint| {
                        if alone { format!("`{}`", words::taint(taint)) } else { taint.key.to_string() }
                    }));
                }
                place = self.place(standing, reason.first.line);
                steps.extend(reason.steps);
            }
            let taints = if let [_] = keys.as_slice() { "taint" } else { "taints" };
            let has = if let [_] = group.nodes.as_slice() { "has" } else { "have" };
            let who = who(group, self.traits);
            parts.push(if alone {
                format!("{who} {has} the {taints} {}", keys.join(", "))
            } else {
                format!("{} ({})", who.replacen(" nodes with ", " with ", 1), keys.join(", "))
            });
        }
        if !rest.is_empty() {
            parts.push(more_nodes(rest));
        }
        let mut text = parts.join(", ");
        if !alone {
            let nodes: usize = groups.iter().map(|group| group.nodes.len()).sum();
            text = format!("taints keep it off {} nodes: {text}", thousands(nodes));
        }
        let mut known = HashSet::new();
        steps.retain(|(_, step)| known.insert(step.clone()));
        if steps.iter().any(|(kind, _)| *kind == StepKind::Toleration) {
            text.push_str(&format!("; add to tolerations{place}:"));
        } else {
            text.push_str(&place);
        }
        self.marked(OutcomeKind::NotWanted, &shown(&text), lines);
        self.steps(&steps, lines);
    }

    /// A paragraph behind the mark of a verdict.
    pub(super) fn marked(&self, outcome: OutcomeKind, text: &str, lines: &mut Vec<String>) {
        let first = lines.len();
        self.paragraph("  # ", text, lines);
        if let Some(line) = lines.get_mut(first) {
            *line = line.replacen('#', &paint(mark(outcome), color(outcome), self.style), 1);
        }
    }

    /// ` (agents.yaml:56)`.
    pub(super) fn place(&self, standing: &Standing<'_>, line: Option<usize>) -> String {
        match line {
            Some(line) if !standing.is_stored() => format!(" ({}:{line})", standing.file.path),
            _ => String::new(),
        }
    }

    /// What to do. A command or an entry is a line by itself, which is never broken.
    pub(super) fn steps(&self, steps: &[(StepKind, String)], lines: &mut Vec<String>) {
        let mut prose: Vec<&str> = Vec::new();
        for (kind, text) in steps {
            match kind {
                StepKind::Prose => prose.push(text),
                StepKind::Command | StepKind::Toleration => {
                    lines.push(format!("{:INDENT$}  {}", "", shown(text)));
                }
            }
        }
        if !prose.is_empty() {
            self.paragraph("    ", &shown(&format!("to run there: {}", prose.join(", and "))), lines);
        }
    }

    /// The nodes that the manifest leaves out; if it leaves out all, what would select some.
    fn left_out(&self, standing: &Standing<'_>, lines: &mut Vec<String>) {
        let Some(sentence) = left_out::sentence(standing) else { return };
        self.marked(OutcomeKind::NotWanted, &sentence, lines);
        if standing.state == State::Nowhere && standing.groups.is_empty() {
            for (_, steps) in left_out::advice(standing) {
                self.steps(&steps, lines);
            }
        }
    }

    pub(super) fn paragraph(&self, first: &str, text: &str, lines: &mut Vec<String>) {
        lines.extend(paragraph(first, text, self.style.columns));
    }
}

/// Whether nothing but taints keeps the pod off these nodes.
fn is_tainted(group: &Group<'_>) -> bool {
    let reasons = group.nodes.first().map(|node| node.reasons.as_slice()).unwrap_or_default();
    reasons.iter().all(|located| matches!(located.reason.cause, Cause::Taints(_)))
}

/// Whether a reason of the node of this name is among those that are said already.
fn is_said(said: &[(&str, &Reason)], reason: &GroupReason<'_>, name: &str) -> bool {
    said.iter().any(|(of, other)| reason.is_same((other, of), name))
}

/// `12 more nodes`.
fn more_nodes(groups: &[&Group<'_>]) -> String {
    match groups.iter().map(|group| group.nodes.len()).sum() {
        1 => "1 more node".to_owned(),
        nodes => format!("{} more nodes", thousands(nodes)),
    }
}

/// The second line of a title, and what belongs to a paragraph, are indented by this.
const INDENT: usize = 4;

/// The words of a verdict.
pub(super) const fn label(outcome: OutcomeKind) -> &'static str {
    match outcome {
        OutcomeKind::NotWanted => "not wanted",
        other => other.as_str(),
    }
}

/// The mark of a verdict. It says the same without colours.
pub(super) const fn mark(outcome: OutcomeKind) -> &'static str {
    match outcome {
        OutcomeKind::Runs => "✓",
        OutcomeKind::Pending => "!",
        OutcomeKind::Unknown => "?",
        OutcomeKind::NotWanted => "–",
    }
}

/// The colour of a verdict.
pub(super) const fn color(outcome: OutcomeKind) -> &'static str {
    match outcome {
        OutcomeKind::Runs => "32",
        OutcomeKind::Pending => "33",
        OutcomeKind::Unknown => "35",
        OutcomeKind::NotWanted => DIM,
    }
}
