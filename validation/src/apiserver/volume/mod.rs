//! Volumes: one file a family of sources.

mod azure;
mod cloud_disk;
mod csi;
mod fc;
mod file;
mod flex;
mod git_repo;
mod host_path;
mod iscsi;
mod key_to_path;
mod network_file_system;
mod rbd_cinder;
mod required;
mod secret_config_map;
mod storage_vendor;

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::Volume;

/// The volumes that may be mounted, by name: those about which validation had nothing to say.
pub(super) type VolumeMap<'v> = BTreeMap<&'v str, &'v Volume>;
