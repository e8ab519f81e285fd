//! Gated fields of volumes.

use k8s_openapi::api::core::v1::{
    DownwardAPIVolumeFile, KeyToPath, PodSpec, ProjectedVolumeSource, Volume, VolumeProjection,
};

fn sources(spec: &mut PodSpec) -> impl Iterator<Item = &mut VolumeProjection> {
    let projected = spec.volumes.iter_mut().flatten().filter_map(|volume| volume.projected.as_mut());
    projected.flat_map(|projected| projected.sources.iter_mut().flatten())
}

/// Upstream: `api/pod.dropDisabledClusterTrustBundleProjection`, `api/pod.clusterTrustBundleProjectionInUse`.
pub(super) fn clear_cluster_trust_bundles(spec: &mut PodSpec) -> bool {
    sources(spec).filter_map(|source| source.cluster_trust_bundle.take()).count() > 0
}

/// Upstream: `api/pod.dropDisabledPodCertificateProjection`, `api/pod.podCertificateProjectionInUse`.
pub(super) fn clear_pod_certificates(spec: &mut PodSpec) -> bool {
    sources(spec).filter_map(|source| source.pod_certificate.take()).count() > 0
}

/// Upstream: `api/pod.emptyDirVolumeModeInUse`.
pub(super) fn clear_empty_dir_modes(spec: &mut PodSpec) -> bool {
    let dirs = spec.volumes.iter_mut().flatten().filter_map(|volume| volume.empty_dir.as_mut());
    dirs.filter_map(|dir| dir.mode.take()).count() > 0
}

/// If a volume has several sources, which is an error, only the first one in upstream's order is cleared.
///
/// Upstream: `api/pod.dropDisabledAtomicWriteVolumeUserFields`, `api/pod.atomicWriteVolumeUserFieldsInUse`,
/// `api/pod.dropUserFieldsInKeyToPaths`, `api/pod.dropUserFieldsInDownwardAPIVolumeFiles`.
pub(super) fn clear_users(spec: &mut PodSpec) -> bool {
    let mut found = false;
    let mut clear = |user: &mut Option<i64>| found |= user.take().is_some();
    for volume in spec.volumes.iter_mut().flatten() {
        users_of_volume(volume, &mut clear);
    }
    found
}

type Clear<'c> = &'c mut dyn FnMut(&mut Option<i64>);

fn users_of_volume(volume: &mut Volume, clear: Clear<'_>) {
    if let Some(secret) = &mut volume.secret {
        clear(&mut secret.default_user);
        users_of_keys(&mut secret.items, clear);
    } else if let Some(config_map) = &mut volume.config_map {
        clear(&mut config_map.default_user);
        users_of_keys(&mut config_map.items, clear);
    } else if let Some(downward_api) = &mut volume.downward_api {
        clear(&mut downward_api.default_user);
        users_of_files(&mut downward_api.items, clear);
    } else if let Some(projected) = &mut volume.projected {
        users_of_projected_volume(projected, clear);
    }
}

fn users_of_projected_volume(projected: &mut ProjectedVolumeSource, clear: Clear<'_>) {
    clear(&mut projected.default_user);
    for source in projected.sources.iter_mut().flatten() {
        if let Some(secret) = &mut source.secret {
            users_of_keys(&mut secret.items, clear);
        } else if let Some(downward_api) = &mut source.downward_api {
            users_of_files(&mut downward_api.items, clear);
        } else if let Some(config_map) = &mut source.config_map {
            users_of_keys(&mut config_map.items, clear);
        } else if let Some(token) = &mut source.service_account_token {
            clear(&mut token.user);
        } else if let Some(bundle) = &mut source.cluster_trust_bundle {
            clear(&mut bundle.user);
        } else if let Some(certificate) = &mut source.pod_certificate {
            clear(&mut certificate.user);
        }
    }
}

fn users_of_keys(items: &mut Option<Vec<KeyToPath>>, clear: Clear<'_>) {
    items.iter_mut().flatten().for_each(|item| clear(&mut item.user));
}

fn users_of_files(items: &mut Option<Vec<DownwardAPIVolumeFile>>, clear: Clear<'_>) {
    items.iter_mut().flatten().for_each(|item| clear(&mut item.user));
}
