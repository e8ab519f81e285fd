//! Zones and regions in the labels of volumes.

use crate::placement::cause::{ClaimProblem, UnmatchedZone};
use crate::placement::claims::{Binding, PodClaim};
use crate::placement::cluster::Cluster;
use crate::placement::filter::Filter;
use crate::placement::kind::Kind;
use crate::placement::reason::{Missing, Reason};
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
pub(in crate::placement) fn pre_filter(cluster: &Cluster<'_>, _: &Site<'_>, reasons: &mut Vec<Reason>) {
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
pub(in crate::placement) fn filter(cluster: &Cluster<'_>, site: &Site<'_>, reasons: &mut Vec<Reason>) {
    let labels = &site.node.labels;
    if cluster.claims.all.is_empty() || !TOPOLOGY.iter().any(|(key, _)| labels.contains_key(*key)) {
        return;
    }
    for claim in bound(cluster) {
        let name = claim.volume_name();
        let Some(volume) = cluster.context.snapshot.persistent_volumes.get(name) else { continue };
        for (key, current) in TOPOLOGY {
            let Some((written, values)) = values(volume, key) else { continue };
            let here = labels.get(key).or_else(|| labels.get(current));
            if here.is_some_and(|here| values.contains(&here.as_str())) {
                continue;
            }
            let problem = ClaimProblem::Zone(UnmatchedZone {
                volume: name.into(),
                key: key.into(),
                value: written.into(),
                node_key: current,
                actual: here.map(|here| here.as_str().into()),
            });
            let reason = claim.reason(Filter::VolumeZone, problem);
            reasons.push(reason.remedy(Remedy::Volume(VolumeRemedy::UseReachableVolume)).unresolvable());
        }
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
