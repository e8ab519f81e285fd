//! Whether the DaemonSet controller makes a pod for a node.

use super::filter::Filter;
use super::filters::{self, Cluster, Site};
use super::reason::{Reason, Stage};

/// The reasons why the controller makes no pod for the node; none where it makes one.
///
/// The controller stops at the first reason. Here all are collected, since a user who removes one would meet the next.
///
/// Upstream: `controller/daemon.NodeShouldRunDaemonPod`.
pub(super) fn node_should_run_daemon_pod(cluster: &Cluster<'_>, site: &Site<'_>) -> Vec<Reason> {
    let mut reasons = Vec::new();
    for question in [filters::node_name, filters::node_affinity, filters::taint_toleration] {
        question(cluster, site, &mut reasons);
    }
    for reason in &mut reasons {
        // The controller makes the same checks as these filters, before it creates a pod.
        reason.stage = Stage::Controller;
    }
    reasons
}

/// Whether an existing pod stays where no new one is created: the manifest selects the node, and the pod tolerates its `NoExecute`
/// taints.
///
/// Upstream: `controller/daemon.NodeShouldRunDaemonPod`.
pub(super) fn keeps_running(cluster: &Cluster<'_>, site: &Site<'_>, refused: &[Reason]) -> bool {
    let elsewhere =
        refused.iter().any(|reason| matches!(reason.filter, Filter::NodeName | Filter::NodeAffinity));
    !elsewhere && filters::tolerates_no_execute(cluster, site)
}
