//! What is asked about a DaemonSet, and the answer.

use daemonset_validation::placement::Budget;
use daemonset_validation::{Finding, Server};
use k8s_openapi::api::apps::v1::DaemonSet;

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
    /// The time of the review, which is one for both objects and all rules, and the work that one object may take: each has as much of its
    /// own, so that a heavy object is known by itself.
    pub budget: &'q Budget,
}

/// The units of work that one DaemonSet may take in a review: about a second of one core. Beyond it, its placement is unknown.
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
