//! The node is cordoned.

use super::{Cluster, pod_path};
use crate::matching::toleration;
use crate::placement::snapshot::Node;
use crate::placement::verdict::{Reason, Stage};
use k8s_openapi::api::core::v1::Taint;

const NAME: &str = "NodeUnschedulable";

/// A cordoned node takes only pods that tolerate its taint, as the controller makes every daemon pod do.
///
/// Upstream: `scheduler/framework/plugins/nodeunschedulable.Filter`.
pub(in crate::placement) fn filter(cluster: &Cluster<'_>, node: &Node, reasons: &mut Vec<Reason>) {
    if !node.unschedulable {
        return;
    }
    let taint = Taint {
        key: "node.kubernetes.io/unschedulable".to_owned(),
        effect: "NoSchedule".to_owned(),
        ..Taint::default()
    };
    if toleration::tolerations_tolerate_taint(cluster.tolerations, &taint, cluster.comparing_tolerations()) {
        return;
    }
    reasons.push(Reason {
        stage: Stage::Scheduler,
        filter: NAME,
        message: "the node is cordoned".to_owned(),
        path: pod_path(&["tolerations"]),
        suggestion: Some(format!("kubectl uncordon {}", node.name)),
    });
}
