//! Which verdicts the preview shows.

use daemonset_validation::placement::OutcomeKind;

/// A choice of verdicts: `--only pending,unknown`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Only {
    /// Nodes that run the pod.
    pub(crate) runs: bool,
    /// Nodes whose pod the API server would not store.
    pub(crate) refused: bool,
    /// Nodes where it would stay pending.
    pub(crate) pending: bool,
    /// Nodes for which no pod is created.
    pub(crate) not_wanted: bool,
    /// Nodes of which it is not known.
    pub(crate) unknown: bool,
    /// DaemonSets that the API server rejects.
    pub(crate) rejected: bool,
}

impl Only {
    /// Whether nodes with this outcome are shown.
    pub(super) const fn shows(self, outcome: OutcomeKind) -> bool {
        match outcome {
            OutcomeKind::Runs => self.runs,
            OutcomeKind::Refused => self.refused,
            OutcomeKind::Pending => self.pending,
            OutcomeKind::NotWanted => self.not_wanted,
            OutcomeKind::Unknown => self.unknown,
        }
    }
}
