//! The volume with the account's token.

use k8s_openapi::api::core::v1::{
    ConfigMapProjection, Container, DownwardAPIProjection, DownwardAPIVolumeFile, KeyToPath,
    ObjectFieldSelector, PodSpec, ProjectedVolumeSource, ServiceAccountTokenProjection, Volume, VolumeMount,
    VolumeProjection,
};

use crate::admission::pod::UNKNOWN;

/// What the name of such a volume begins with.
const PREFIX: &str = "kube-api-access-";

/// Where it is mounted.
const PATH: &str = "/var/run/secrets/kubernetes.io/serviceaccount";

/// How long the token is good for, in seconds: an hour and a bit by which the server tells it from the ones that users ask for.
const EXPIRATION_SECONDS: i64 = 3607;

/// Mounts the token in every container that mounts nothing at its place, and adds the volume if one needs it. The end of the
/// volume's name is random on the server and `xxxxx` here.
///
/// Upstream: `plugin/admission/serviceaccount.Plugin.mountServiceAccountToken`.
pub(super) fn mount(spec: &mut PodSpec) {
    let known = spec.volumes.iter().flatten().find(|volume| volume.name.starts_with(PREFIX));
    let has_volume = known.is_some();
    let name = known.map_or_else(|| format!("{PREFIX}{UNKNOWN}"), |volume| volume.name.clone());
    let mut is_mounted = false;
    for container in spec.init_containers.iter_mut().flatten().chain(&mut spec.containers) {
        is_mounted |= mount_in(container, &name);
    }
    if is_mounted && !has_volume {
        spec.volumes.get_or_insert_default().push(Volume {
            name,
            projected: Some(source()),
            ..Volume::default()
        });
    }
}

fn mount_in(container: &mut Container, volume: &str) -> bool {
    if container.volume_mounts.iter().flatten().any(|mount| mount.mount_path == PATH) {
        return false;
    }
    container.volume_mounts.get_or_insert_default().push(VolumeMount {
        name: volume.to_owned(),
        mount_path: PATH.to_owned(),
        read_only: Some(true),
        ..VolumeMount::default()
    });
    true
}

/// Upstream: `plugin/admission/serviceaccount.TokenVolumeSource`.
fn source() -> ProjectedVolumeSource {
    let token = ServiceAccountTokenProjection {
        expiration_seconds: Some(EXPIRATION_SECONDS),
        path: "token".to_owned(),
        ..ServiceAccountTokenProjection::default()
    };
    let authority = ConfigMapProjection {
        name: "kube-root-ca.crt".to_owned(),
        items: Some(vec![KeyToPath {
            key: "ca.crt".to_owned(),
            path: "ca.crt".to_owned(),
            ..KeyToPath::default()
        }]),
        optional: None,
    };
    let namespace = DownwardAPIVolumeFile {
        path: "namespace".to_owned(),
        field_ref: Some(ObjectFieldSelector {
            api_version: Some("v1".to_owned()),
            field_path: "metadata.namespace".to_owned(),
        }),
        ..DownwardAPIVolumeFile::default()
    };
    ProjectedVolumeSource {
        default_mode: Some(0o644),
        sources: Some(vec![
            VolumeProjection { service_account_token: Some(token), ..VolumeProjection::default() },
            VolumeProjection { config_map: Some(authority), ..VolumeProjection::default() },
            VolumeProjection {
                downward_api: Some(DownwardAPIProjection { items: Some(vec![namespace]) }),
                ..VolumeProjection::default()
            },
        ]),
        ..ProjectedVolumeSource::default()
    }
}
