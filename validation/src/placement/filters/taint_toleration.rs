//! The node's taints.

use k8s_openapi::api::core::v1::{Taint, Toleration};

use super::{Cluster, Site, pod_path};
use crate::matching::toleration;
use crate::placement::verdict::Reason;

const NAME: &str = "TaintToleration";

/// A taint that keeps pods away (NoSchedule or NoExecute) must be tolerated.
///
/// Upstream: `scheduler/framework/plugins/tainttoleration.Filter`.
pub(in crate::placement) fn filter(cluster: &Cluster<'_>, site: &Site<'_>, reasons: &mut Vec<Reason>) {
    if !cluster.pod.is_as_the_controller_saw_it() {
        ask(cluster, &cluster.pod.tolerations, site, reasons);
    }
}

/// The same question of the controller, which knows only the template.
pub(in crate::placement) fn of_template(cluster: &Cluster<'_>, site: &Site<'_>, reasons: &mut Vec<Reason>) {
    ask(cluster, cluster.pod.template_tolerations(), site, reasons);
}

fn ask(cluster: &Cluster<'_>, tolerations: &[Toleration], site: &Site<'_>, reasons: &mut Vec<Reason>) {
    let keeps_away = |taint: &&Taint| matches!(taint.effect.as_str(), "NoSchedule" | "NoExecute");
    let tolerated = |taint: &Taint| {
        toleration::tolerations_tolerate_taint(tolerations, taint, cluster.comparing_tolerations())
    };
    let untolerated: Vec<&Taint> =
        site.node.taints.iter().filter(keeps_away).filter(|taint| !tolerated(taint)).collect();
    if untolerated.is_empty() {
        return;
    }
    let named: Vec<String> = untolerated.iter().map(|taint| format!("`{}`", printed(taint))).collect();
    let (noun, verb) = if named.len() == 1 { ("taint", "is") } else { ("taints", "are") };
    let entries: Vec<String> = untolerated.iter().map(|taint| entry(taint)).collect();
    let message = format!("{noun} {} {verb} not tolerated", named.join(", "));
    let suggestion = format!("add to `tolerations`: {}", entries.join(", "));
    reasons.push(Reason::new(NAME, message, pod_path(&["tolerations"])).suggest(suggestion));
}

/// Whether the pod tolerates each taint that ends running pods.
pub(in crate::placement) fn tolerates_no_execute(cluster: &Cluster<'_>, site: &Site<'_>) -> bool {
    let ends_pods = |taint: &Taint| taint.effect == "NoExecute";
    let comparing = cluster.comparing_tolerations();
    let taints = &site.node.taints;
    toleration::find_matching_untolerated_taint(
        taints,
        cluster.pod.template_tolerations(),
        ends_pods,
        comparing,
    )
    .is_none()
}

/// A taint as kubectl prints it.
fn printed(taint: &Taint) -> String {
    match taint.value.as_deref().filter(|value| !value.is_empty()) {
        Some(value) => format!("{}={value}:{}", taint.key, taint.effect),
        None => format!("{}:{}", taint.key, taint.effect),
    }
}

/// The narrowest toleration that admits the taint whatever its value, since values differ between clusters.
fn entry(taint: &Taint) -> String {
    format!("{{key: {}, operator: Exists, effect: {}}}", taint.key, taint.effect)
}
