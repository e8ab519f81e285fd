//! In-tree volumes, translated to those of the CSI drivers that replace them.

use k8s_openapi::api::core::v1::PersistentVolumeSpec;

use super::volume::PodVolume;
use crate::matching::Labels;

const UNSPECIFIED: &str = "UNSPECIFIED";
const EBS: &str = "ebs.csi.aws.com";
const GCE: &str = "pd.csi.storage.gke.io";

/// The driver that took a provisioner's place, for those whose volumes are counted; the provisioner itself where it is a driver.
/// `None` where volumes are not counted.
///
/// Upstream: `scheduler/framework/plugins/nodevolumelimits.isCSIMigrationOn`, `csi-translation-lib.GetCSINameFromInTreeName`.
pub(super) fn driver_of_provisioner(provisioner: &str, has_csi_node: bool) -> Option<&str> {
    let driver = match provisioner {
        "kubernetes.io/aws-ebs" => EBS,
        "kubernetes.io/gce-pd" => GCE,
        "kubernetes.io/azure-disk" => "disk.csi.azure.com",
        "kubernetes.io/cinder" => "cinder.csi.openstack.org",
        "kubernetes.io/portworx-volume" => "pxd.portworx.com",
        "kubernetes.io/azure-file" | "kubernetes.io/vsphere-volume" => return None,
        other => return Some(other),
    };
    has_csi_node.then_some(driver)
}

/// The driver that took over a volume's disk, and the volume's handle there; `None` where none did.
///
/// Upstream: `csi-translation-lib.TranslateInTreePVToCSI`.
pub(super) fn of_in_tree(labels: &Labels, spec: &PersistentVolumeSpec) -> Option<(&'static str, String)> {
    if let Some(disk) = &spec.aws_elastic_block_store {
        return Some((EBS, ebs(&disk.volume_id)?));
    }
    if let Some(disk) = &spec.gce_persistent_disk {
        let label = |key: &str| labels.get(key).map(String::as_str).filter(|zones| !zones.is_empty());
        let zones = label("failure-domain.beta.kubernetes.io/zone");
        let zones = zones.or_else(|| label("topology.kubernetes.io/zone")).unwrap_or(UNSPECIFIED);
        return Some((GCE, gce(zones, &disk.pd_name)));
    }
    if let Some(disk) = &spec.azure_disk {
        return Some(("disk.csi.azure.com", disk.disk_uri.clone()));
    }
    if let Some(disk) = &spec.cinder {
        return Some(("cinder.csi.openstack.org", disk.volume_id.clone()));
    }
    spec.portworx_volume.as_ref().map(|disk| ("pxd.portworx.com", disk.volume_id.clone()))
}

/// The driver and the handle of a disk that a pod names itself. An error where the handle cannot be read.
///
/// Upstream: `csi-translation-lib.TranslateInTreeInlineVolumeToCSI`.
pub(super) fn of_inline(volume: &PodVolume) -> Option<Result<(&'static str, String), ()>> {
    match volume {
        PodVolume::Ebs(id) => Some(ebs(id).map(|handle| (EBS, handle)).ok_or(())),
        PodVolume::Gce { name, .. } => Some(Ok((GCE, gce(UNSPECIFIED, name)))),
        _ => None,
    }
}

fn gce(zones: &str, name: &str) -> String {
    format!("projects/{UNSPECIFIED}/zones/{zones}/disks/{name}")
}

/// Upstream: `csi-translation-lib/plugins.KubernetesVolumeIDToEBSVolumeID`.
fn ebs(id: &str) -> Option<String> {
    let Some(rest) = id.strip_prefix("aws://") else { return Some(id.to_owned()) };
    let (_, path) = rest.split_once('/').unwrap_or((rest, ""));
    let name = path.trim_matches('/');
    let is_disk = name.strip_prefix("vol-").is_some_and(|rest| !rest.contains('/'));
    is_disk.then(|| name.to_owned())
}
