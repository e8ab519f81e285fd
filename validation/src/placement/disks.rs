//! Disks that a pod names itself and that only one pod of a node can use.

use std::collections::{HashMap, HashSet};

use super::volume::PodVolume;

/// Which volumes of the pod are such disks, by their names.
#[derive(Debug, Default)]
pub(super) struct Disks<'c> {
    by_name: HashMap<Name<'c>, Vec<usize>>,
    by_place: HashMap<usize, Disk<'c>>,
}

/// What two volumes of one disk have in common.
#[derive(Debug, PartialEq, Eq, Hash)]
enum Name<'c> {
    Gce(&'c str),
    Ebs(&'c str),
    Iscsi(&'c str),
    Rbd(&'c str, &'c str),
}

#[derive(Debug)]
struct Disk<'c> {
    read_only: bool,
    /// The monitors of a Ceph cluster.
    monitors: HashSet<&'c str>,
}

fn name(volume: &PodVolume) -> Option<Name<'_>> {
    match volume {
        PodVolume::Gce { name, .. } => Some(Name::Gce(name)),
        PodVolume::Ebs(id) => Some(Name::Ebs(id)),
        PodVolume::Iscsi { iqn, .. } => Some(Name::Iscsi(iqn)),
        PodVolume::Rbd { pool, image, .. } => Some(Name::Rbd(pool, image)),
        PodVolume::Claim(_) | PodVolume::Ephemeral(_) | PodVolume::Csi(_) => None,
    }
}

/// Whether pods can share the disk: all of them only read it.
const fn is_read_only(volume: &PodVolume) -> bool {
    match volume {
        PodVolume::Gce { read_only, .. }
        | PodVolume::Iscsi { read_only, .. }
        | PodVolume::Rbd { read_only, .. } => *read_only,
        _ => false,
    }
}

impl<'c> Disks<'c> {
    /// The disks among a pod's volumes, each with its place.
    pub(super) fn new(volumes: &'c [(usize, PodVolume)]) -> Self {
        let mut disks = Self::default();
        for (place, volume) in volumes {
            let Some(name) = name(volume) else { continue };
            disks.by_name.entry(name).or_default().push(*place);
            let monitors = match volume {
                PodVolume::Rbd { monitors, .. } => monitors.iter().map(|monitor| &**monitor).collect(),
                _ => HashSet::new(),
            };
            disks.by_place.insert(*place, Disk { read_only: is_read_only(volume), monitors });
        }
        disks
    }

    /// Whether there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.by_name.is_empty()
    }

    /// The places of the disks with the name of another pod's volume.
    pub(super) fn named_like<'h>(&'h self, held: &'h PodVolume) -> &'h [usize] {
        name(held).and_then(|name| self.by_name.get(&name)).map(Vec::as_slice).unwrap_or_default()
    }

    /// Whether the disk at a place conflicts with another pod's volume of its name.
    ///
    /// Upstream: `scheduler/framework/plugins/volumerestrictions.isVolumeConflict`.
    pub(super) fn conflicts(&self, place: usize, held: &PodVolume) -> bool {
        let Some(disk) = self.by_place.get(&place) else { return false };
        let is_one_cluster = match held {
            PodVolume::Rbd { monitors, .. } => {
                monitors.iter().any(|monitor| disk.monitors.contains(&**monitor))
            }
            _ => true,
        };
        is_one_cluster && !(disk.read_only && is_read_only(held))
    }
}
