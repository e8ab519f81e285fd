//! Ports of the node that other pods hold.

use crate::placement::cause::{Cause, HeldPort, PodName};
use crate::placement::cluster::Cluster;
use crate::placement::filter::Filter;
use crate::placement::reason::Reason;
use crate::placement::reasons::Reasons;
use crate::placement::remedy::Remedy;
use crate::placement::site::Site;

/// A host port must be free: the same number and protocol on the same address, where no address stands for all of them.
///
/// Upstream: `scheduler/framework/plugins/nodeports.Filter`.
pub(in crate::placement) fn filter(cluster: &Cluster<'_>, site: &Site<'_>, reasons: &mut Reasons) {
    let wanted = &cluster.context.pod.ports;
    if wanted.is_empty() || site.usage.ports.is_empty() {
        return;
    }
    if cluster.context.budget.spend_for(site.usage.ports.len()).is_err() {
        return;
    }
    let held =
        site.usage.ports.iter().filter(|(port, pod)| cluster.counts(site, *pod) && !site.is_freed(port));
    let held = wanted.held(held.map(|(port, pod)| (port, *pod)), reasons.room());
    for (place, holder) in held.first {
        let Some(wanted) = wanted.get(place) else { continue };
        let holder = cluster.context.snapshot.pod(holder).map(PodName::of);
        let cause = Cause::HostPort(Box::new(HeldPort { port: wanted.port.clone(), holder }));
        let reason = Reason::new(Filter::NodePorts, cause, wanted.path.clone());
        reasons.push(reason.remedy(Remedy::ChangeHostPort));
    }
    if held.more > 0 {
        reasons.omit(held.more);
    }
}
