//! What a review is judged by: levels, the version of the API server, and the cluster.

use daemonset_validation::Server;
use daemonset_validation::placement::Budget;
use k8s_openapi::api::apps::v1::DaemonSet;

use super::faultless_specs::FaultlessSpecs;
use crate::placement::{Judgement, Old, Question};
use crate::policy::Levels;

/// Looks at the cluster.
pub trait PlacementJudge: Send + Sync {
    /// The findings about where the pods would run, and what they would meet there. `old` reads the stored object of an update; it is
    /// called at most once, and only if a finding would deny the request. Both objects are judged on the same state of the cluster.
    fn judge(
        &self,
        daemon_set: &DaemonSet,
        old: &mut dyn FnMut() -> Old,
        question: &Question<'_>,
    ) -> Judgement;
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
    /// The time that is left for the review.
    pub budget: &'c Budget,
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
