//! What a review is judged by: levels, the version of the API server, and the cluster.

use daemonset_validation::{Finding, Server};
use k8s_openapi::api::apps::v1::DaemonSet;

use super::faultless_specs::FaultlessSpecs;
use crate::placement::{LeftOut, Question};
use crate::policy::Levels;

/// Looks at the cluster.
pub trait PlacementJudge: Send + Sync {
    /// A look at the cluster as it is now. Both objects of an update are judged with one look, so that they are compared on the same
    /// cluster.
    fn look(&self) -> Box<dyn Look + '_>;
}

/// Says where the pods of a DaemonSet would run on the cluster.
pub trait Look {
    /// The findings about where the pods would run, and what they would meet there.
    fn judge(&self, daemon_set: &DaemonSet, question: &Question<'_>) -> Vec<Finding>;

    /// The nodes on which the DaemonSet would not run; `None` if nothing of the cluster is known.
    fn left_out(&self, daemon_set: &DaemonSet, server: &Server) -> Option<LeftOut>;
}

/// What a review is judged by.
pub struct Context<'c> {
    /// The level of each rule.
    pub levels: &'c Levels,
    /// The API server whose validation is repeated; `None` if its version is not supported, and validation is skipped.
    pub server: Option<Server>,
    /// The specs in which this server finds no fault.
    pub faultless: &'c FaultlessSpecs,
    /// Judges placement for DaemonSets that validation accepts; `None` if there is no cluster.
    pub placement: Option<&'c dyn PlacementJudge>,
    /// How many nodes a finding names for each reason.
    pub named_nodes: usize,
}

impl Context<'_> {
    /// The server whose validation is repeated; `None` if all its rules are off, or its version is not supported.
    pub(super) fn validating(&self) -> Option<Server> {
        self.server.filter(|_| self.levels.ask_validation())
    }

    /// Whether placement is judged. An update that does not change the spec moves no pod, so `spec_changed` is asked last.
    pub(super) fn judges_placement(&self, spec_changed: impl FnOnce() -> bool) -> bool {
        self.placement.is_some() && self.levels.ask_placement() && spec_changed()
    }
}
