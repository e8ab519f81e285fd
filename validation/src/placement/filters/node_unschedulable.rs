//! The node is cordoned.

use super::{Cluster, Site, pod_path};
use crate::matching::toleration;
use crate::placement::verdict::Reason;
use k8s_openapi::api::core::v1::Taint;

const NAME: &str = "NodeUnschedulable";

/// A cordoned node takes only pods that tolerate its taint, as the controller makes every daemon pod do.
///
/// Upstream: `scheduler/framework/plugins/nodeunschedulable.Filter`.
pub(in crate::placement) fn filter(cluster: &Cluster<'_>, site: &Site<'_>, reasons: &mut Vec<Reason>) {
    if !site.node.unschedulable {
        return;
    }
    let taint = Taint {
        key: "node.kubernetes.io/unschedulable".to_owned(),
        effect: "NoSchedule".to_owned(),
        ..Taint::default()
    };
    if toleration::tolerations_tolerate_taint(
        &cluster.pod.tolerations,
        &taint,
        cluster.comparing_tolerations(),
    ) {
        return;
    }
    let message = "the node is cordoned".to_owned();
    let suggestion = format!("kubectl uncordon {}", site.node.name);
    reasons.push(Reason::new(NAME, message, pod_path(&["tolerations"])).suggest(suggestion));
}
