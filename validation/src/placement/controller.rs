//! Whether the DaemonSet controller makes a pod for a node.

use super::filters::{self, Cluster};
use super::snapshot::Node;
use super::verdict::{Reason, Stage};

/// The reasons why the controller makes no pod for the node; none where it makes one.
///
/// The controller stops at its first no. All of them are given, since a person who mends one meets the next; whether there is any
/// is the same.
///
/// Upstream: `controller/daemon.NodeShouldRunDaemonPod`.
pub(super) fn node_should_run_daemon_pod(cluster: &Cluster<'_>, node: &Node) -> Vec<Reason> {
    let mut reasons = Vec::new();
    for question in [filters::node_name, filters::node_affinity, filters::taint_toleration] {
        question(cluster, node, &mut reasons);
    }
    for reason in &mut reasons {
        // The controller asks the same questions as these filters, before it makes a pod.
        reason.stage = Stage::Controller;
    }
    reasons
}
