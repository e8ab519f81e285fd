//! Volume sources.

use k8s_openapi::api::core::v1::Volume;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use super::{
    azure, cloud_disk, csi, downward_api, empty_dir, ephemeral, fc, flex, git_repo, host_path, image, iscsi,
    network_file_system, projected, rbd_cinder, required::required, secret_config_map, storage_vendor,
};
use crate::apiserver::context::Context;
use crate::apiserver::error::Errors;
use crate::path::Path;

/// A volume has exactly one source. The first one in the server's order is checked; the others are forbidden and not checked.
///
/// Upstream: `core/validation.validateVolumeSource`.
pub(super) fn validate_volume_source(
    volume: &Volume,
    path: &Path<'_>,
    pod_meta: Option<&ObjectMeta>,
    cx: &Context<'_>,
    errors: &mut Errors,
) {
    let mut choice = Choice { made: false, path, errors };
    older_sources(volume, &mut choice);
    newer_sources(volume, &mut choice);
    newest_sources(volume, pod_meta, cx, &mut choice);
    if !choice.made {
        errors.required(path, "must specify a volume type");
    }
}

/// The first group of sources in the server's order.
///
/// Upstream: `core/validation.validatePersistentClaimVolumeSource`.
fn older_sources(volume: &Volume, choice: &mut Choice<'_, '_>) {
    choice.source(volume.empty_dir.as_ref(), "emptyDir", empty_dir::validate_empty_dir_volume_source);
    choice.source(volume.host_path.as_ref(), "hostPath", host_path::validate_host_path_volume_source);
    choice.source(volume.git_repo.as_ref(), "gitRepo", git_repo::validate_git_repo_volume_source);
    choice.source_with_two_spellings(
        volume.gce_persistent_disk.as_ref(),
        ["gcePersistentDisk", "persistentDisk"],
        cloud_disk::validate_gce_persistent_disk_volume_source,
    );
    choice.source(
        volume.aws_elastic_block_store.as_ref(),
        "awsElasticBlockStore",
        cloud_disk::validate_aws_elastic_block_store_volume_source,
    );
    choice.source(volume.secret.as_ref(), "secret", secret_config_map::validate_secret_volume_source);
    choice.source(volume.nfs.as_ref(), "nfs", network_file_system::validate_nfs_volume_source);
    choice.source(volume.iscsi.as_ref(), "iscsi", iscsi::validate_iscsi_volume_source);
    if let Some(iscsi) = &volume.iscsi {
        // The server checks this even if another source comes first.
        iscsi::validate_length_with_name(iscsi, &volume.name, choice.path, choice.errors);
    }
    choice.source(
        volume.glusterfs.as_ref(),
        "glusterfs",
        network_file_system::validate_glusterfs_volume_source,
    );
    choice.source(volume.flocker.as_ref(), "flocker", network_file_system::validate_flocker_volume_source);
    choice.source(volume.persistent_volume_claim.as_ref(), "persistentVolumeClaim", |claim, path, errors| {
        required(&claim.claim_name, &path.field("claimName"), errors);
    });
}

/// The second group of sources in the server's order.
fn newer_sources(volume: &Volume, choice: &mut Choice<'_, '_>) {
    choice.source(volume.rbd.as_ref(), "rbd", rbd_cinder::validate_rbd_volume_source);
    choice.source(volume.cinder.as_ref(), "cinder", rbd_cinder::validate_cinder_volume_source);
    choice.source_with_two_spellings(
        volume.cephfs.as_ref(),
        ["cephFS", "cephfs"],
        network_file_system::validate_ceph_fs_volume_source,
    );
    choice.source(volume.quobyte.as_ref(), "quobyte", network_file_system::validate_quobyte_volume_source);
    choice.source_with_two_spellings(
        volume.downward_api.as_ref(),
        ["downwarAPI", "downwardAPI"],
        downward_api::validate_downward_api_volume_source,
    );
    choice.source(volume.fc.as_ref(), "fc", fc::validate_fc_volume_source);
    choice.source(volume.flex_volume.as_ref(), "flexVolume", flex::validate_flex_volume_source);
    choice.source(
        volume.config_map.as_ref(),
        "configMap",
        secret_config_map::validate_config_map_volume_source,
    );
    choice.source(volume.azure_file.as_ref(), "azureFile", azure::validate_azure_file);
    choice.source(
        volume.vsphere_volume.as_ref(),
        "vsphereVolume",
        cloud_disk::validate_vsphere_volume_source,
    );
    choice.source(
        volume.photon_persistent_disk.as_ref(),
        "photonPersistentDisk",
        cloud_disk::validate_photon_persistent_disk_volume_source,
    );
}

/// The last group of sources in the server's order.
fn newest_sources(
    volume: &Volume,
    pod_meta: Option<&ObjectMeta>,
    cx: &Context<'_>,
    choice: &mut Choice<'_, '_>,
) {
    choice.source(
        volume.portworx_volume.as_ref(),
        "portworxVolume",
        storage_vendor::validate_portworx_volume_source,
    );
    choice.source(volume.azure_disk.as_ref(), "azureDisk", azure::validate_azure_disk);
    choice.source(volume.storageos.as_ref(), "storageos", storage_vendor::validate_storage_os_volume_source);
    choice.source(volume.projected.as_ref(), "projected", |projected, path, errors| {
        projected::validate_projected_volume_source(projected, path, cx, errors);
    });
    choice.source(volume.scale_io.as_ref(), "scaleIO", storage_vendor::validate_scale_io_volume_source);
    choice.source(volume.csi.as_ref(), "csi", csi::validate_csi_volume_source);
    let volume_path = choice.path;
    choice.source(volume.ephemeral.as_ref(), "ephemeral", |ephemeral, path, errors| {
        ephemeral::validate_ephemeral_volume_source(ephemeral, path, cx, errors);
        ephemeral::validate_claim_name(&volume.name, pod_meta, volume_path, errors);
    });
    choice.source(volume.image.as_ref(), "image", |image, path, errors| {
        image::validate_image_volume_source(image, path, cx, errors);
    });
}

/// Keeps track of whether a source has been found.
struct Choice<'c, 'p> {
    made: bool,
    path: &'c Path<'p>,
    errors: &'c mut Errors,
}

impl Choice<'_, '_> {
    /// Checks the source, or forbids it if another one came first.
    fn source<T>(
        &mut self,
        source: Option<&T>,
        name: &str,
        validate: impl FnOnce(&T, &Path<'_>, &mut Errors),
    ) {
        self.source_with_two_spellings(source, [name, name], validate);
    }

    /// Like [`Self::source`], for a source that the server spells differently when it forbids it and when it checks it.
    fn source_with_two_spellings<T>(
        &mut self,
        source: Option<&T>,
        [refused, checked]: [&str; 2],
        validate: impl FnOnce(&T, &Path<'_>, &mut Errors),
    ) {
        let Some(source) = source else { return };
        if self.made {
            self.errors.forbidden(&self.path.field(refused), "may not specify more than 1 volume type");
        } else {
            self.made = true;
            validate(source, &self.path.field(checked), self.errors);
        }
    }
}
