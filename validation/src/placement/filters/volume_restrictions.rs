//! Volumes that only one pod can use.

use crate::placement::cause::{Cause, ClaimProblem, PodName};
use crate::placement::cluster::Cluster;
use crate::placement::filter::Filter;
use crate::placement::kind::Kind;
use crate::placement::paths::volume_path;
use crate::placement::reason::{Missing, Reason};
use crate::placement::remedy::{Remedy, VolumeRemedy};
use crate::placement::site::Site;
use crate::placement::volume::PodVolume;

/// The pod waits for claims that do not exist.
///
/// Upstream: `scheduler/framework/plugins/volumerestrictions.PreFilter`.
pub(in crate::placement) fn pre_filter(cluster: &Cluster<'_>, _: &Site<'_>, reasons: &mut Vec<Reason>) {
    let missing = cluster.claims.all.iter().filter(|claim| !claim.ephemeral && claim.object.is_none());
    for claim in missing {
        if cluster.context.snapshot.has(Kind::PersistentVolumeClaim) {
            let problem = ClaimProblem::Absent { namespace: cluster.context.pod.namespace.into() };
            let reason = claim.reason(Filter::VolumeRestrictions, problem);
            reasons.push(reason.remedy(Remedy::Volume(VolumeRemedy::CreateClaim)).unresolvable());
        } else {
            let reason = claim.reason(Filter::VolumeRestrictions, ClaimProblem::NotRead);
            reasons.push(reason.missing(Missing::Kind(Kind::PersistentVolumeClaim)));
        }
    }
}

/// No other pod on the node may use the same exclusive disk, and no other pod in the cluster the same `ReadWriteOncePod` claim.
///
/// Upstream: `scheduler/framework/plugins/volumerestrictions.Filter`.
pub(in crate::placement) fn filter(cluster: &Cluster<'_>, site: &Site<'_>, reasons: &mut Vec<Reason>) {
    if cluster.context.pod.volumes.is_empty() {
        return;
    }
    for (place, volume) in &cluster.context.pod.volumes {
        if matches!(volume, PodVolume::Claim(_) | PodVolume::Ephemeral(_) | PodVolume::Csi(_)) {
            continue;
        }
        let others = site.usage.pods.iter().filter(|pod| cluster.counts(site, **pod));
        let mut others = others.filter_map(|pod| cluster.context.snapshot.pod(*pod));
        let holder = others.find(|pod| pod.shape.volumes.iter().any(|held| conflict(volume, held)));
        if let Some(holder) = holder {
            let cause = Cause::DiskInUse { holder: PodName::of(holder) };
            let reason = Reason::new(Filter::VolumeRestrictions, cause, volume_path(*place));
            reasons.push(reason.remedy(Remedy::Volume(VolumeRemedy::UseSharedDisk)));
        }
    }
    single_pod_claims(cluster, site, reasons);
}

/// Upstream: `scheduler/framework/plugins/volumerestrictions.satisfyReadWriteOncePod`.
fn single_pod_claims(cluster: &Cluster<'_>, site: &Site<'_>, reasons: &mut Vec<Reason>) {
    let claims = &cluster.claims;
    if claims.single.is_empty() {
        return;
    }
    let in_use = if claims.placed { claims.single.len() } else { claims.in_use };
    let single =
        |volume: &&PodVolume| matches!(volume, PodVolume::Claim(name) if claims.single.contains(name));
    let removed = site.removed.iter().filter_map(|pod| cluster.context.snapshot.pod(*pod));
    // Upstream compares only the claim's name here, not the other pod's namespace.
    let freed: usize = removed.map(|pod| pod.shape.volumes.iter().filter(single).count()).sum();
    if in_use <= freed {
        return;
    }
    let single_one = |volume: &PodVolume| single(&volume);
    let place =
        cluster.context.pod.volumes.iter().find(|(_, volume)| single_one(volume)).map(|(place, _)| *place);
    let claim = claims.all.iter().find(|claim| Some(claim.place) == place);
    let Some(claim) = claim else { return };
    let holder = claims.holder.and_then(|pod| cluster.context.snapshot.pod(pod)).map(PodName::of);
    let reason = claim.reason(Filter::VolumeRestrictions, ClaimProblem::SinglePod { holder });
    reasons.push(reason.remedy(Remedy::Volume(VolumeRemedy::UseEphemeralVolume)));
}

/// Whether pods with these volumes cannot run on one node.
///
/// Upstream: `scheduler/framework/plugins/volumerestrictions.isVolumeConflict`.
fn conflict(one: &PodVolume, other: &PodVolume) -> bool {
    match (one, other) {
        (
            PodVolume::Gce { name, read_only },
            PodVolume::Gce { name: other_name, read_only: other_read_only },
        ) => name == other_name && !(*read_only && *other_read_only),
        (PodVolume::Ebs(one), PodVolume::Ebs(other)) => one == other,
        (
            PodVolume::Iscsi { iqn, read_only },
            PodVolume::Iscsi { iqn: other_iqn, read_only: other_read_only },
        ) => iqn == other_iqn && !(*read_only && *other_read_only),
        (
            PodVolume::Rbd { monitors, pool, image, read_only },
            PodVolume::Rbd {
                monitors: other_monitors,
                pool: other_pool,
                image: other_image,
                read_only: other_read_only,
            },
        ) => {
            monitors.iter().any(|monitor| other_monitors.contains(monitor))
                && pool == other_pool
                && image == other_image
                && !(*read_only && *other_read_only)
        }
        _ => false,
    }
}
