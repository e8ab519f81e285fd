//! The block of a DaemonSet: where it does not run although it should, why, and what to do.

use std::collections::HashSet;

use daemonset_validation::placement::{Cause, OutcomeKind, Reason, Remedy, Stage, Traits};
use daemonset_validation::words::count::thousands;
use daemonset_validation::words::names;

use super::body::{self, Body, label};
use super::groups::{Group, GroupReason};
use super::layout::{BOLD, DIM, paint, width};
use super::only::Only;
use super::standing::{Standing, State};
use super::who::who;
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
    /// What is said of several DaemonSets at the end.
    pub(super) shared: &'f HashSet<String>,
}

/// What is printed of a DaemonSet with trouble.
pub(super) struct Block {
    /// The DaemonSet, its place and its counts; with the nodes that the manifest leaves out, if that is no trouble.
    pub(super) title: Vec<String>,
    /// What is said of its nodes. DaemonSets with the same body share it.
    pub(super) body: Body,
}

/// The number of groups of one verdict that are printed; further groups are counted.
const GROUPS: usize = 6;

/// So many nodes that run the pod of the only DaemonSet are named.
const RUNNING: usize = 5;

impl Frame<'_> {
    /// The block of a DaemonSet.
    pub(super) fn block(&self, standing: &Standing<'_>) -> Block {
        let mut title = self.title(standing);
        if has_left_out_in_title(standing)
            && !standing.left_out.is_empty()
            && self.shows(OutcomeKind::NotWanted)
        {
            let mut body = Body::default();
            body.paragraph("    ", left_out::sentence(standing).unwrap_or_default());
            title.extend(body.lines(self.style, true));
        }
        Block { title, body: self.body(standing) }
    }

    /// `! platform/node-exporter  agents.yaml:21  runs on 39 of 44 nodes, pending on 5`.
    pub(super) fn title(&self, standing: &Standing<'_>) -> Vec<String> {
        let document = standing.document;
        let file = standing.file;
        let place = if standing.is_stored() { file.path.clone() } else { file.at(document.line) };
        let source = file.source_of(document);
        let source = source.map(|source| format!(" (from {source})")).unwrap_or_default();
        let place = shown(&format!("{place}{source}")).into_owned();
        let name = shown(&format!("{}/{}", document.namespace, document.name)).into_owned();
        let mut parts = vec![(name, BOLD), (place, ""), (self.counts(standing), "")];
        let told = notes::told(document);
        // The counts say the words of these rules.
        let is_said = |rule: &str| matches!(rule, "pending" | "pods-refused");
        let told = told.map(|located| located.finding.rule).filter(|rule| !is_said(rule));
        parts.extend(told.map(|rule| (format!("[{rule}]"), DIM)));
        let state = standing.state;
        let mut line = paint(state.mark(self.style), state.color(), self.style);
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
                Verdict::Rejected if standing.document.update => {
                    "the API server rejects the update, so nothing changes: the old pods stay; see above"
                }
                Verdict::Rejected => "rejected by the API server, so it runs nowhere: see above",
                _ => "no preview",
            }
            .to_owned();
        };
        let counts = standing.counts;
        let nodes = if counts.nodes == 1 { "node" } else { "nodes" };
        let mut text = format!("runs on {} of {} {nodes}", thousands(counts.runs), thousands(counts.nodes));
        for (count, word) in
            [(counts.refused, "refused"), (counts.pending, "pending"), (counts.unknown, "unknown")]
        {
            if count > 0 {
                text.push_str(&format!(", {word} on {}", thousands(count)));
            }
        }
        if self.is_alone && (1..=RUNNING).contains(&counts.runs) && counts.pending == 0 && counts.refused == 0
        {
            let runs = |node: &&ExplainedNode| node.outcome == OutcomeKind::Runs;
            let running = explanation.nodes.iter().filter(runs);
            let running: Vec<&str> = running.map(|node| node.name.as_str()).collect();
            text.push_str(&format!(": {}", shown(&names::listed(&running, RUNNING))));
        }
        text
    }

    /// Whether nodes with this outcome are shown.
    pub(super) fn shows(&self, outcome: OutcomeKind) -> bool {
        self.style.only.is_none_or(|only: Only| only.shows(outcome))
    }

    fn body(&self, standing: &Standing<'_>) -> Body {
        let mut body = Body::default();
        let outcomes =
            [OutcomeKind::Refused, OutcomeKind::Pending, OutcomeKind::Unknown, OutcomeKind::NotWanted];
        for outcome in outcomes {
            if self.shows(outcome) {
                self.of_outcome(standing, outcome, &mut body);
            }
        }
        if !has_left_out_in_title(standing) && self.shows(OutcomeKind::NotWanted) {
            left_out(standing, &mut body);
        }
        self.tail(standing, &mut body);
        body
    }

    /// The rollout, the findings about this DaemonSet, and its status in the cluster.
    pub(super) fn tail(&self, standing: &Standing<'_>, body: &mut Body) {
        let document = standing.document;
        let rollout = document.explanation.as_ref().and_then(|explanation| explanation.rollout.as_ref());
        if let Some(rollout) = rollout
            && rollout::is_news(rollout)
        {
            body.paragraph("  ", shown(&format!("rollout: {}", rollout::sentence(rollout))).into_owned());
        }
        for located in notes::of_block(document) {
            let sentence = notes::sentence(&located.finding);
            if !self.shared.contains(&sentence) {
                body.paragraph("  ", sentence);
            }
        }
        if let Some(explanation) = &document.explanation {
            let mut text = Vec::new();
            // Writing to memory does not fail.
            _ = stored::write(explanation, &mut text);
            for line in String::from_utf8_lossy(&text).lines() {
                body.line(line.to_owned());
            }
        }
    }

    /// The nodes of one verdict, a paragraph for each group.
    fn of_outcome(&self, standing: &Standing<'_>, outcome: OutcomeKind, body: &mut Body) {
        let groups = standing.groups.iter().filter(|group| group.outcome == outcome);
        let (tainted, others): (Vec<&Group<'_>>, Vec<&Group<'_>>) =
            groups.partition(|group| outcome == OutcomeKind::NotWanted && is_tainted(group));
        if !tainted.is_empty() {
            self.tainted(standing, &tainted, body);
        }
        let (printed, rest) = others.split_at(others.len().min(GROUPS));
        let mut said = Vec::new();
        for group in printed {
            self.group(standing, group, &mut said, body);
        }
        if !rest.is_empty() {
            let reasons = match rest.len() {
                1 => "another reason".to_owned(),
                more => format!("{} other reasons", thousands(more)),
            };
            let text = format!("{} {}, for {reasons}: --all prints them", more_nodes(rest), label(outcome));
            body.paragraph(if self.style.ascii { "  ... " } else { "  … " }, text);
        }
    }

    /// A paragraph for a group. `said` has the names and the reasons of groups before it.
    fn group<'g>(
        &self,
        standing: &Standing<'_>,
        group: &Group<'g>,
        said: &mut Vec<(&'g str, &'g Reason)>,
        body: &mut Body,
    ) {
        let name = group.names().first().copied().unwrap_or_default();
        let reasons = group.reasons();
        let who = who(group, self.traits);
        if reasons.len() > 1
            && reasons.len() == said.len()
            && reasons.iter().all(|reason| is_said(said, reason, name))
        {
            let words = if reasons.len() == 2 { "both reasons" } else { "all of these reasons" };
            body.marked(group.outcome, format!("{who}: {words}"));
            return;
        }
        let mut sentences = Vec::new();
        let mut steps = Vec::new();
        for reason in reasons {
            let place = place(standing, reason.first.line);
            let refuses = refuses(&reason.first.reason);
            sentences.push(format!("{refuses}{}{place}", shown(&reason.message)));
            if !is_said(said, &reason, name) {
                said.push((name, &reason.first.reason));
            }
            steps.extend(reason.steps);
        }
        sentences.extend(group.preemption().map(|sentence| shown(&sentence).into_owned()));
        body.marked(group.outcome, format!("{who}: {}", sentences.join("; ")));
        body.steps(&steps, "    ");
    }

    /// One paragraph for all nodes whose taints are not tolerated, and the tolerations that would change it.
    fn tainted(&self, standing: &Standing<'_>, groups: &[&Group<'_>], body: &mut Body) {
        let (printed, rest) = groups.split_at(groups.len().min(GROUPS));
        let (mut parts, mut steps, mut whereabouts) = (Vec::new(), Vec::new(), String::new());
        let alone = groups.len() == 1;
        for group in printed {
            let mut keys = Vec::new();
            for reason in group.reasons() {
                if let Cause::Taints(taints) = &reason.first.reason.cause {
                    keys.extend(taints.iter().map(|taint| {
                        if alone { format!("`{}`", words::taint(taint)) } else { taint.key.to_string() }
                    }));
                }
                whereabouts = place(standing, reason.first.line);
                steps.extend(reason.steps);
            }
            let taints = if let [_] = keys.as_slice() { "taint" } else { "taints" };
            let has = if let [_] = group.nodes.as_slice() { "has" } else { "have" };
            let who = who(group, self.traits);
            let keys = shown(&keys.join(", ")).into_owned();
            parts.push(if alone {
                format!("{who} {has} the {taints} {keys}")
            } else {
                format!("{} ({keys})", who.replacen(" nodes with ", " with ", 1))
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
        body.marked(OutcomeKind::NotWanted, format!("{text}; add to tolerations{whereabouts}:"));
        body.steps(&steps, "    ");
    }
}

/// The nodes that the manifest leaves out; if it leaves out all, what would select some.
fn left_out(standing: &Standing<'_>, body: &mut Body) {
    let Some(sentence) = left_out::sentence(standing) else { return };
    body.marked(OutcomeKind::NotWanted, sentence);
    if standing.state == State::Nowhere && standing.groups.is_empty() {
        for steps in left_out::advice(standing) {
            body.steps(&steps, "    ");
        }
    }
}

/// ` (agents.yaml:56)`.
pub(super) fn place(standing: &Standing<'_>, line: Option<usize>) -> String {
    match line {
        Some(line) if !standing.is_stored() => body::place(&format!(" ({}:{line})", standing.file.path)),
        _ => String::new(),
    }
}

/// Whether the nodes that the manifest leaves out belong to the title: DaemonSets with the same taints then have the same body.
fn has_left_out_in_title(standing: &Standing<'_>) -> bool {
    standing.state == State::KeptOff
}

/// Whether nothing but taints that could be tolerated keeps the pod off these nodes.
fn is_tainted(group: &Group<'_>) -> bool {
    let reasons = group.nodes.first().map(|node| node.reasons.as_slice()).unwrap_or_default();
    reasons.iter().all(|located| {
        let Reason { cause, remedy, .. } = &located.reason;
        matches!((cause, remedy), (Cause::Taints(_), Some(Remedy::Tolerate)))
    })
}

/// Whether a reason of the node of this name is among those that are said already.
fn is_said(said: &[(&str, &Reason)], reason: &GroupReason<'_>, name: &str) -> bool {
    said.iter().any(|(of, other)| reason.is_same((other, of), name))
}

/// Who refuses the pod, before the sentence of the API server.
fn refuses(reason: &Reason) -> String {
    match (&reason.cause, reason.stage) {
        (Cause::Refused(_), Stage::ApiServer) => "the API server refuses the pod: ".to_owned(),
        (Cause::Refused(_), _) => format!("{} refuses the pod: ", reason.filter.as_str()),
        _ => String::new(),
    }
}

/// `12 more nodes`.
fn more_nodes(groups: &[&Group<'_>]) -> String {
    match groups.iter().map(|group| group.nodes.len()).sum() {
        1 => "1 more node".to_owned(),
        nodes => format!("{} more nodes", thousands(nodes)),
    }
}

/// The lines of a title after the first are indented by this.
const INDENT: usize = 4;
