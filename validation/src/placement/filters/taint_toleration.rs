//! The node's taints.

use k8s_openapi::api::core::v1::Taint;

use super::{Cluster, pod_path};
use crate::matching::toleration;
use crate::placement::snapshot::Node;
use crate::placement::verdict::{Reason, Stage};

const NAME: &str = "TaintToleration";

/// A taint that keeps pods away (NoSchedule or NoExecute) must be tolerated.
///
/// Upstream: `scheduler/framework/plugins/tainttoleration.Filter`.
pub(in crate::placement) fn filter(cluster: &Cluster<'_>, node: &Node, reasons: &mut Vec<Reason>) {
    let keeps_away = |taint: &&Taint| matches!(taint.effect.as_str(), "NoSchedule" | "NoExecute");
    let tolerated = |taint: &Taint| {
        toleration::tolerations_tolerate_taint(cluster.tolerations, taint, cluster.comparing_tolerations())
    };
    let untolerated: Vec<&Taint> =
        node.taints.iter().filter(keeps_away).filter(|taint| !tolerated(taint)).collect();
    if untolerated.is_empty() {
        return;
    }
    let named: Vec<String> = untolerated.iter().map(|taint| format!("`{}`", printed(taint))).collect();
    let (noun, verb) = if named.len() == 1 { ("taint", "is") } else { ("taints", "are") };
    let entries: Vec<String> = untolerated.iter().map(|taint| entry(taint)).collect();
    reasons.push(Reason {
        stage: Stage::Scheduler,
        filter: NAME,
        message: format!("{noun} {} {verb} not tolerated", named.join(", ")),
        path: pod_path(&["tolerations"]),
        suggestion: Some(format!("add to `tolerations`: {}", entries.join(", "))),
    });
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
