//! Zones and regions of volumes, as their labels say.

use super::{Cluster, Site};
use crate::placement::claims::{Binding, PodClaim};
use crate::placement::kind::Kind;
use crate::placement::snapshot::PersistentVolume;
use crate::placement::verdict::Reason;

const NAME: &str = "VolumeZone";

/// The labels that name a zone or region, each with the one that took its place.
const TOPOLOGY: [(&str, &str); 4] = [
    ("failure-domain.beta.kubernetes.io/zone", "topology.kubernetes.io/zone"),
    ("failure-domain.beta.kubernetes.io/region", "topology.kubernetes.io/region"),
    ("topology.kubernetes.io/zone", "topology.kubernetes.io/zone"),
    ("topology.kubernetes.io/region", "topology.kubernetes.io/region"),
];

/// Upstream: `scheduler/framework/plugins/volumezone.getPersistentVolumeClaimNameFromPod`: only claims that the pod names.
fn bound<'a>(cluster: &'a Cluster<'_>) -> impl Iterator<Item = &'a PodClaim<'a>> {
    cluster.claims.all.iter().filter(|claim| !claim.ephemeral && claim.binding == Binding::Bound)
}

/// A claim's volume must be there.
///
/// Upstream: `scheduler/framework/plugins/volumezone.PreFilter`.
pub(in crate::placement) fn pre_filter(cluster: &Cluster<'_>, _: &Site<'_>, reasons: &mut Vec<Reason>) {
    for claim in bound(cluster) {
        let name = claim.volume_name();
        if cluster.snapshot.persistent_volumes.contains_key(name) {
            continue;
        }
        if cluster.snapshot.has(Kind::PersistentVolume) {
            let message = format!("volume `{name}` of {} does not exist", claim.shown);
            let suggestion = "name a claim whose volume exists".to_owned();
            reasons.push(Reason::new(NAME, message, claim.path()).suggest(suggestion).unresolvable());
        } else {
            let message = format!("volume `{name}` of {} is needed, and volumes were not read", claim.shown);
            reasons.push(Reason::new(NAME, message, claim.path()).lacking(Kind::PersistentVolume.plural()));
        }
    }
}

/// A node that has a zone must be in one of the volume's.
///
/// Upstream: `scheduler/framework/plugins/volumezone.Filter`.
pub(in crate::placement) fn filter(cluster: &Cluster<'_>, site: &Site<'_>, reasons: &mut Vec<Reason>) {
    let labels = &site.node.labels;
    if cluster.claims.all.is_empty() || !TOPOLOGY.iter().any(|(key, _)| labels.contains_key(*key)) {
        return;
    }
    for claim in bound(cluster) {
        let name = claim.volume_name();
        let Some(volume) = cluster.snapshot.persistent_volumes.get(name) else { continue };
        for (key, current) in TOPOLOGY {
            let Some((written, values)) = values(volume, key) else { continue };
            let here = labels.get(key).or_else(|| labels.get(current));
            if here.is_some_and(|here| values.contains(&here.as_str())) {
                continue;
            }
            let node = match here {
                Some(here) => format!("the node is in `{here}`"),
                None => format!("the node has no label `{current}`"),
            };
            let message = format!("volume `{name}` of {} has `{key}: {written}`, {node}", claim.shown);
            let suggestion = "use a volume that the node can reach, such as an ephemeral one".to_owned();
            reasons.push(Reason::new(NAME, message, claim.path()).suggest(suggestion).unresolvable());
        }
    }
}

/// The zones or regions in a label, as it is written and one by one; a label with an empty one among them is passed over.
///
/// Upstream: `cloud-provider/volume/helpers.LabelZonesToSet`.
fn values<'v>(volume: &'v PersistentVolume, key: &str) -> Option<(&'v str, Vec<&'v str>)> {
    let written = volume.shape.labels.get(key)?;
    let values: Vec<&str> = written.split("__").map(str::trim).collect();
    (!values.iter().any(|value| value.is_empty())).then_some((written, values))
}
