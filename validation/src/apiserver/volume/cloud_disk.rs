//! Disks of cloud providers that have a single identifier.

use k8s_openapi::api::core::v1::{
    AWSElasticBlockStoreVolumeSource, GCEPersistentDiskVolumeSource, PhotonPersistentDiskVolumeSource,
    VsphereVirtualDiskVolumeSource,
};

use super::required::required;
use crate::apiserver::content::inclusive_range_error;
use crate::apiserver::error::Errors;
use crate::path::Path;

/// The highest partition number. The lowest is 0, although the server's message says 1.
const MAX_PARTITION: i32 = 255;

/// A GCE persistent disk has a name. The partition is 0 to 255.
///
/// Upstream: `core/validation.validateGCEPersistentDiskVolumeSource`.
pub(super) fn validate_gce_persistent_disk_volume_source(
    source: &GCEPersistentDiskVolumeSource,
    path: &Path<'_>,
    errors: &mut Errors,
) {
    required(&source.pd_name, &path.field("pdName"), errors);
    validate_partition(source.partition, &path.field("partition"), errors);
}

/// An EBS volume has an ID. The partition is 0 to 255.
///
/// Upstream: `core/validation.validateAWSElasticBlockStoreVolumeSource`.
pub(super) fn validate_aws_elastic_block_store_volume_source(
    source: &AWSElasticBlockStoreVolumeSource,
    path: &Path<'_>,
    errors: &mut Errors,
) {
    required(&source.volume_id, &path.field("volumeID"), errors);
    validate_partition(source.partition, &path.field("partition"), errors);
}

/// A vSphere volume has a path.
///
/// Upstream: `core/validation.validateVsphereVolumeSource`.
pub(super) fn validate_vsphere_volume_source(
    source: &VsphereVirtualDiskVolumeSource,
    path: &Path<'_>,
    errors: &mut Errors,
) {
    required(&source.volume_path, &path.field("volumePath"), errors);
}

/// A Photon disk has an ID.
///
/// Upstream: `core/validation.validatePhotonPersistentDiskVolumeSource`.
pub(super) fn validate_photon_persistent_disk_volume_source(
    source: &PhotonPersistentDiskVolumeSource,
    path: &Path<'_>,
    errors: &mut Errors,
) {
    required(&source.pd_id, &path.field("pdID"), errors);
}

/// Upstream: `core/validation.pdPartitionErrorMsg`.
fn validate_partition(partition: Option<i32>, path: &Path<'_>, errors: &mut Errors) {
    let partition = partition.unwrap_or_default();
    if !(0..=MAX_PARTITION).contains(&partition) {
        errors.invalid(path, partition, inclusive_range_error(1, i64::from(MAX_PARTITION)));
    }
}
