//! Volumes that only one pod can use.

use std::collections::BTreeMap;

use crate::placement::cause::{Cause, ClaimProblem, PodName};
use crate::placement::cluster::Cluster;
use crate::placement::filter::Filter;
use crate::placement::kind::Kind;
use crate::placement::paths::volume_path;
use crate::placement::reason::{Missing, Reason};
use crate::placement::reasons::Reasons;
use crate::placement::remedy::{Remedy, VolumeRemedy};
use crate::placement::site::Site;
use crate::placement::snapshot::Pod;
use crate::placement::volume::PodVolume;

/// The pod waits for claims that do not exist.
///
/// Upstream: `scheduler/framework/plugins/volumerestrictions.PreFilter`.
pub(in crate::placement) fn pre_filter(cluster: &Cluster<'_>, reasons: &mut Reasons) {
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
pub(in crate::placement) fn filter(cluster: &Cluster<'_>, site: &Site<'_>, reasons: &mut Reasons) {
    let disks = &cluster.disks;
    if !disks.is_empty() {
        let snapshot = cluster.context.snapshot;
        if cluster.context.budget.spend_for(site.usage.pods.len()).is_err() {
            return;
        }
        let others = site.usage.pods.iter().filter(|pod| cluster.counts(site, **pod));
        let others = others.filter_map(|pod| snapshot.pod(*pod)).filter(|pod| !pod.shape.volumes.is_empty());
        // The first pod on the node that holds each disk.
        let mut held: BTreeMap<usize, &Pod> = BTreeMap::new();
        for pod in others {
            for volume in &pod.shape.volumes {
                let wanted = disks.named_like(volume);
                if cluster.context.budget.spend_for(wanted.len()).is_err() {
                    return;
                }
                for place in wanted.iter().filter(|place| disks.conflicts(**place, volume)) {
                    held.entry(*place).or_insert(pod);
                }
            }
        }
        let more = held.len().saturating_sub(reasons.room());
        for (place, holder) in held.into_iter().take(reasons.room()) {
            let cause = Cause::DiskInUse { holder: PodName::of(holder) };
            let reason = Reason::new(Filter::VolumeRestrictions, cause, volume_path(place));
            reasons.push(reason.remedy(Remedy::Volume(VolumeRemedy::UseSharedDisk)));
        }
        if more > 0 {
            reasons.omit(more);
        }
    }
    single_pod_claims(cluster, site, reasons);
}

/// Upstream: `scheduler/framework/plugins/volumerestrictions.satisfyReadWriteOncePod`.
fn single_pod_claims(cluster: &Cluster<'_>, site: &Site<'_>, reasons: &mut Reasons) {
    let claims = &cluster.claims;
    if claims.single.is_empty() {
        return;
    }
    let in_use = if claims.placed { claims.single.len() } else { claims.in_use };
    let single =
        |volume: &&PodVolume| matches!(volume, PodVolume::Claim(name) if claims.single.contains(name));
    let removed = site.removed().filter_map(|(pod, pods)| Some((cluster.context.snapshot.pod(pod)?, pods)));
    // Upstream compares only the claim's name here, not the other pod's namespace.
    let freed =
        removed.map(|(pod, pods)| pod.shape.volumes.iter().filter(single).count().saturating_mul(pods));
    let freed = freed.fold(0, usize::saturating_add);
    if in_use <= freed {
        return;
    }
    let Some(claim) = claims.first_single.and_then(|place| claims.all.get(place)) else { return };
    let holder = claims.holder.and_then(|pod| cluster.context.snapshot.pod(pod)).map(PodName::of);
    let reason = claim.reason(Filter::VolumeRestrictions, ClaimProblem::SinglePod { holder });
    reasons.push(reason.remedy(Remedy::Volume(VolumeRemedy::UseEphemeralVolume)));
}
