//! Ports of the node that other pods hold.

use crate::placement::cause::{Cause, HeldPort, PodName};
use crate::placement::cluster::Cluster;
use crate::placement::filter::Filter;
use crate::placement::reason::Reason;
use crate::placement::remedy::Remedy;
use crate::placement::site::Site;

/// A host port must be free: the same number and protocol on the same address, where no address stands for all of them.
///
/// Upstream: `scheduler/framework/plugins/nodeports.Filter`.
pub(in crate::placement) fn filter(cluster: &Cluster<'_>, site: &Site<'_>, reasons: &mut Vec<Reason>) {
    for wanted in &cluster.context.pod.ports {
        if cluster.context.budget.spend_for(site.usage.ports.len()).is_err() {
            return;
        }
        let mut holders = site
            .usage
            .ports
            .iter()
            .filter(|(held, pod)| held.conflicts_with(&wanted.port) && cluster.counts(site, *pod))
            .filter(|(held, _)| !site.freed.contains(held));
        let Some((_, holder)) = holders.next() else { continue };
        let holder = cluster.context.snapshot.pod(*holder).map(PodName::of);
        let cause = Cause::HostPort(Box::new(HeldPort { port: wanted.port.clone(), holder }));
        let reason = Reason::new(Filter::NodePorts, cause, wanted.path.clone());
        reasons.push(reason.remedy(Remedy::ChangeHostPort));
    }
}
