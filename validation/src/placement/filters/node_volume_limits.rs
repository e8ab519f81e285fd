//! How many volumes of each driver a node can attach.

use std::collections::HashMap;

use crate::gates::Gate;
use crate::placement::cause::{Cause, VolumeLimit};
use crate::placement::cluster::Cluster;
use crate::placement::filter::Filter;
use crate::placement::kind::Kind;
use crate::placement::migration;
use crate::placement::paths::volume_path;
use crate::placement::reason::{Missing, Reason};
use crate::placement::remedy::{Remedy, VolumeRemedy};
use crate::placement::site::Site;
use crate::placement::snapshot::{CsiNode, PersistentVolumeClaim, Pod, Snapshot};
use crate::placement::volume::PodVolume;

/// A volume, by its driver and the driver's handle of it.
type Attached<'a> = (&'a str, String);

/// The volumes that the pod adds must be within the limit of their driver.
///
/// Upstream: `scheduler/framework/plugins/nodevolumelimits.Filter`.
pub(in crate::placement) fn filter(cluster: &Cluster<'_>, site: &Site<'_>, reasons: &mut Vec<Reason>) {
    if cluster.context.pod.volumes.is_empty() {
        return;
    }
    let snapshot = cluster.context.snapshot;
    let node = snapshot.csi_nodes.get(&site.node.name);
    let Some(mut wanted) = wanted(cluster, node, reasons) else { return };
    if wanted.is_empty() {
        return;
    }
    if !snapshot.has(Kind::CsiNode) {
        let Some(place) = wanted.values().min() else { return };
        let reason = Reason::new(Filter::NodeVolumeLimits, Cause::VolumeLimitsNotRead, volume_path(*place));
        reasons.push(reason.missing(Missing::Kind(Kind::CsiNode)));
        return;
    }
    if cluster.context.server.enabled(Gate::VolumeLimitScaling) {
        missing_drivers(cluster, node, &wanted, reasons);
    }
    let drivers = node.map(|node| &*node.drivers).unwrap_or_default();
    let limit = |name: &str| {
        let mut of_driver = drivers.iter().rev().filter(|driver| *driver.name == *name);
        of_driver.find_map(|driver| driver.count)
    };
    if !wanted.keys().any(|(driver, _)| limit(driver).is_some()) {
        return;
    }
    let mut attached: HashMap<Attached<'_>, ()> = HashMap::new();
    let others = site.usage.pods.iter().filter(|pod| cluster.counts(site, **pod));
    for pod in others.filter_map(|pod| snapshot.pod(*pod)) {
        attached.extend(of_pod(pod, snapshot, node).map(|volume| (volume, ())));
    }
    wanted.retain(|volume, _| !attached.contains_key(volume));
    let mut added: HashMap<&str, (usize, usize)> = HashMap::new();
    for ((driver, _), place) in &wanted {
        let (count, first) = added.entry(driver).or_insert((0, *place));
        *count = count.saturating_add(1);
        *first = (*first).min(*place);
    }
    let mut added: Vec<_> = added.into_iter().collect();
    added.sort_by_key(|(_, (_, place))| *place);
    for (driver, (count, place)) in added {
        let Some(limit) = limit(driver) else { continue };
        let attached = attached.keys().filter(|(other, _)| *other == driver).count();
        let all = i64::try_from(attached.saturating_add(count)).unwrap_or(i64::MAX);
        if all > i64::from(limit) {
            let found = VolumeLimit { driver: driver.into(), limit, attached, added: count };
            let cause = Cause::VolumeLimit(Box::new(found));
            let reason = Reason::new(Filter::NodeVolumeLimits, cause, volume_path(place));
            reasons.push(reason.remedy(Remedy::Volume(VolumeRemedy::UseFewerVolumes)));
        }
    }
}

/// The volumes that the pod attaches, each with its index; `None` where a disk ID is invalid.
fn wanted<'a>(
    cluster: &'a Cluster<'_>,
    node: Option<&CsiNode>,
    reasons: &mut Vec<Reason>,
) -> Option<HashMap<Attached<'a>, usize>> {
    let snapshot = cluster.context.snapshot;
    let mut wanted = HashMap::new();
    for claim in &cluster.claims.all {
        let Some(object) = claim.object.as_deref() else { continue };
        // The claim of an ephemeral volume has no name yet, and no other pod uses it.
        let name = claim.place.to_string();
        let of_claim = if claim.ephemeral {
            of_class(&claim.class, snapshot, node).map(|driver| (driver, name))
        } else {
            of_claim(object, &claim.class, snapshot, node)
        };
        if let Some(volume) = of_claim {
            wanted.entry(volume).or_insert(claim.place);
        }
    }
    if node.is_some() {
        for (place, volume) in &cluster.context.pod.volumes {
            match migration::of_inline(volume) {
                None => {}
                Some(Ok(volume)) => {
                    wanted.entry(volume).or_insert(*place);
                }
                Some(Err(())) => {
                    let path = volume_path(*place);
                    let reason = Reason::new(Filter::NodeVolumeLimits, Cause::InvalidDiskId, path);
                    reasons.push(reason.unresolvable());
                    return None;
                }
            }
        }
    }
    Some(wanted)
}

/// Drivers that must be on the node before the pod.
///
/// Upstream: `scheduler/framework/plugins/nodevolumelimits.checkCSIDriverOnNode`.
fn missing_drivers(
    cluster: &Cluster<'_>,
    node: Option<&CsiNode>,
    wanted: &HashMap<Attached<'_>, usize>,
    reasons: &mut Vec<Reason>,
) {
    let mut missing: Vec<(&str, usize)> = Vec::new();
    for ((driver, _), place) in wanted {
        let needed = cluster.context.snapshot.csi_drivers.get(*driver);
        let needed = needed.is_some_and(|driver| driver.spec.prevent_pod_scheduling_if_missing == Some(true));
        let there = node.is_some_and(|node| node.drivers.iter().any(|one| *one.name == **driver));
        if needed && !there && !missing.iter().any(|(known, _)| known == driver) {
            missing.push((driver, *place));
        }
    }
    missing.sort_unstable();
    for (driver, place) in missing {
        let cause = Cause::CsiDriver { name: driver.into() };
        let reason = Reason::new(Filter::NodeVolumeLimits, cause, volume_path(place));
        reasons.push(reason.remedy(Remedy::Volume(VolumeRemedy::InstallDriver)));
    }
}

/// The volumes that a pod on the node has attached; deleted claims do not count.
fn of_pod<'a>(
    pod: &'a Pod,
    snapshot: &'a Snapshot,
    node: Option<&'a CsiNode>,
) -> impl Iterator<Item = Attached<'a>> {
    pod.shape.volumes.iter().filter_map(move |volume| {
        let claim = match volume {
            PodVolume::Claim(name) => snapshot.claim(&pod.shape.namespace, name),
            PodVolume::Ephemeral(name) => {
                snapshot.claim(&pod.shape.namespace, &format!("{}-{name}", pod.name))
            }
            inline => return node.and_then(|_| migration::of_inline(inline)?.ok()),
        };
        let claim = claim?;
        of_claim(claim, claim.class.as_deref().unwrap_or_default(), snapshot, node)
    })
}

/// Upstream: `scheduler/framework/plugins/nodevolumelimits.getCSIDriverInfo`.
fn of_claim<'a>(
    claim: &PersistentVolumeClaim,
    class: &str,
    snapshot: &'a Snapshot,
    node: Option<&CsiNode>,
) -> Option<Attached<'a>> {
    if let Some(volume) = snapshot.persistent_volumes.get(&claim.volume_name) {
        let (driver, handle) = volume.driver_and_handle(node.is_some())?;
        return Some((driver, handle.to_owned()));
    }
    let driver = of_class(class, snapshot, node)?;
    // No driver has such handles, so a claim without a volume is a volume of its own.
    let handle = format!("\0{}/{}", claim.namespace, claim.name.as_deref().unwrap_or_default());
    Some((driver, handle))
}

/// The driver that makes the volumes of a class.
///
/// Upstream: `scheduler/framework/plugins/nodevolumelimits.getCSIDriverInfoFromSC`.
fn of_class<'a>(class: &str, snapshot: &'a Snapshot, node: Option<&CsiNode>) -> Option<&'a str> {
    let class = snapshot.storage_classes.get(class)?;
    let driver = migration::driver_of_provisioner(&class.provisioner, node.is_some())?;
    (!driver.is_empty()).then_some(driver)
}
