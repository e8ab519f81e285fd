//! The pod waits for somebody to open a gate.

use super::{Cluster, Site, pod_path};
use crate::placement::verdict::Reason;

const NAME: &str = "SchedulingGates";

/// A pod with scheduling gates is not looked at until each of them is removed from it.
///
/// Upstream: `scheduler/framework/plugins/schedulinggates.PreEnqueue`.
pub(in crate::placement) fn filter(cluster: &Cluster<'_>, _: &Site<'_>, reasons: &mut Vec<Reason>) {
    let gates = cluster.pod.spec.scheduling_gates.as_deref().unwrap_or_default();
    if gates.is_empty() {
        return;
    }
    let names: Vec<String> = gates.iter().map(|gate| format!("`{}`", gate.name)).collect();
    let message = format!("the pod waits until {} is removed from its scheduling gates", names.join(", "));
    let suggestion = "delete `schedulingGates` from the template".to_owned();
    reasons.push(Reason::new(NAME, message, pod_path(&["schedulingGates"])).suggest(suggestion));
}
