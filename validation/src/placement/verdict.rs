//! What became of a node.

use super::rollout::Rollout;
use crate::path::FieldPath;

/// What would happen to one DaemonSet on a cluster.
#[derive(Clone, Debug, Default)]
pub struct Preview {
    /// A verdict for each node of the snapshot, in its order.
    pub verdicts: Vec<Verdict>,
    /// How its pods would be made or replaced; `None` where no pods were read.
    pub rollout: Option<Rollout>,
    /// What holds for the DaemonSet as a whole.
    pub notes: Vec<Note>,
}

/// The verdict for one node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// What would happen.
    pub outcome: Outcome,
    /// Where the pod would wait: whether pods of lower priority would be ended to make room, and which.
    pub preemption: Option<Preemption>,
    /// Where no pod is made: whether a pod that is there already may stay.
    ///
    /// Upstream: the second answer of `controller/daemon.NodeShouldRunDaemonPod`.
    pub keeps_running: bool,
}

/// Pods that the scheduler would end to make room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preemption {
    /// Namespace and name of each, sorted.
    pub victims: Vec<(String, String)>,
}

/// Something that holds for the DaemonSet as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// What it is about, as programs tell notes apart: `pods-not-read`.
    pub id: &'static str,
    /// The sentence for people.
    pub message: String,
    /// The place in the manifest that it is about.
    pub path: Option<FieldPath>,
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
    /// The numbers, where it is about a resource.
    pub resource: Option<Insufficient>,
    /// What the snapshot lacks, where the answer is not known: `persistentvolumeclaims`.
    pub lacks: Option<&'static str>,
    /// Whether the scheduler holds that no other pod on the node is the obstacle, so that it does not try to end any.
    pub(super) unresolvable: bool,
}

/// A resource of which there is too little, in milli-CPU, bytes or counts.
///
/// Upstream: `scheduler/framework/plugins/noderesources.InsufficientResource`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Insufficient {
    /// Its name.
    pub name: Box<str>,
    /// What the pod requests.
    pub requested: i64,
    /// What other pods on the node request.
    pub used: i64,
    /// What the node has.
    pub allocatable: i64,
}

impl Reason {
    /// A reason of the scheduler with a sentence and the place that decides.
    pub(super) const fn new(filter: &'static str, message: String, path: FieldPath) -> Self {
        Self {
            stage: Stage::Scheduler,
            filter,
            message,
            path,
            suggestion: None,
            resource: None,
            lacks: None,
            unresolvable: false,
        }
    }

    /// With the change that would help.
    pub(super) fn suggest(mut self, suggestion: impl Into<Option<String>>) -> Self {
        self.suggestion = suggestion.into();
        self
    }

    /// With the numbers of a resource.
    pub(super) fn about(mut self, resource: Insufficient) -> Self {
        self.resource = Some(resource);
        self
    }

    /// Not to be mended by ending other pods.
    pub(super) const fn unresolvable(mut self) -> Self {
        self.unresolvable = true;
        self
    }

    /// Not a refusal: the snapshot lacks what the answer needs.
    pub(super) const fn lacking(mut self, what: &'static str) -> Self {
        self.lacks = Some(what);
        self
    }
}
