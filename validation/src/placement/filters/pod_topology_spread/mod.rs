//! Topology spread constraints.

mod state;

pub(in crate::placement) use state::PodTopologySpread;

use crate::path::FieldPath;
use crate::placement::cause::{Cause, Domain, Skew, TooFewDomains};
use crate::placement::cluster::Cluster;
use crate::placement::filter::Filter;
use crate::placement::paths::pod_path;
use crate::placement::reason::Reason;
use crate::placement::reasons::Reasons;
use crate::placement::remedy::Remedy;
use crate::placement::site::Site;
use state::{Constraint, Counts, Seen};

/// With the pod, the node's domain may have at most `maxSkew` pods more than the domain with the fewest.
///
/// Upstream: `scheduler/framework/plugins/podtopologyspread.Filter`.
pub(in crate::placement) fn filter(cluster: &Cluster<'_>, site: &Site<'_>, reasons: &mut Reasons) {
    let Some(spread) = &cluster.spread else { return };
    if cluster.context.budget.spend_for(spread.len()).is_err() {
        return;
    }
    let snapshot = cluster.context.snapshot;
    let room = reasons.room();
    // What keeps the pod off the node, each by its place; `None` where the node lacks the label.
    let mut found: Vec<(usize, Option<Seen>)> =
        spread.nowhere.iter().take(room).map(|place| (*place, None)).collect();
    let mut count = spread.nowhere.len();
    for place in &spread.somewhere {
        let Some(constraint) = spread.constraints.get(*place) else { continue };
        let Some(topology) = spread.topologies.get(constraint.topology) else { continue };
        let seen = constraint.see(topology, site.index, constraint.removed(snapshot, site));
        if seen.is_none_or(|seen| constraint.skew(seen) > constraint.max_skew) {
            found.push((*place, seen));
            count = count.saturating_add(1);
        }
    }
    found.sort_by_key(|(place, _)| *place);
    found.truncate(room);
    let kept = found.len();
    for (place, seen) in found {
        let Some(constraint) = spread.constraints.get(place) else { continue };
        let Some(topology) = spread.topologies.get(constraint.topology) else { continue };
        let path = pod_path(&["topologySpreadConstraints"]).index(constraint.index);
        reasons.push(match seen {
            None => without_label(&topology.key, path),
            Some(seen) => uneven(site, constraint, seen, &topology.key, path),
        });
    }
    if count > kept {
        reasons.omit(count.saturating_sub(kept));
    }
}

fn without_label(key: &str, path: FieldPath) -> Reason {
    let cause = Cause::SpreadLabel { key: key.into() };
    let reason = Reason::new(Filter::PodTopologySpread, cause, path.field("topologyKey"));
    reason.remedy(Remedy::any_label(key)).unresolvable()
}

fn uneven(site: &Site<'_>, constraint: &Constraint, seen: Seen, key: &str, path: FieldPath) -> Reason {
    let value = site.node.labels.get(key).map(String::as_str).unwrap_or_default();
    let skew = constraint.skew(seen);
    let max_skew = constraint.max_skew;
    let domains = seen.domains;
    let mut found = Skew {
        domain: Domain { key: key.into(), value: value.into() },
        here: seen.here,
        counts_itself: constraint.selects_itself,
        least: seen.least,
        skew,
        max_skew,
        too_few_domains: None,
    };
    if domains >= constraint.min_domains {
        let cause = Cause::Skew(Box::new(found));
        let reason = Reason::new(Filter::PodTopologySpread, cause, path.field("maxSkew"));
        return reason.remedy(Remedy::SetMaxSkew(skew));
    }
    found.too_few_domains = Some(TooFewDomains { domains, min_domains: constraint.min_domains });
    let would_fit =
        seen.here.saturating_add(i64::from(constraint.selects_itself)).saturating_sub(seen.least) <= max_skew;
    let remedy = match &constraint.counts {
        Counts::OfNode(_) | Counts::Nothing { of_node: true } => Remedy::IgnoreNodeAffinity,
        Counts::OfDomain { .. } if would_fit && domains > 0 => Remedy::SetMinDomains(domains),
        Counts::OfDomain { .. } | Counts::Nothing { .. } => Remedy::SetMaxSkew(skew),
    };
    let cause = Cause::Skew(Box::new(found));
    Reason::new(Filter::PodTopologySpread, cause, path.field("minDomains")).remedy(remedy)
}
