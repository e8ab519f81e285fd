//! Scheduling gates of the pod.

use crate::placement::cause::Cause;
use crate::placement::cluster::Cluster;
use crate::placement::filter::Filter;
use crate::placement::paths::pod_path;
use crate::placement::reason::Reason;
use crate::placement::reasons::Reasons;
use crate::placement::remedy::Remedy;

/// A pod with scheduling gates is not looked at until each of them is removed from it.
///
/// Upstream: `scheduler/framework/plugins/schedulinggates.PreEnqueue`.
pub(in crate::placement) fn filter(cluster: &Cluster<'_>, reasons: &mut Reasons) {
    let gates = cluster.context.pod.spec.scheduling_gates.as_deref().unwrap_or_default();
    if gates.is_empty() {
        return;
    }
    let named = gates.iter().take(reasons.room()).map(|gate| gate.name.as_str().into());
    let cause = Cause::SchedulingGates(named.collect());
    let reason = Reason::new(Filter::SchedulingGates, cause, pod_path(&["schedulingGates"]));
    let more = gates.len().saturating_sub(reasons.room());
    reasons.push(reason.remedy(Remedy::DeleteSchedulingGates));
    if more > 0 {
        reasons.omit(more);
    }
}
