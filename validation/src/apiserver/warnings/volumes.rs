//! Deprecated and removed volume sources.

use k8s_openapi::api::core::v1::{PersistentVolumeClaimSpec, PodSpec, Volume};

use super::fraction;
use super::list::Warnings;
use crate::apiserver::context::Context;
use crate::gates::Gate;
use crate::path::Path;

/// Warns about the source of each volume, and about the requests of ephemeral volumes.
pub(super) fn warn_about_volumes(spec: &PodSpec, path: &Path<'_>, cx: &Context<'_>, warnings: &mut Warnings) {
    let volumes = path.field("volumes");
    for (index, volume) in spec.volumes.iter().flatten().enumerate() {
        let path = volumes.index(index);
        warn_about_old_sources(volume, &path, cx, warnings);
        let ephemeral = volume.ephemeral.as_ref();
        if let Some(claim) = ephemeral.and_then(|source| source.volume_claim_template.as_ref()) {
            let path = path.field("ephemeral.volumeClaimTemplate.spec");
            get_warnings_for_persistent_volume_claim_spec(&claim.spec, &path, warnings);
        }
        let gone = "deprecated in v1.28, non-functional in v1.31+";
        warn_if(volume.cephfs.is_some(), &path.field("cephfs"), gone, warnings);
        warn_if(volume.rbd.is_some(), &path.field("rbd"), gone, warnings);
    }
}

/// Warns about the sources that upstream checks before ephemeral volumes. Some paths have other names than the fields.
fn warn_about_old_sources(volume: &Volume, path: &Path<'_>, cx: &Context<'_>, warnings: &mut Warnings) {
    let git_repo = if cx.enabled(Gate::GitRepoVolumeDriver) {
        "deprecated in v1.11"
    } else {
        "deprecated in v1.11, and disabled by default in v1.33+"
    };
    let gone = "deprecated in v1.22, non-functional in v1.25+";
    for (is_used, field, message) in [
        (
            volume.photon_persistent_disk.is_some(),
            "photonPersistentDisk",
            "deprecated in v1.11, non-functional in v1.16+",
        ),
        (volume.git_repo.is_some(), "gitRepo", git_repo),
        (volume.scale_io.is_some(), "scaleIO", "deprecated in v1.16, non-functional in v1.22+"),
        (volume.flocker.is_some(), "flocker", gone),
        (volume.storageos.is_some(), "storageOS", gone),
        (volume.quobyte.is_some(), "quobyte", gone),
        (volume.glusterfs.is_some(), "glusterfs", "deprecated in v1.25, non-functional in v1.26+"),
    ] {
        warn_if(is_used, &path.field(field), message, warnings);
    }
}

fn warn_if(is_used: bool, path: &Path<'_>, message: &str, warnings: &mut Warnings) {
    if is_used {
        warnings.push(path, format_args!("{message}"));
    }
}

/// Warns about fractional bytes in a claim.
///
/// Upstream: `api/persistentvolumeclaim.GetWarningsForPersistentVolumeClaimSpec`.
fn get_warnings_for_persistent_volume_claim_spec(
    claim: &PersistentVolumeClaimSpec,
    path: &Path<'_>,
    warnings: &mut Warnings,
) {
    let Some(resources) = &claim.resources else { return };
    let (requests, limits) = (path.field("resources.requests"), path.field("resources.limits"));
    fraction::warn_about_fraction(resources.requests.as_ref(), "storage", &requests, warnings);
    fraction::warn_about_fraction(resources.limits.as_ref(), "storage", &limits, warnings);
}
