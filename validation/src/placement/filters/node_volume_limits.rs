//! How many volumes of each driver a node can attach.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use crate::gates::Gate;
use crate::placement::attached::{Attached, Wanted, drivers, of_claim};
use crate::placement::cause::{Cause, VolumeLimit};
use crate::placement::cluster::Cluster;
use crate::placement::filter::Filter;
use crate::placement::kind::Kind;
use crate::placement::migration;
use crate::placement::paths::volume_path;
use crate::placement::reason::{Missing, Reason};
use crate::placement::reasons::Reasons;
use crate::placement::remedy::{Remedy, VolumeRemedy};
use crate::placement::site::Site;
use crate::placement::snapshot::{CsiNode, Pod, Snapshot};
use crate::placement::volume::PodVolume;

/// The volumes that the pod adds must be within the limit of their driver.
///
/// Upstream: `scheduler/framework/plugins/nodevolumelimits.Filter`.
pub(in crate::placement) fn filter(cluster: &Cluster<'_>, site: &Site<'_>, reasons: &mut Reasons) {
    let Some(limits) = &cluster.volume_limits else { return };
    let snapshot = cluster.context.snapshot;
    let node = snapshot.csi_nodes.get(&site.node.name);
    let wanted = if node.is_some() { &limits.with_drivers } else { &limits.without };
    if let Some(place) = wanted.invalid {
        let reason = Reason::new(Filter::NodeVolumeLimits, Cause::InvalidDiskId, volume_path(place));
        reasons.push(reason.unresolvable());
        return;
    }
    let Some((_, _, first)) = wanted.drivers.first() else { return };
    if !snapshot.has(Kind::CsiNode) {
        let reason = Reason::new(Filter::NodeVolumeLimits, Cause::VolumeLimitsNotRead, volume_path(*first));
        reasons.push(reason.missing(Missing::Kind(Kind::CsiNode)));
        return;
    }
    let budget = cluster.context.budget;
    if budget.spend_for(wanted.drivers.len()).is_err() {
        return;
    }
    if cluster.context.server.enabled(Gate::VolumeLimitScaling) {
        missing_drivers(cluster, node, wanted, reasons);
    }
    let on_node = node.map(|node| &*node.drivers).unwrap_or_default();
    let limits: HashMap<&str, i32> =
        on_node.iter().filter_map(|driver| Some((&*driver.name, driver.count?))).collect();
    if !wanted.drivers.iter().any(|(driver, ..)| limits.contains_key(driver)) {
        return;
    }
    if budget.spend_for(site.usage.pods.len()).is_err() {
        return;
    }
    let mut attached: HashSet<Attached<'_>> = HashSet::new();
    let others = site.usage.pods.iter().filter(|pod| cluster.counts(site, **pod));
    for pod in others.filter_map(|pod| snapshot.pod(*pod)) {
        attached.extend(of_pod(pod, snapshot, node));
    }
    let mut of_driver: HashMap<&str, usize> = HashMap::new();
    let mut known: HashSet<&Attached<'_>> = HashSet::new();
    for volume in &attached {
        let count = of_driver.entry(volume.0).or_default();
        *count = count.saturating_add(1);
        if wanted.volumes.contains_key(volume) {
            known.insert(volume);
        }
    }
    // What is attached already is not added.
    let added = if known.is_empty() {
        Cow::Borrowed(&wanted.drivers)
    } else {
        let left = wanted.volumes.iter().filter(|(volume, _)| !known.contains(volume));
        Cow::Owned(drivers(&left.map(|(volume, place)| (volume.clone(), *place)).collect()))
    };
    for (driver, count, place) in &*added {
        let Some(limit) = limits.get(driver).copied() else { continue };
        let attached = of_driver.get(driver).copied().unwrap_or(0);
        let all = i64::try_from(attached.saturating_add(*count)).unwrap_or(i64::MAX);
        if all > i64::from(limit) {
            let found = VolumeLimit { driver: (*driver).into(), limit, attached, added: *count };
            let cause = Cause::VolumeLimit(Box::new(found));
            let reason = Reason::new(Filter::NodeVolumeLimits, cause, volume_path(*place));
            reasons.push(reason.remedy(Remedy::Volume(VolumeRemedy::UseFewerVolumes)));
        }
    }
}

/// Drivers that must be on the node before the pod.
///
/// Upstream: `scheduler/framework/plugins/nodevolumelimits.checkCSIDriverOnNode`.
fn missing_drivers(
    cluster: &Cluster<'_>,
    node: Option<&CsiNode>,
    wanted: &Wanted<'_>,
    reasons: &mut Reasons,
) {
    let there: HashSet<&str> =
        node.into_iter().flat_map(|node| &node.drivers).map(|driver| &*driver.name).collect();
    let mut missing: Vec<(&str, usize)> = Vec::new();
    for (driver, _, place) in &wanted.drivers {
        let needed = cluster.context.snapshot.csi_drivers.get(driver);
        let needed = needed.is_some_and(|driver| driver.spec.prevent_pod_scheduling_if_missing == Some(true));
        if needed && !there.contains(driver) {
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
        of_claim(claim, claim.class.as_deref().unwrap_or_default(), snapshot, node.is_some())
    })
}
