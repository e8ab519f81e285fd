//! Scheduling gates of the pod.

use crate::placement::cause::Cause;
use crate::placement::cluster::Cluster;
use crate::placement::filter::Filter;
use crate::placement::paths::pod_path;
use crate::placement::reason::Reason;
use crate::placement::remedy::Remedy;
use crate::placement::site::Site;

/// A pod with scheduling gates is not looked at until each of them is removed from it.
///
/// Upstream: `scheduler/framework/plugins/schedulinggates.PreEnqueue`.
pub(in crate::placement) fn filter(cluster: &Cluster<'_>, _: &Site<'_>, reasons: &mut Vec<Reason>) {
    let gates = cluster.context.pod.spec.scheduling_gates.as_deref().unwrap_or_default();
    if gates.is_empty() {
        return;
    }
    let cause = Cause::SchedulingGates(gates.iter().map(|gate| gate.name.as_str().into()).collect());
    let reason = Reason::new(Filter::SchedulingGates, cause, pod_path(&["schedulingGates"]));
    reasons.push(reason.remedy(Remedy::DeleteSchedulingGates));
}
