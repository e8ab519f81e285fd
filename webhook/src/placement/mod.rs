//! Checks the rules that need a look at the cluster: where the pods of a DaemonSet would run, and what they would meet there.

mod look;
mod unknown;

use daemonset_validation::placement::{Budget, Snapshot};
use daemonset_validation::{Finding, Server};
use k8s_openapi::api::apps::v1::DaemonSet;

use crate::cache::View;
use crate::policy::Levels;

/// What is asked about a DaemonSet.
#[derive(Clone, Copy, Debug)]
pub struct Question<'q> {
    /// The API server, the controller and the scheduler that decide.
    pub server: &'q Server,
    /// The level of each rule; one that is off is not checked.
    pub levels: &'q Levels,
    /// How many nodes of a group a finding names; at least one is named.
    pub named_nodes: usize,
    /// The time of the review. Each object gets [`WORK`] of its own.
    pub budget: &'q Budget,
}

/// The units of work that one DaemonSet may take: about a second of one core. Beyond it, its placement is unknown.
pub const WORK: u64 = 100_000_000;

/// The object that is stored now.
#[derive(Debug)]
pub enum Old {
    /// There is none: the request creates the object.
    None,
    /// It cannot be read.
    Unknown,
    /// The object.
    Object(Box<DaemonSet>),
}

/// What is found about a DaemonSet on the cluster.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Judgement {
    /// What the request introduces.
    pub introduced: Vec<Finding>,
    /// What holds for the stored object as well, or may hold for all that is known.
    pub kept: Vec<Finding>,
}

/// The findings about a DaemonSet on the cluster. It is the object that the server would store; one of its name that the cluster has, and
/// its pods, do not count. `old` reads the object that is stored now; it is called only if a finding would deny the request.
///
/// Both objects are judged on one view, and what is said of an update is what it adds: nodes, host ports, other DaemonSets.
pub fn judge(
    daemon_set: &DaemonSet,
    old: &mut dyn FnMut() -> Old,
    view: &View<'_>,
    question: &Question<'_>,
) -> Judgement {
    match view {
        View::Off => Judgement::default(),
        View::Busy => look::nothing_known(unknown::busy(), old, question),
        View::Cold { missing } => look::nothing_known(unknown::cold(missing), old, question),
        View::Ready(reading) => judge_on(daemon_set, old, reading.snapshot(), question),
    }
}

/// The judgement of a review that waited too long to be judged.
pub(crate) fn too_late(old: &mut dyn FnMut() -> Old, question: &Question<'_>) -> Judgement {
    look::nothing_known(unknown::crowd(), old, question)
}

/// The same on a snapshot.
pub fn judge_on(
    daemon_set: &DaemonSet,
    old: &mut dyn FnMut() -> Old,
    snapshot: &Snapshot,
    question: &Question<'_>,
) -> Judgement {
    look::judge(daemon_set, old, snapshot, question)
}
