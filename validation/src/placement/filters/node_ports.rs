//! Ports of the node that other pods hold.

use super::{Cluster, Site};
use crate::placement::verdict::Reason;

const NAME: &str = "NodePorts";

/// A host port must be free: the same number and protocol on the same address, where no address stands for all of them.
///
/// Upstream: `scheduler/framework/plugins/nodeports.Filter`.
pub(in crate::placement) fn filter(cluster: &Cluster<'_>, site: &Site<'_>, reasons: &mut Vec<Reason>) {
    for wanted in &cluster.pod.ports {
        let mut holders = site
            .usage
            .ports
            .iter()
            .filter(|(held, pod)| held.conflicts_with(&wanted.port) && cluster.counts(site, *pod))
            .filter(|(held, _)| !site.freed.contains(held));
        let Some((_, holder)) = holders.next() else { continue };
        let holder = cluster.snapshot.pod(*holder);
        let by =
            holder.map(|pod| format!(" by pod {}/{}", pod.shape.namespace, pod.name)).unwrap_or_default();
        let message = format!("host port {} is held{by}", wanted.port.shown());
        let suggestion = format!("use another host port than {}, or none", wanted.port.port);
        reasons.push(Reason::new(NAME, message, wanted.path.clone()).suggest(suggestion));
    }
}
