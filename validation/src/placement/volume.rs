//! Volumes that decide where a pod can run.

use k8s_openapi::api::core::v1;

use super::wire;

/// A volume of a pod that matters to the scheduler.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum PodVolume {
    /// A claim of the pod's namespace.
    Claim(Box<str>),
    /// A claim named after the pod and this volume.
    Ephemeral(Box<str>),
    /// A GCE persistent disk.
    Gce {
        /// `pdName`.
        name: Box<str>,
        /// `readOnly`.
        read_only: bool,
    },
    /// An AWS EBS volume.
    Ebs(Box<str>),
    /// An iSCSI disk.
    Iscsi {
        /// `iqn`.
        iqn: Box<str>,
        /// `readOnly`.
        read_only: bool,
    },
    /// An image in a Ceph pool.
    Rbd {
        /// `monitors`.
        monitors: Box<[Box<str>]>,
        /// `pool`.
        pool: Box<str>,
        /// `image`.
        image: Box<str>,
        /// `readOnly`.
        read_only: bool,
    },
    /// A CSI ephemeral volume.
    Csi(Box<str>),
}

fn owned(text: &str) -> Box<str> {
    Box::from(text)
}

impl PodVolume {
    /// The volume, if it matters to the scheduler.
    pub(super) fn of_wire(volume: &wire::Volume<'_>) -> Option<Self> {
        if let Some(claim) = &volume.persistent_volume_claim {
            return Some(Self::Claim(owned(&claim.claim_name)));
        }
        if volume.ephemeral.is_some() {
            return Some(Self::Ephemeral(owned(&volume.name)));
        }
        if let Some(disk) = &volume.gce_persistent_disk {
            let read_only = disk.read_only.unwrap_or(false);
            return Some(Self::Gce { name: owned(&disk.pd_name), read_only });
        }
        if let Some(disk) = &volume.aws_elastic_block_store {
            return Some(Self::Ebs(owned(&disk.volume_id)));
        }
        if let Some(disk) = &volume.iscsi {
            let read_only = disk.read_only.unwrap_or(false);
            return Some(Self::Iscsi { iqn: owned(&disk.iqn), read_only });
        }
        if let Some(disk) = &volume.rbd {
            return Some(Self::Rbd {
                monitors: disk.monitors.iter().map(|monitor| owned(monitor)).collect(),
                pool: owned(disk.pool.as_deref().unwrap_or("rbd")),
                image: owned(&disk.image),
                read_only: disk.read_only.unwrap_or(false),
            });
        }
        volume.csi.as_ref().map(|csi| Self::Csi(owned(&csi.driver)))
    }

    /// The volume of a template, if it matters to the scheduler.
    pub(super) fn of_template(volume: &v1::Volume) -> Option<Self> {
        Self::of_wire(&wire::Volume::from(volume))
    }
}
