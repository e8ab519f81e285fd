//! What all requests share.

use std::sync::Arc;

use arc_swap::ArcSwap;
use daemonset_validation::Server;

use super::judges::Judges;
use super::limits::Limits;
use super::phase::Switch;
use crate::metrics::Metrics;
use crate::policy::Levels;
use crate::review::{FaultlessSpecs, PlacementJudge};
use crate::trace::Traces;

/// What reviews are judged by. It is replaced as a whole when the config file changes.
#[derive(Clone, Debug)]
pub struct Policy {
    /// The level of each rule.
    pub levels: Levels,
    /// The API server whose validation is repeated; `None` if its version is not supported.
    pub server: Option<Server>,
    /// How many nodes a finding names for each reason.
    pub named_nodes: usize,
    /// The specs in which this server finds no fault.
    pub faultless: Arc<FaultlessSpecs>,
}

/// The state that all requests share.
pub struct App {
    /// What reviews are judged by.
    pub policy: ArcSwap<Policy>,
    /// Judges placement; `None` if there is no cluster or `--cache` is off.
    pub placement: Option<Arc<dyn PlacementJudge>>,
    /// Limits on concurrent reviews, connections and memory.
    pub limits: Limits,
    /// The threads that judge reviews.
    pub judges: Judges,
    /// The metrics.
    pub metrics: Arc<Metrics>,
    /// The phase of the replica.
    pub switch: Switch,
    /// Makes a span for each review, if traces are on.
    pub traces: Traces,
}
