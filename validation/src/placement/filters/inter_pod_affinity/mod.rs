//! Required affinity and anti-affinity between pods.

mod reasons;
mod state;
mod tally;
mod term;

pub(in crate::placement) use state::InterPodAffinity;

use crate::placement::cluster::Cluster;
use crate::placement::reason::Reason;
use crate::placement::site::Site;
use state::Answer;
use tally::Other;

/// Wanted pods must run in the node's domains, and no pod that a term of anti-affinity on either side selects.
///
/// Upstream: `scheduler/framework/plugins/interpodaffinity.Filter`.
pub(in crate::placement) fn filter(cluster: &Cluster<'_>, site: &Site<'_>, reasons: &mut Vec<Reason>) {
    let Some(affinity) = &cluster.affinity else { return };
    let snapshot = cluster.context.snapshot;
    let removed = affinity.removed(snapshot, site);
    match affinity.affinity_admits(site.index, removed.wanted) {
        Answer::Admits => {}
        answer => reasons.extend(reasons::far(affinity, site, answer)),
    }
    let before = reasons.len();
    for ((index, own), removed) in affinity.against.iter().enumerate().zip(removed.against) {
        if let Some((other, selected)) = affinity.keeps_away(&own.tallies, site.index, removed) {
            reasons.push(reasons::unwanted(snapshot, site, (index, &own.term), other, selected));
        }
    }
    let said = reasons.len() > before;
    for (tallies, removed) in affinity.repelled.iter().zip(removed.repelled) {
        if let Some((other, selected)) = affinity.keeps_away(tallies, site.index, removed)
            && let Some(topology) = affinity.topology(tallies)
            // The reason about the pod's own anti-affinity covers its own pods already.
            && !(said && matches!(other, Other::New(_)))
        {
            reasons.push(reasons::repelled(snapshot, site, &topology.key, other, selected));
        }
    }
}
