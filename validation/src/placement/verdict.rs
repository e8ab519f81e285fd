//! What became of a node.

use crate::path::FieldPath;

/// The verdict for one node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// What would happen.
    pub outcome: Outcome,
}

/// What would happen on a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The controller makes a pod, and the scheduler can bind it there.
    Runs,
    /// The controller makes a pod (it counts as desired), and the scheduler cannot place it.
    Pending(Vec<Reason>),
    /// The controller makes no pod.
    NotWanted(Vec<Reason>),
    /// The snapshot lacks what the answer needs.
    Unknown(Vec<Reason>),
}

impl Outcome {
    /// The word in JSON.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Runs => "runs",
            Self::Pending(_) => "pending",
            Self::NotWanted(_) => "notWanted",
            Self::Unknown(_) => "unknown",
        }
    }

    /// Why, where it is not simply running.
    pub fn reasons(&self) -> &[Reason] {
        match self {
            Self::Runs => &[],
            Self::Pending(reasons) | Self::NotWanted(reasons) | Self::Unknown(reasons) => reasons,
        }
    }
}

/// Who says no.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The DaemonSet controller.
    Controller,
    /// kube-scheduler.
    Scheduler,
}

impl Stage {
    /// The word in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Controller => "controller",
            Self::Scheduler => "scheduler",
        }
    }
}

/// Why a node does not run the pod.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// Who says no.
    pub stage: Stage,
    /// The scheduler plugin's name.
    pub filter: &'static str,
    /// The sentence for people.
    pub message: String,
    /// The place in the manifest that decides.
    pub path: FieldPath,
    /// The smallest change that would make the node run, where there is one.
    pub suggestion: Option<String>,
}
