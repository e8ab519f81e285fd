//! Volumes that only one pod may use.

use super::{Cluster, Site};
use crate::placement::claims::volume_path;
use crate::placement::kind::Kind;
use crate::placement::verdict::Reason;
use crate::placement::volume::PodVolume;

const NAME: &str = "VolumeRestrictions";

/// The pod waits for claims that do not exist.
///
/// Upstream: `scheduler/framework/plugins/volumerestrictions.PreFilter`.
pub(in crate::placement) fn pre_filter(cluster: &Cluster<'_>, _: &Site<'_>, reasons: &mut Vec<Reason>) {
    let missing = cluster.claims.all.iter().filter(|claim| !claim.ephemeral && claim.object.is_none());
    for claim in missing {
        if cluster.snapshot.has(Kind::PersistentVolumeClaim) {
            let message = format!("{} does not exist in namespace `{}`", claim.shown, cluster.pod.namespace);
            let suggestion = "create the claim, or name one that exists".to_owned();
            reasons.push(Reason::new(NAME, message, claim.path()).suggest(suggestion).unresolvable());
        } else {
            let message = format!("{} is needed, and claims were not read", claim.shown);
            reasons
                .push(Reason::new(NAME, message, claim.path()).lacking(Kind::PersistentVolumeClaim.plural()));
        }
    }
}

/// A disk that is attached once must not be another pod's on the node, and a claim for one pod not another pod's anywhere.
///
/// Upstream: `scheduler/framework/plugins/volumerestrictions.Filter`.
pub(in crate::placement) fn filter(cluster: &Cluster<'_>, site: &Site<'_>, reasons: &mut Vec<Reason>) {
    if cluster.pod.volumes.is_empty() {
        return;
    }
    for (place, volume) in &cluster.pod.volumes {
        if matches!(volume, PodVolume::Claim(_) | PodVolume::Ephemeral(_) | PodVolume::Csi(_)) {
            continue;
        }
        let others = site.usage.pods.iter().filter(|pod| cluster.counts(site, **pod));
        let mut others = others.filter_map(|pod| cluster.snapshot.pod(*pod));
        let holder = others.find(|pod| pod.shape.volumes.iter().any(|held| conflict(volume, held)));
        if let Some(holder) = holder {
            let message = format!(
                "pod {}/{} on the node uses the same disk, which only one pod may",
                holder.shape.namespace, holder.name
            );
            let suggestion = "use a disk that can be shared, or none".to_owned();
            reasons.push(Reason::new(NAME, message, volume_path(*place)).suggest(suggestion));
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
    let gone = site.gone.iter().filter_map(|pod| cluster.snapshot.pod(*pod));
    // Upstream looks at the claim's name alone here, whatever the other pod's namespace.
    let freed: usize = gone.map(|pod| pod.shape.volumes.iter().filter(single).count()).sum();
    if in_use <= freed {
        return;
    }
    let single_one = |volume: &PodVolume| single(&volume);
    let place = cluster.pod.volumes.iter().find(|(_, volume)| single_one(volume)).map(|(place, _)| *place);
    let claim = claims.all.iter().find(|claim| Some(claim.place) == place);
    let Some(claim) = claim else { return };
    let by = match claims.holder.and_then(|pod| cluster.snapshot.pod(pod)) {
        Some(pod) => format!("pod {}/{} uses it", pod.shape.namespace, pod.name),
        None => "the DaemonSet's pod on another node uses it".to_owned(),
    };
    let message = format!("{} is for one pod only (ReadWriteOncePod), and {by}", claim.shown);
    let suggestion = "use an ephemeral volume, which makes a claim for each pod".to_owned();
    reasons.push(Reason::new(NAME, message, claim.path()).suggest(suggestion));
}

/// Whether two pods on one node cannot use both.
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
