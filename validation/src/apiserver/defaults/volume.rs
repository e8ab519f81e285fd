//! Defaults of volumes and most of their sources.

use k8s_openapi::api::core::v1::{
    AzureDiskVolumeSource, EmptyDirVolumeSource, PersistentVolumeClaimSpec, Volume,
};

use super::container::set_image_pull_policy;
use super::downward_api::set_downward_api_files;
use super::fill::{absent_or, text_or};
use super::projected_volume::set_projected_volume_source;
use super::resource_list;
use crate::gates::Gate;
use crate::server::Server;

/// The default mode of files.
const DEFAULT_MODE: i32 = 0o644;

/// A volume without a source becomes an `emptyDir`. Sources have defaults of their own.
///
/// Upstream: `core/v1.SetDefaults_Volume`, `core/v1.SetDefaults_HostPathVolumeSource`,
/// `core/v1.SetDefaults_SecretVolumeSource`, `core/v1.SetDefaults_ConfigMapVolumeSource`,
/// `core/v1.SetDefaults_DownwardAPIVolumeSource`.
pub(super) fn set_volume(volume: &mut Volume, server: &Server) {
    if has_no_source(volume) {
        volume.empty_dir = Some(EmptyDirVolumeSource::default());
        return;
    }
    if server.enabled(Gate::ImageVolume)
        && let Some(image) = &mut volume.image
    {
        set_image_pull_policy(&mut image.pull_policy, image.reference.as_deref());
    }
    if let Some(host_path) = &mut volume.host_path {
        absent_or(&mut host_path.type_, "");
    }
    if let Some(secret) = &mut volume.secret {
        secret.default_mode.get_or_insert(DEFAULT_MODE);
    }
    if let Some(config_map) = &mut volume.config_map {
        config_map.default_mode.get_or_insert(DEFAULT_MODE);
    }
    if let Some(downward) = &mut volume.downward_api {
        downward.default_mode.get_or_insert(DEFAULT_MODE);
        set_downward_api_files(downward.items.as_mut());
    }
    if let Some(projected) = &mut volume.projected {
        projected.default_mode.get_or_insert(DEFAULT_MODE);
        set_projected_volume_source(projected);
    }
    if let Some(claim) = volume.ephemeral.as_mut().and_then(|source| source.volume_claim_template.as_mut()) {
        set_persistent_volume_claim_spec(&mut claim.spec);
    }
    set_network_disk(volume);
}

fn has_no_source(volume: &Volume) -> bool {
    let local = volume.config_map.is_none()
        && volume.host_path.is_none()
        && volume.empty_dir.is_none()
        && volume.secret.is_none()
        && volume.projected.is_none()
        && volume.downward_api.is_none()
        && volume.image.is_none();
    let claimed =
        volume.persistent_volume_claim.is_none() && volume.csi.is_none() && volume.ephemeral.is_none();
    local && claimed && has_no_network_source(volume)
}

fn has_no_network_source(volume: &Volume) -> bool {
    volume.nfs.is_none()
        && volume.aws_elastic_block_store.is_none()
        && volume.azure_disk.is_none()
        && volume.azure_file.is_none()
        && volume.cephfs.is_none()
        && volume.cinder.is_none()
        && volume.fc.is_none()
        && volume.flex_volume.is_none()
        && volume.flocker.is_none()
        && volume.gce_persistent_disk.is_none()
        && volume.git_repo.is_none()
        && volume.glusterfs.is_none()
        && volume.iscsi.is_none()
        && volume.photon_persistent_disk.is_none()
        && volume.portworx_volume.is_none()
        && volume.quobyte.is_none()
        && volume.rbd.is_none()
        && volume.scale_io.is_none()
        && volume.storageos.is_none()
        && volume.vsphere_volume.is_none()
}

/// The default of `volumeMode` is `Filesystem`. Amounts are rounded.
///
/// Upstream: `core/v1.SetDefaults_PersistentVolumeClaimSpec`.
fn set_persistent_volume_claim_spec(claim: &mut PersistentVolumeClaimSpec) {
    absent_or(&mut claim.volume_mode, "Filesystem");
    if let Some(resources) = &mut claim.resources {
        resource_list::set_resource_list(resources.limits.as_mut());
        resource_list::set_resource_list(resources.requests.as_mut());
    }
}

/// Sets the defaults of network disks.
fn set_network_disk(volume: &mut Volume) {
    if let Some(iscsi) = &mut volume.iscsi {
        text_or(&mut iscsi.iscsi_interface, "default");
    }
    if let Some(rbd) = &mut volume.rbd {
        text_or(&mut rbd.pool, "rbd");
        text_or(&mut rbd.user, "admin");
        text_or(&mut rbd.keyring, "/etc/ceph/keyring");
    }
    if let Some(scale_io) = &mut volume.scale_io {
        text_or(&mut scale_io.storage_mode, "ThinProvisioned");
        text_or(&mut scale_io.fs_type, "xfs");
    }
    if let Some(AzureDiskVolumeSource { caching_mode, fs_type, kind, read_only, .. }) = &mut volume.azure_disk
    {
        absent_or(caching_mode, "ReadWrite");
        absent_or(fs_type, "ext4");
        absent_or(kind, "Shared");
        read_only.get_or_insert(false);
    }
}
