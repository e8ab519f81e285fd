//! Required affinity and anti-affinity between pods.

mod reasons;
mod state;
mod tally;
mod term;

pub(in crate::placement) use state::InterPodAffinity;

use crate::placement::cluster::Cluster;
use crate::placement::reasons::Reasons;
use crate::placement::site::Site;
use crate::placement::snapshot::Snapshot;
use state::{Answer, Removed};
use tally::Other;

/// Wanted pods must run in the node's domains, and no pod that a term of anti-affinity on either side selects.
///
/// Upstream: `scheduler/framework/plugins/interpodaffinity.Filter`.
pub(in crate::placement) fn filter(cluster: &Cluster<'_>, site: &Site<'_>, reasons: &mut Reasons) {
    let Some(affinity) = &cluster.affinity else { return };
    if cluster.context.budget.spend_for(affinity.len()).is_err() {
        return;
    }
    let snapshot = cluster.context.snapshot;
    let removed = affinity.removed(snapshot, site);
    match affinity.affinity_admits(site.index, removed.wanted) {
        Answer::Admits => {}
        answer => reasons.extend(reasons::far(affinity, site, answer)),
    }
    let said = against(affinity, snapshot, site, (&removed, reasons));
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

/// The pod's own terms of anti-affinity, in their order. Returns whether any refuses the node.
fn against(
    affinity: &InterPodAffinity<'_>,
    snapshot: &Snapshot,
    site: &Site<'_>,
    (removed, reasons): (&Removed, &mut Reasons),
) -> bool {
    let room = reasons.room();
    let mut refusing = Vec::new();
    let mut count = 0_usize;
    for (own, removed) in affinity.against.iter().zip(&removed.against) {
        let Some(why) = affinity.keeps_away(&own.tallies, site.index, *removed) else { continue };
        count = count.saturating_add(own.terms.len());
        refusing.extend(own.terms.iter().zip(&own.selectors).take(room).map(|term| (term, own, why)));
    }
    refusing.sort_unstable_by_key(|((number, _), ..)| **number);
    let kept = refusing.len().min(room);
    for ((number, selector), own, (other, selected)) in refusing.into_iter().take(room) {
        if let Some(topology) = affinity.topology(&own.tallies) {
            let term = (*number, selector, &*topology.key);
            reasons.push(reasons::unwanted(snapshot, site, term, other, selected));
        }
    }
    if count > kept {
        reasons.omit(count.saturating_sub(kept));
    }
    count > 0
}
