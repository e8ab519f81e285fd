//! Cordoned nodes.

use k8s_openapi::api::core::v1::Taint;

use crate::placement::cause::Cause;
use crate::placement::cluster::Cluster;
use crate::placement::filter::Filter;
use crate::placement::paths::pod_path;
use crate::placement::reason::Reason;
use crate::placement::reasons::Reasons;
use crate::placement::remedy::Remedy;
use crate::placement::site::Site;

/// A cordoned node takes only pods that tolerate its taint. The controller adds this toleration to every daemon pod.
///
/// Upstream: `scheduler/framework/plugins/nodeunschedulable.Filter`.
pub(in crate::placement) fn filter(cluster: &Cluster<'_>, site: &Site<'_>, reasons: &mut Reasons) {
    if !site.node.unschedulable {
        return;
    }
    let taint = Taint {
        key: "node.kubernetes.io/unschedulable".to_owned(),
        effect: "NoSchedule".to_owned(),
        ..Taint::default()
    };
    if cluster.context.pod.tolerations.tolerate(&taint) {
        return;
    }
    let reason = Reason::new(Filter::NodeUnschedulable, Cause::Unschedulable, pod_path(&["tolerations"]));
    reasons.push(reason.remedy(Remedy::Uncordon));
}
