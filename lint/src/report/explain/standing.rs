//! How a DaemonSet stands: what matters most about it, and the nodes that need a sentence.

use std::cmp::Reverse;
use std::collections::HashSet;

use daemonset_validation::Severity;
use daemonset_validation::placement::{OutcomeKind, Remedy, is_selection};

use super::groups::{Group, group};
use super::{notes, rollout};
use crate::engine::Run;
use crate::engine::explain::{Counts, ExplainedNode, Explanation};
use crate::engine::outcome::{DocumentReport, FileReport, Verdict};

/// What matters most about a DaemonSet; the worst is first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum State {
    /// The API server rejects it.
    Rejected,
    /// There is no preview for another reason.
    Unexplained,
    /// It runs on no node.
    Nowhere,
    /// The API server would not store the pods of some nodes.
    Refused,
    /// On some nodes its pod would stay pending.
    Pending,
    /// A warning about the preview, or a rollout that hangs.
    Warned,
    /// For some nodes the answer is not known.
    Unknown,
    /// It is kept off some nodes that the manifest selects.
    KeptOff,
    /// It runs on all nodes that the manifest selects.
    Fine,
}

impl State {
    /// The word in the data of the HTML page.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Rejected => "rejected",
            Self::Unexplained => "unexplained",
            Self::Nowhere => "nowhere",
            Self::Refused => "refused",
            Self::Pending => "pending",
            Self::Warned => "warned",
            Self::Unknown => "unknown",
            Self::KeptOff => "keptOff",
            Self::Fine => "fine",
        }
    }
}

/// One DaemonSet of a run.
#[derive(Debug)]
pub(crate) struct Standing<'r> {
    /// The file that has it.
    pub(super) file: &'r FileReport,
    /// Its report.
    pub(super) document: &'r DocumentReport,
    /// What matters most.
    pub(crate) state: State,
    /// How many nodes there are of each verdict; all 0 without a preview.
    pub(super) counts: Counts,
    /// The nodes on which it does not run although the manifest selects them, or of which that is not known; what matters most is
    /// first.
    pub(super) groups: Vec<Group<'r>>,
    /// The nodes that the manifest leaves out, with their places.
    pub(super) left_out: Vec<(usize, &'r ExplainedNode)>,
    /// Whether another DaemonSet of the run has the same namespace and name.
    pub(super) is_ambiguous: bool,
}

impl<'r> Standing<'r> {
    /// How this DaemonSet stands.
    pub(crate) fn new(file: &'r FileReport, document: &'r DocumentReport) -> Self {
        let mut standing = Self {
            file,
            document,
            state: State::Rejected,
            counts: Counts::default(),
            groups: Vec::new(),
            left_out: Vec::new(),
            is_ambiguous: false,
        };
        match &document.explanation {
            Some(explanation) => standing.judge(explanation),
            None if document.verdict == Verdict::Rejected => {}
            None => standing.state = State::Unexplained,
        }
        standing
    }

    fn judge(&mut self, explanation: &'r Explanation) {
        self.counts = explanation.counts();
        let mut troubled = Vec::new();
        for (place, node) in explanation.nodes.iter().enumerate() {
            match node.outcome {
                OutcomeKind::Runs => {}
                OutcomeKind::NotWanted if is_left_out(node) => self.left_out.push((place, node)),
                _ => troubled.push((place, node)),
            }
        }
        self.groups = group(troubled);
        self.groups.sort_by_key(|group| (rank(group.outcome), Reverse(group.nodes.len())));
        self.state = self.find_state(explanation);
    }

    fn find_state(&self, explanation: &Explanation) -> State {
        let Counts { nodes, runs, refused, pending, unknown, .. } = self.counts;
        if runs == 0 && unknown == 0 && nodes > 0 {
            State::Nowhere
        } else if refused > 0 {
            State::Refused
        } else if pending > 0 {
            State::Pending
        } else if explanation.rollout.as_ref().is_some_and(rollout::hangs)
            || notes::of_block(self.document).any(|note| note.finding.severity > Severity::Info)
        {
            State::Warned
        } else if unknown > 0 {
            State::Unknown
        } else if self.groups.iter().any(|group| !group.nodes.iter().all(|node| is_rightly_left_out(node))) {
            State::KeptOff
        } else {
            State::Fine
        }
    }

    /// How many nodes are affected by what matters most.
    fn affected(&self) -> usize {
        match self.state {
            State::Refused => self.counts.refused,
            State::Pending => self.counts.pending,
            State::Unknown => self.counts.unknown,
            State::KeptOff => self.groups.iter().map(|group| group.nodes.len()).sum(),
            _ => 0,
        }
    }

    /// Whether it was read from the cluster, so that there is no file with lines.
    pub(super) fn is_stored(&self) -> bool {
        self.document.explanation.as_ref().is_some_and(|one| one.comparison.is_some())
    }
}

/// Whether the manifest's own selection leaves the node out.
fn is_left_out(node: &ExplainedNode) -> bool {
    node.reasons.iter().any(|located| is_selection(&located.reason.cause))
}

/// Whether no pod of a DaemonSet can run on the node, and the manifest leaves it out for that.
fn is_rightly_left_out(node: &ExplainedNode) -> bool {
    let done = |remedy: &Remedy| matches!(remedy, Remedy::LeaveOut { done: true, .. });
    node.reasons.iter().any(|located| located.reason.remedy.as_ref().is_some_and(done))
}

/// Pods that are refused or wait come first.
const fn rank(outcome: OutcomeKind) -> u8 {
    match outcome {
        OutcomeKind::Refused => 0,
        OutcomeKind::Pending => 1,
        OutcomeKind::Unknown => 2,
        OutcomeKind::NotWanted => 3,
        OutcomeKind::Runs => 4,
    }
}

/// The DaemonSets of a run, the worst first.
pub(super) fn standings<'r>(run: &'r Run<'_>) -> Vec<Standing<'r>> {
    let mut found = Vec::new();
    for file in &run.files {
        let documents = file.documents.iter().filter(|document| document.is_daemon_set());
        found.extend(documents.map(|document| Standing::new(file, document)));
    }
    let (mut known, mut twice) = (HashSet::new(), HashSet::new());
    for standing in &found {
        let name = (&standing.document.namespace, &standing.document.name);
        if !known.insert(name) {
            twice.insert(name);
        }
    }
    for standing in &mut found {
        standing.is_ambiguous = twice.contains(&(&standing.document.namespace, &standing.document.name));
    }
    found.sort_by_key(|standing| (standing.state, Reverse(standing.affected())));
    found
}
