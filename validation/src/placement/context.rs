//! The pod that is to be placed, and the cluster for which it is made.

use super::budget::Budget;
use super::daemon_pod::DaemonPod;
use super::snapshot::{PodIndex, Snapshot};
use crate::server::Server;

/// What a filter's state is computed from.
#[derive(Debug)]
pub(super) struct Context<'c> {
    /// The pod that the controller makes.
    pub(super) pod: DaemonPod<'c>,
    /// The snapshot of the cluster.
    pub(super) snapshot: &'c Snapshot,
    /// The cluster's version.
    pub(super) server: &'c Server,
    /// The work and the time that are left.
    pub(super) budget: &'c Budget,
    /// The existing pods of the DaemonSet, sorted. New ones replace them, so they count nowhere.
    pub(super) own: &'c [PodIndex],
}

impl<'c> Context<'c> {
    /// Looks up the existing pods of the pod's DaemonSet.
    pub(super) fn new(
        pod: DaemonPod<'c>,
        snapshot: &'c Snapshot,
        server: &'c Server,
        budget: &'c Budget,
    ) -> Self {
        let own = snapshot.pods_of_daemon_set(pod.namespace, pod.name);
        Self { pod, snapshot, server, budget, own }
    }

    /// Whether a pod is one of the DaemonSet's own.
    pub(super) fn is_own(&self, pod: PodIndex) -> bool {
        self.own.binary_search(&pod).is_ok()
    }
}
