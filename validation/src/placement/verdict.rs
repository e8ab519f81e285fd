//! What would happen on a node.

use super::cause::PodName;
use super::reason::Reason;

/// The verdict for one node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeVerdict {
    /// What would happen.
    pub outcome: Outcome,
    /// Where the pod would be pending: the pods of lower priority that the scheduler would preempt, if that helps.
    pub preemption: Option<Preemption>,
    /// Where no pod is made: whether a pod that is there already may stay.
    ///
    /// Upstream: the second answer of `controller/daemon.NodeShouldRunDaemonPod`.
    pub keeps_running: bool,
}

/// Pods that the scheduler would preempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preemption {
    /// The pods, sorted.
    pub victims: Vec<PodName>,
}

/// What would happen on a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The controller makes a pod, and the scheduler can bind it there.
    Runs,
    /// The controller makes a pod (it counts as desired), and the API server does not store it.
    Refused(Vec<Reason>),
    /// The controller makes a pod (it counts as desired), and the scheduler cannot place it.
    Pending(Vec<Reason>),
    /// The controller makes no pod.
    NotWanted(Vec<Reason>),
    /// The snapshot lacks what the answer needs.
    Unknown(Vec<Reason>),
}

/// An outcome without its reasons.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OutcomeKind {
    /// See [`Outcome::Runs`].
    Runs,
    /// See [`Outcome::Refused`].
    Refused,
    /// See [`Outcome::Pending`].
    Pending,
    /// See [`Outcome::NotWanted`].
    NotWanted,
    /// See [`Outcome::Unknown`].
    Unknown,
}

impl OutcomeKind {
    /// The word in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Runs => "runs",
            Self::Refused => "refused",
            Self::Pending => "pending",
            Self::NotWanted => "notWanted",
            Self::Unknown => "unknown",
        }
    }
}

impl Outcome {
    /// Which outcome it is.
    pub const fn kind(&self) -> OutcomeKind {
        match self {
            Self::Runs => OutcomeKind::Runs,
            Self::Refused(_) => OutcomeKind::Refused,
            Self::Pending(_) => OutcomeKind::Pending,
            Self::NotWanted(_) => OutcomeKind::NotWanted,
            Self::Unknown(_) => OutcomeKind::Unknown,
        }
    }

    /// The reasons, taken out.
    pub fn into_reasons(self) -> Vec<Reason> {
        match self {
            Self::Runs => Vec::new(),
            Self::Refused(reasons)
            | Self::Pending(reasons)
            | Self::NotWanted(reasons)
            | Self::Unknown(reasons) => reasons,
        }
    }

    /// Why, where it is not simply running.
    pub fn reasons(&self) -> &[Reason] {
        match self {
            Self::Runs => &[],
            Self::Refused(reasons)
            | Self::Pending(reasons)
            | Self::NotWanted(reasons)
            | Self::Unknown(reasons) => reasons,
        }
    }
}
