//! Whether the DaemonSet controller makes a pod for a node.

use super::cluster::Cluster;
use super::filter::Filter;
use super::filters::{node_affinity, node_name, taint_toleration};
use super::reason::{Reason, Stage};
use super::reasons::Reasons;
use super::site::Site;

/// The reasons why the controller makes no pod for the node; none where it makes one.
///
/// The controller stops at the first reason. Here all are collected, since a user who removes one would meet the next.
///
/// Upstream: `controller/daemon.NodeShouldRunDaemonPod`.
pub(super) fn node_should_run_daemon_pod(cluster: &Cluster<'_>, site: &Site<'_>) -> Vec<Reason> {
    let mut reasons = Reasons::new();
    for question in [node_name::filter, node_affinity::of_template, taint_toleration::of_template] {
        reasons.next_filter();
        question(cluster, site, &mut reasons);
    }
    let mut reasons = reasons.into_list();
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
    !elsewhere && taint_toleration::tolerates_no_execute(cluster, site)
}
