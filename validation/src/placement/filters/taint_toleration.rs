//! The node's taints.

use k8s_openapi::api::core::v1::Taint;

use crate::matching::toleration::Tolerations;
use crate::placement::cause::{Cause, NodeTaint};
use crate::placement::cluster::Cluster;
use crate::placement::filter::Filter;
use crate::placement::paths::pod_path;
use crate::placement::reason::Reason;
use crate::placement::reasons::Reasons;
use crate::placement::remedy::Remedy;
use crate::placement::site::Site;

/// Taints with the effect `NoSchedule` or `NoExecute` must be tolerated.
///
/// Upstream: `scheduler/framework/plugins/tainttoleration.Filter`.
pub(in crate::placement) fn filter(cluster: &Cluster<'_>, site: &Site<'_>, reasons: &mut Reasons) {
    if !cluster.context.pod.is_as_the_controller_saw_it() {
        ask(cluster, &cluster.context.pod.tolerations, site, reasons);
    }
}

/// The same check by the controller, which knows only the template.
pub(in crate::placement) fn of_template(cluster: &Cluster<'_>, site: &Site<'_>, reasons: &mut Reasons) {
    ask(cluster, cluster.context.pod.template_tolerations(), site, reasons);
}

fn ask(cluster: &Cluster<'_>, tolerations: &Tolerations<'_>, site: &Site<'_>, reasons: &mut Reasons) {
    if cluster.context.budget.spend_for(site.node.taints.len()).is_err() {
        return;
    }
    let keeps_away = |taint: &&Taint| matches!(taint.effect.as_str(), "NoSchedule" | "NoExecute");
    let untolerated = site.node.taints.iter().filter(keeps_away).filter(|taint| !tolerations.tolerate(taint));
    let untolerated: Box<[NodeTaint]> = untolerated.map(NodeTaint::from).collect();
    if !untolerated.is_empty() {
        let cause = Cause::Taints(untolerated);
        let reason = Reason::new(Filter::TaintToleration, cause, pod_path(&["tolerations"]));
        reasons.push(reason.remedy(Remedy::Tolerate));
    }
}

/// Whether the pod tolerates all `NoExecute` taints.
pub(in crate::placement) fn tolerates_no_execute(cluster: &Cluster<'_>, site: &Site<'_>) -> bool {
    let ends_pods = |taint: &Taint| taint.effect == "NoExecute";
    let tolerations = cluster.context.pod.template_tolerations();
    tolerations.first_untolerated(&site.node.taints, ends_pods).is_none()
}
