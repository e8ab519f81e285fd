//! Volumes. Each file has a group of related sources.

mod azure;
mod cloud_disk;
mod cluster_trust_bundle;
mod csi;
mod downward_api;
mod empty_dir;
mod ephemeral;
mod fc;
mod file;
mod flex;
mod git_repo;
mod host_path;
mod image;
mod iscsi;
mod key_to_path;
mod network_file_system;
mod pod_certificate;
mod projected;
mod projected_files;
mod rbd_cinder;
mod required;
mod secret_config_map;
mod source;
mod storage_vendor;

use std::collections::HashSet;

use k8s_openapi::api::core::v1::Volume;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use crate::apiserver::content::{is_dns1123_label, report};
use crate::apiserver::context::Context;
use crate::apiserver::error::Errors;
use crate::apiserver::volume_map::VolumeMap;
use crate::path::Path;
use ephemeral::pod_name;

/// Volume names are unique, and each volume has exactly one source. Returns the volumes without errors. Only these count for volume
/// mounts and for the check of duplicate names.
///
/// Upstream: `core/validation.ValidateVolumes`, `core/validation.ValidateDNS1123Label`.
pub(super) fn validate_volumes<'v>(
    volumes: &'v [Volume],
    pod_meta: Option<&ObjectMeta>,
    path: &Path<'_>,
    cx: &Context<'_>,
    errors: &mut Errors,
) -> VolumeMap<'v> {
    let mut known = VolumeMap::new();
    let mut ephemeral = None;
    for (index, volume) in volumes.iter().enumerate() {
        let path = path.index(index);
        let before = errors.len();
        source::validate_volume_source(volume, &path, pod_meta, cx, errors);
        let name_path = path.field("name");
        let name = volume.name.as_str();
        if name.is_empty() {
            errors.required(&name_path, "");
        } else {
            report(is_dns1123_label(name), name, &name_path, errors);
        }
        if known.contains_key(name) {
            errors.duplicate(&name_path, name);
        }
        if errors.len() == before {
            known.insert(name, volume);
        }
        if let Some(claim) = &volume.persistent_volume_claim
            && is_created_for_pod(&claim.claim_name, volumes, &mut ephemeral, pod_meta)
        {
            errors.invalid(
                &path.field("persistentVolumeClaim.claimName"),
                &claim.claim_name,
                "must not reference a PVC that gets created for an ephemeral volume",
            );
        }
    }
    known
}

/// Whether a claim name is that of a claim for an ephemeral volume of the same pod. A template has no pod name, so it has no such
/// claims.
fn is_created_for_pod<'v>(
    claim_name: &str,
    volumes: &'v [Volume],
    ephemeral: &mut Option<HashSet<&'v str>>,
    pod_meta: Option<&ObjectMeta>,
) -> bool {
    let Some(pod_name) = pod_name(pod_meta) else { return false };
    let Some(rest) = claim_name.strip_prefix(pod_name).and_then(|rest| rest.strip_prefix('-')) else {
        return false;
    };
    let names = || {
        let ephemeral = volumes.iter().filter(|volume| volume.ephemeral.is_some());
        ephemeral.map(|volume| volume.name.as_str()).collect()
    };
    ephemeral.get_or_insert_with(names).contains(rest)
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::core::v1::{
        EmptyDirVolumeSource, EphemeralVolumeSource, PersistentVolumeClaimVolumeSource,
    };

    use super::*;
    use crate::apiserver::options::Options;
    use crate::server::Server;

    fn fields(volumes: &[Volume], pod_name: Option<&str>) -> Vec<String> {
        let server = Server::newest();
        let cx = Context { server: &server, options: Options::default() };
        let meta = pod_name.map(|name| ObjectMeta { name: Some(name.to_owned()), ..ObjectMeta::default() });
        let mut errors = Errors::new();
        validate_volumes(volumes, meta.as_ref(), &Path::root("volumes"), &cx, &mut errors);
        errors.into_vec().iter().map(|error| error.path.to_string()).collect()
    }

    #[test]
    fn claims_of_a_pod_with_a_name() {
        let volumes = [
            Volume {
                name: "data".to_owned(),
                ephemeral: Some(EphemeralVolumeSource::default()),
                ..Volume::default()
            },
            Volume {
                name: "other".to_owned(),
                persistent_volume_claim: Some(PersistentVolumeClaimVolumeSource {
                    claim_name: "pod-data".to_owned(),
                    ..PersistentVolumeClaimVolumeSource::default()
                }),
                ..Volume::default()
            },
        ];
        let template = "volumes[0].ephemeral.volumeClaimTemplate";
        assert_eq!(fields(&volumes, None), [template]);
        assert_eq!(fields(&volumes, Some("")), [template]);
        assert_eq!(fields(&volumes, Some("po")), [template]);
        assert_eq!(fields(&volumes, Some("pod")), [template, "volumes[1].persistentVolumeClaim.claimName"]);
        assert_eq!(fields(&volumes, Some("Pod")), [template, "volumes[0].name"]);
    }

    #[test]
    fn a_volume_with_an_error_takes_no_name() {
        let volume = |empty_dir: Option<EmptyDirVolumeSource>| Volume {
            name: "data".to_owned(),
            empty_dir,
            ..Volume::default()
        };
        let good = || volume(Some(EmptyDirVolumeSource::default()));
        assert_eq!(fields(&[volume(None), good()], None), ["volumes[0]"]);
        assert_eq!(fields(&[good(), volume(None)], None), ["volumes[1]", "volumes[1].name"]);
    }
}
