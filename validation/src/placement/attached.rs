//! The volumes that the pod attaches to its node.

use std::collections::HashMap;

use super::claims::Claims;
use super::daemon_pod::DaemonPod;
use super::migration;
use super::snapshot::{PersistentVolumeClaim, Snapshot};

/// A volume, by its driver and the driver's handle of it.
pub(super) type Attached<'a> = (&'a str, String);

/// The volumes that the pod attaches: to a node with a CSINode object, and to one without.
#[derive(Debug)]
pub(super) struct VolumeLimits<'c> {
    /// To a node with a CSINode object.
    pub(super) with_drivers: Wanted<'c>,
    /// To one without.
    pub(super) without: Wanted<'c>,
}

/// The volumes that the pod attaches.
#[derive(Debug, Default)]
pub(super) struct Wanted<'c> {
    /// Each with its place in `volumes`.
    pub(super) volumes: HashMap<Attached<'c>, usize>,
    /// For each driver how many there are, and the place of the first one; in the order of the latter.
    pub(super) drivers: Vec<(&'c str, usize, usize)>,
    /// The place of a disk whose ID is invalid.
    pub(super) invalid: Option<usize>,
}

impl<'c> VolumeLimits<'c> {
    /// Looks up the volumes of a pod.
    pub(super) fn new(pod: &DaemonPod<'c>, claims: &Claims<'_>, snapshot: &'c Snapshot) -> Self {
        Self {
            with_drivers: Wanted::new(pod, claims, snapshot, true),
            without: Wanted::new(pod, claims, snapshot, false),
        }
    }
}

impl<'c> Wanted<'c> {
    fn new(pod: &DaemonPod<'c>, claims: &Claims<'_>, snapshot: &'c Snapshot, has_csi_node: bool) -> Self {
        let mut wanted = Self::default();
        for claim in &claims.all {
            let Some(object) = claim.object.as_deref() else { continue };
            // The claim of an ephemeral volume has no name yet, and no other pod uses it.
            let name = claim.place.to_string();
            let of_claim = if claim.ephemeral {
                of_class(&claim.class, snapshot, has_csi_node).map(|driver| (driver, name))
            } else {
                of_claim(object, &claim.class, snapshot, has_csi_node)
            };
            if let Some(volume) = of_claim {
                wanted.volumes.entry(volume).or_insert(claim.place);
            }
        }
        if has_csi_node {
            for (place, volume) in pod.volumes {
                match migration::of_inline(volume) {
                    None => {}
                    Some(Ok(volume)) => {
                        wanted.volumes.entry(volume).or_insert(*place);
                    }
                    Some(Err(())) => {
                        wanted.invalid = Some(*place);
                        return wanted;
                    }
                }
            }
        }
        wanted.drivers = drivers(&wanted.volumes);
        wanted
    }
}

/// For each driver how many of the volumes it has, and the place of the first one; in the order of the latter.
pub(super) fn drivers<'c>(volumes: &HashMap<Attached<'c>, usize>) -> Vec<(&'c str, usize, usize)> {
    let mut drivers: HashMap<&str, (usize, usize)> = HashMap::new();
    for ((driver, _), place) in volumes {
        let (count, first) = drivers.entry(driver).or_insert((0, *place));
        *count = count.saturating_add(1);
        *first = (*first).min(*place);
    }
    let mut drivers: Vec<_> =
        drivers.into_iter().map(|(name, (count, first))| (name, count, first)).collect();
    drivers.sort_unstable_by_key(|(name, _, first)| (*first, *name));
    drivers
}

/// Upstream: `scheduler/framework/plugins/nodevolumelimits.getCSIDriverInfo`.
pub(super) fn of_claim<'a>(
    claim: &PersistentVolumeClaim,
    class: &str,
    snapshot: &'a Snapshot,
    has_csi_node: bool,
) -> Option<Attached<'a>> {
    if let Some(volume) = snapshot.persistent_volumes.get(&claim.volume_name) {
        let (driver, handle) = volume.driver_and_handle(has_csi_node)?;
        return Some((driver, handle.to_owned()));
    }
    let driver = of_class(class, snapshot, has_csi_node)?;
    // No driver has such handles, so a claim without a volume is a volume of its own.
    let handle = format!("\0{}/{}", claim.namespace, claim.name.as_deref().unwrap_or_default());
    Some((driver, handle))
}

/// The driver that makes the volumes of a class.
///
/// Upstream: `scheduler/framework/plugins/nodevolumelimits.getCSIDriverInfoFromSC`.
fn of_class<'a>(class: &str, snapshot: &'a Snapshot, has_csi_node: bool) -> Option<&'a str> {
    let class = snapshot.storage_classes.get(class)?;
    let driver = migration::driver_of_provisioner(&class.provisioner, has_csi_node)?;
    (!driver.is_empty()).then_some(driver)
}
