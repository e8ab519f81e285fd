//! Zones and regions in the labels of volumes.

use crate::placement::cause::{ClaimProblem, UnmatchedZone};
use crate::placement::claims::{Binding, PodClaim};
use crate::placement::cluster::Cluster;
use crate::placement::filter::Filter;
use crate::placement::kind::Kind;
use crate::placement::reason::Missing;
use crate::placement::reasons::Reasons;
use crate::placement::remedy::{Remedy, VolumeRemedy};
use crate::placement::site::Site;
use crate::placement::snapshot::PersistentVolume;

/// The labels of zones and regions, each with the current one for the same.
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
pub(in crate::placement) fn pre_filter(cluster: &Cluster<'_>, reasons: &mut Reasons) {
    for claim in bound(cluster) {
        let name = claim.volume_name();
        if cluster.context.snapshot.persistent_volumes.contains_key(name) {
            continue;
        }
        if cluster.context.snapshot.has(Kind::PersistentVolume) {
            let reason = claim.reason(Filter::VolumeZone, ClaimProblem::VolumeAbsent { volume: name.into() });
            reasons.push(reason.remedy(Remedy::Volume(VolumeRemedy::NameClaimWithVolume)).unresolvable());
        } else {
            let reason =
                claim.reason(Filter::VolumeZone, ClaimProblem::VolumeNotRead { volume: name.into() });
            reasons.push(reason.missing(Missing::Kind(Kind::PersistentVolume)));
        }
    }
}

/// A node that has a zone must be in one of the volume's.
///
/// Upstream: `scheduler/framework/plugins/volumezone.Filter`.
pub(in crate::placement) fn filter(cluster: &Cluster<'_>, site: &Site<'_>, reasons: &mut Reasons) {
    let labels = &site.node.labels;
    if cluster.claims.all.is_empty() || !TOPOLOGY.iter().any(|(key, _)| labels.contains_key(*key)) {
        return;
    }
    let claims = &cluster.claims;
    if cluster.context.budget.spend_for(claims.bound.len()).is_err() {
        return;
    }
    let room = reasons.room();
    let mut count = 0_usize;
    // The claim, the label's place and values, and the node's value.
    let mut found = Vec::new();
    for (volume, places) in &claims.bound {
        for (number, (key, current)) in TOPOLOGY.into_iter().enumerate() {
            let Some((written, values)) = values(volume, key) else { continue };
            let here = labels.get(key).or_else(|| labels.get(current));
            if here.is_some_and(|here| values.contains(&here.as_str())) {
                continue;
            }
            let named = || {
                places.iter().filter(|place| claims.all.get(**place).is_some_and(|claim| !claim.ephemeral))
            };
            count = count.saturating_add(named().count());
            found.extend(named().take(room).map(|place| (*place, number, written, here)));
        }
    }
    found.sort_by_key(|(place, number, ..)| (*place, *number));
    found.truncate(room);
    let kept = found.len();
    for (place, number, written, here) in found {
        let (Some(claim), Some((key, current))) = (claims.all.get(place), TOPOLOGY.get(number).copied())
        else {
            continue;
        };
        let problem = ClaimProblem::Zone(UnmatchedZone {
            volume: claim.volume_name().into(),
            key: key.into(),
            value: written.into(),
            node_key: current,
            actual: here.map(|here| here.as_str().into()),
        });
        let reason = claim.reason(Filter::VolumeZone, problem);
        reasons.push(reason.remedy(Remedy::Volume(VolumeRemedy::UseReachableVolume)).unresolvable());
    }
    if count > kept {
        reasons.omit(count.saturating_sub(kept));
    }
}

/// A label of zones or regions, and its values; `None` where one of them is empty.
///
/// Upstream: `cloud-provider/volume/helpers.LabelZonesToSet`.
fn values<'v>(volume: &'v PersistentVolume, key: &str) -> Option<(&'v str, Vec<&'v str>)> {
    let written = volume.shape.labels.get(key)?;
    let values: Vec<&str> = written.split("__").map(str::trim).collect();
    (!values.iter().any(|value| value.is_empty())).then_some((written, values))
}
