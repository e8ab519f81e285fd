//! Volumes are of types that cannot reach beyond the pod.
//!
//! Upstream: `pod-security-admission/policy.CheckRestrictedVolumes`.

use std::collections::BTreeSet;

use k8s_openapi::api::core::v1::Volume;

use crate::admission::pod_security::check::{Check, CheckVersion};
use crate::admission::pod_security::check_id::PodSecurityCheck;
use crate::admission::pod_security::level::PodSecurityLevel;
use crate::admission::pod_security::subject::Subject;
use crate::admission::pod_security::violation::{Forbidden, Wanted, change};
use crate::admission::pod_security::words::{join_quoted, plural};

pub(super) const CHECK: Check = Check {
    id: PodSecurityCheck::RestrictedVolumes,
    level: PodSecurityLevel::Restricted,
    versions: &[CheckVersion { since: 0, run: since_0, overrides: Some(PodSecurityCheck::HostPathVolumes) }],
};

fn is_allowed(volume: &Volume) -> bool {
    volume.config_map.is_some()
        || volume.csi.is_some()
        || volume.downward_api.is_some()
        || volume.empty_dir.is_some()
        || volume.ephemeral.is_some()
        || volume.image.is_some()
        || volume.persistent_volume_claim.is_some()
        || volume.projected.is_some()
        || volume.secret.is_some()
}

/// The field of a volume's forbidden source; `None` where it has none that is known.
fn source(volume: &Volume) -> Option<&'static str> {
    let sources = [
        ("hostPath", volume.host_path.is_some()),
        ("gcePersistentDisk", volume.gce_persistent_disk.is_some()),
        ("awsElasticBlockStore", volume.aws_elastic_block_store.is_some()),
        ("gitRepo", volume.git_repo.is_some()),
        ("nfs", volume.nfs.is_some()),
        ("iscsi", volume.iscsi.is_some()),
        ("glusterfs", volume.glusterfs.is_some()),
        ("rbd", volume.rbd.is_some()),
        ("flexVolume", volume.flex_volume.is_some()),
        ("cinder", volume.cinder.is_some()),
        ("cephfs", volume.cephfs.is_some()),
        ("flocker", volume.flocker.is_some()),
        ("fc", volume.fc.is_some()),
        ("azureFile", volume.azure_file.is_some()),
        ("vsphereVolume", volume.vsphere_volume.is_some()),
        ("quobyte", volume.quobyte.is_some()),
        ("azureDisk", volume.azure_disk.is_some()),
        ("photonPersistentDisk", volume.photon_persistent_disk.is_some()),
        ("portworxVolume", volume.portworx_volume.is_some()),
        ("scaleIO", volume.scale_io.is_some()),
        ("storageos", volume.storageos.is_some()),
    ];
    sources.into_iter().find(|(_, is_set)| *is_set).map(|(field, _)| field)
}

fn since_0(pod: Subject<'_>) -> Option<Forbidden> {
    let (mut names, mut types, mut changes) = (Vec::new(), BTreeSet::new(), Vec::new());
    for (index, volume) in pod.spec.volumes.iter().flatten().enumerate() {
        if is_allowed(volume) {
            continue;
        }
        names.push(volume.name.as_str());
        let field = source(volume);
        types.insert(field.unwrap_or("unknown"));
        let path = Subject::path().field("volumes").index(index);
        let path = match field {
            Some(field) => path.field(field),
            None => path,
        };
        changes.push(change(path, Wanted::AnotherVolumeSource));
    }
    (!names.is_empty()).then(|| Forbidden {
        reason: "restricted volume types",
        detail: format!(
            "{} {} {} {} {}",
            plural(names.len(), "volume", "volumes"),
            join_quoted(names.iter().copied()),
            plural(names.len(), "uses", "use"),
            plural(types.len(), "restricted volume type", "restricted volume types"),
            join_quoted(types.iter().copied())
        ),
        changes,
    })
}
