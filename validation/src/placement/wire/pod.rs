//! Pods.

use k8s_openapi::api::core::v1::{self, PodAffinityTerm};
use serde::{Deserialize, Serialize};

use super::metadata::empty;
use super::{Metadata, ResourceList, Resources, Text};

/// A pod.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct Pod<'a> {
    /// `metadata`.
    #[serde(borrow)]
    pub metadata: Metadata<'a>,
    /// `spec`.
    #[serde(borrow)]
    pub spec: PodSpec<'a>,
    /// `status`.
    #[serde(borrow)]
    pub status: PodStatus<'a>,
}

/// What a pod asks for.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, rename_all = "camelCase")]
pub struct PodSpec<'a> {
    /// `nodeName`, empty while the pod waits.
    #[serde(borrow, skip_serializing_if = "empty")]
    pub node_name: Text<'a>,
    /// `hostNetwork`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host_network: Option<bool>,
    /// `priority`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority: Option<i32>,
    /// `containers`.
    #[serde(borrow)]
    pub containers: Vec<Container<'a>>,
    /// `initContainers`.
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    pub init_containers: Option<Vec<Container<'a>>>,
    /// `overhead`.
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    pub overhead: Option<ResourceList<'a>>,
    /// `resources`.
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    pub resources: Option<Resources<'a>>,
    /// `affinity`, as far as it is about pods.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub affinity: Option<PodAffinities>,
    /// `volumes`.
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    pub volumes: Option<Vec<Volume<'a>>>,
}

/// What a pod says of other pods.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(default, rename_all = "camelCase")]
pub struct PodAffinities {
    /// `podAffinity`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pod_affinity: Option<RequiredTerms>,
    /// `podAntiAffinity`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pod_anti_affinity: Option<RequiredTerms>,
}

/// The terms that must hold; preferences decide nothing for a pod that is bound to one node.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(default, rename_all = "camelCase")]
pub struct RequiredTerms {
    /// `requiredDuringSchedulingIgnoredDuringExecution`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub required_during_scheduling_ignored_during_execution: Option<Vec<PodAffinityTerm>>,
}

/// A container.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Container<'a> {
    /// `name`.
    #[serde(borrow)]
    pub name: Text<'a>,
    /// `resources`.
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    pub resources: Option<Resources<'a>>,
    /// `ports`.
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    pub ports: Option<Vec<ContainerPort<'a>>>,
    /// `restartPolicy`, of an init container that stays.
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    pub restart_policy: Option<Text<'a>>,
}

/// A port of a container.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, rename_all = "camelCase")]
pub struct ContainerPort<'a> {
    /// `containerPort`, which is the host's port too where the pod uses the host's network.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub container_port: Option<i32>,
    /// `hostPort`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host_port: Option<i32>,
    /// `hostIP`.
    #[serde(rename = "hostIP", borrow, skip_serializing_if = "empty")]
    pub host_ip: Text<'a>,
    /// `protocol`.
    #[serde(borrow, skip_serializing_if = "empty")]
    pub protocol: Text<'a>,
}

/// What became of a pod.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, rename_all = "camelCase")]
pub struct PodStatus<'a> {
    /// `phase`.
    #[serde(borrow, skip_serializing_if = "empty")]
    pub phase: Text<'a>,
    /// `startTime`.
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    pub start_time: Option<Text<'a>>,
    /// `conditions`.
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    pub conditions: Option<Vec<PodCondition<'a>>>,
    /// `containerStatuses`.
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    pub container_statuses: Option<Vec<ContainerStatus<'a>>>,
    /// `initContainerStatuses`.
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    pub init_container_statuses: Option<Vec<ContainerStatus<'a>>>,
    /// `resources`.
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    pub resources: Option<Resources<'a>>,
    /// `allocatedResources`.
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    pub allocated_resources: Option<ResourceList<'a>>,
}

/// A condition of a pod.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, rename_all = "camelCase")]
pub struct PodCondition<'a> {
    /// `type`.
    #[serde(rename = "type", borrow)]
    pub kind: Text<'a>,
    /// `status`.
    #[serde(borrow)]
    pub status: Text<'a>,
    /// `reason`.
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Text<'a>>,
    /// `lastTransitionTime`.
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    pub last_transition_time: Option<Text<'a>>,
}

/// What a container was given.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, rename_all = "camelCase")]
pub struct ContainerStatus<'a> {
    /// `name`.
    #[serde(borrow)]
    pub name: Text<'a>,
    /// `allocatedResources`.
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    pub allocated_resources: Option<ResourceList<'a>>,
    /// `resources`.
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    pub resources: Option<Resources<'a>>,
}

/// A volume, as far as it decides where a pod can run.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Volume<'a> {
    /// `name`.
    #[serde(borrow)]
    pub name: Text<'a>,
    /// `persistentVolumeClaim`.
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    pub persistent_volume_claim: Option<Claim<'a>>,
    /// `ephemeral`: a claim that is named after pod and volume.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ephemeral: Option<Ephemeral>,
    /// `gcePersistentDisk`.
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    pub gce_persistent_disk: Option<GceVolume<'a>>,
    /// `awsElasticBlockStore`.
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    pub aws_elastic_block_store: Option<EbsVolume<'a>>,
    /// `iscsi`.
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    pub iscsi: Option<IscsiVolume<'a>>,
    /// `rbd`.
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    pub rbd: Option<RbdVolume<'a>>,
    /// `csi`.
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    pub csi: Option<CsiVolume<'a>>,
}

impl<'a> From<&'a v1::Volume> for Volume<'a> {
    /// A template's volume, as far as it decides where a pod can run.
    fn from(volume: &'a v1::Volume) -> Self {
        let text = |text: &'a str| Text::from(text);
        let claim = volume.persistent_volume_claim.as_ref();
        let gce = volume.gce_persistent_disk.as_ref();
        let ebs = volume.aws_elastic_block_store.as_ref();
        Self {
            name: text(&volume.name),
            persistent_volume_claim: claim.map(|claim| Claim { claim_name: text(&claim.claim_name) }),
            ephemeral: volume.ephemeral.is_some().then_some(Ephemeral {}),
            gce_persistent_disk: gce
                .map(|disk| GceVolume { pd_name: text(&disk.pd_name), read_only: disk.read_only }),
            aws_elastic_block_store: ebs.map(|disk| EbsVolume { volume_id: text(&disk.volume_id) }),
            iscsi: volume
                .iscsi
                .as_ref()
                .map(|disk| IscsiVolume { iqn: text(&disk.iqn), read_only: disk.read_only }),
            rbd: volume.rbd.as_ref().map(|disk| RbdVolume {
                monitors: disk.monitors.iter().map(|monitor| text(monitor)).collect(),
                image: text(&disk.image),
                pool: disk.pool.as_deref().map(text),
                read_only: disk.read_only,
            }),
            csi: volume.csi.as_ref().map(|csi| CsiVolume { driver: text(&csi.driver) }),
        }
    }
}

/// That a volume is ephemeral.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct Ephemeral {}

/// A claim's name.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Claim<'a> {
    /// `claimName`.
    #[serde(borrow)]
    pub claim_name: Text<'a>,
}

/// A GCE persistent disk.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, rename_all = "camelCase")]
pub struct GceVolume<'a> {
    /// `pdName`.
    #[serde(borrow)]
    pub pd_name: Text<'a>,
    /// `readOnly`.
    pub read_only: Option<bool>,
}

/// An AWS EBS volume.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct EbsVolume<'a> {
    /// `volumeID`.
    #[serde(rename = "volumeID", borrow)]
    pub volume_id: Text<'a>,
}

/// An iSCSI disk.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, rename_all = "camelCase")]
pub struct IscsiVolume<'a> {
    /// `iqn`.
    #[serde(borrow)]
    pub iqn: Text<'a>,
    /// `readOnly`.
    pub read_only: Option<bool>,
}

/// An image in a Ceph pool.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, rename_all = "camelCase")]
pub struct RbdVolume<'a> {
    /// `monitors`.
    #[serde(borrow)]
    pub monitors: Vec<Text<'a>>,
    /// `image`.
    #[serde(borrow)]
    pub image: Text<'a>,
    /// `pool`, `rbd` where it is absent.
    #[serde(borrow)]
    pub pool: Option<Text<'a>>,
    /// `readOnly`.
    pub read_only: Option<bool>,
}

/// A CSI ephemeral volume.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct CsiVolume<'a> {
    /// `driver`.
    #[serde(borrow)]
    pub driver: Text<'a>,
}
