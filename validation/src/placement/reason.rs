//! Why a node does not run the pod: data, from which reports make sentences.

use super::cause::{Cause, Insufficient};
use super::filter::Filter;
use super::kind::Kind;
use super::remedy::Remedy;
use crate::path::FieldPath;

/// Which component decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stage {
    /// The DaemonSet controller.
    Controller,
    /// An admission plugin of the API server.
    Admission,
    /// The API server's own validation of the pod.
    ApiServer,
    /// kube-scheduler.
    Scheduler,
}

impl Stage {
    /// The word in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Controller => "controller",
            Self::Admission => "admission",
            Self::ApiServer => "apiserver",
            Self::Scheduler => "scheduler",
        }
    }
}

/// Data that the snapshot lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Missing {
    /// The objects of a kind.
    Kind(Kind),
    /// ResourceClaims, which no snapshot has.
    ResourceClaims,
    /// CSIStorageCapacities, which no snapshot has.
    StorageCapacities,
    /// `status.allocatable` of the node.
    Allocatable,
}

impl Missing {
    /// The word in JSON: the resource's name, or the field.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Kind(kind) => kind.plural(),
            Self::ResourceClaims => "resourceclaims",
            Self::StorageCapacities => "csistoragecapacities",
            Self::Allocatable => "status.allocatable",
        }
    }
}

/// Why a node does not run the pod.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// Which component decides.
    pub stage: Stage,
    /// The scheduler plugin. The controller asks the same questions as three of them.
    pub filter: Filter,
    /// What the filter found.
    pub cause: Cause,
    /// The place in the manifest that decides.
    pub path: FieldPath,
    /// The smallest change after which the node would run the pod, where there is one.
    pub remedy: Option<Remedy>,
    /// What the snapshot lacks, where the answer is not known.
    pub missing: Option<Missing>,
    /// How many more reasons of the same filter there are, which are not kept.
    pub more: usize,
    /// Whether the scheduler treats the node as unresolvable, so that it does not try preemption there.
    pub(super) unresolvable: bool,
}

impl Reason {
    /// A reason of the scheduler.
    pub(crate) const fn new(filter: Filter, cause: Cause, path: FieldPath) -> Self {
        Self {
            stage: Stage::Scheduler,
            filter,
            cause,
            path,
            remedy: None,
            missing: None,
            more: 0,
            unresolvable: false,
        }
    }

    /// With the change that would help.
    pub(super) fn remedy(mut self, remedy: impl Into<Option<Remedy>>) -> Self {
        self.remedy = remedy.into();
        self
    }

    /// Preemption cannot help.
    pub(super) const fn unresolvable(mut self) -> Self {
        self.unresolvable = true;
        self
    }

    /// Not a refusal: the snapshot lacks what the answer needs.
    pub(super) const fn missing(mut self, what: Missing) -> Self {
        self.missing = Some(what);
        self
    }

    /// The numbers, where it is about a resource.
    pub fn insufficient(&self) -> Option<&Insufficient> {
        match &self.cause {
            Cause::Insufficient(numbers) => Some(numbers),
            _ => None,
        }
    }
}
