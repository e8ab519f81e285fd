//! Whether the DaemonSet controller makes a pod for a node.

use super::filter::Filter;
use super::filters::{self, Cluster, Site};
use super::reason::{Reason, Stage};

/// The reasons why the controller makes no pod for the node; none where it makes one.
///
/// The controller stops at its first no. All of them are given, since a person who mends one meets the next; whether there is any
/// is the same.
///
/// Upstream: `controller/daemon.NodeShouldRunDaemonPod`.
pub(super) fn node_should_run_daemon_pod(cluster: &Cluster<'_>, site: &Site<'_>) -> Vec<Reason> {
    let mut reasons = Vec::new();
    for question in [filters::node_name, filters::node_affinity, filters::taint_toleration] {
        question(cluster, site, &mut reasons);
    }
    for reason in &mut reasons {
        // The controller asks the same questions as these filters, before it makes a pod.
        reason.stage = Stage::Controller;
    }
    reasons
}

/// Whether a pod that is there already would stay where no new one is made: its node is the right one, and it tolerates what ends
/// pods at once.
///
/// Upstream: `controller/daemon.NodeShouldRunDaemonPod`.
pub(super) fn keeps_running(cluster: &Cluster<'_>, site: &Site<'_>, refused: &[Reason]) -> bool {
    let elsewhere =
        refused.iter().any(|reason| matches!(reason.filter, Filter::NodeName | Filter::NodeAffinity));
    !elsewhere && filters::tolerates_no_execute(cluster, site)
}
