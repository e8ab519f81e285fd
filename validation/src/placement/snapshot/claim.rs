//! A PersistentVolumeClaim of the snapshot. Of a bound claim, what it wants of a volume is not kept.

use k8s_openapi::api::core::v1;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;

use super::name::key;
use super::read;
use crate::quantity::Quantity;

const BIND_COMPLETED: &str = "pv.kubernetes.io/bind-completed";
const SELECTED_NODE: &str = "volume.kubernetes.io/selected-node";
const SINGLE_POD: &str = "ReadWriteOncePod";

/// What placement uses of a claim.
#[derive(Clone, Debug)]
pub(in crate::placement) struct PersistentVolumeClaim {
    /// `metadata.name`; `None` for the claim of an ephemeral volume, which does not exist yet.
    pub(in crate::placement) name: Option<Box<str>>,
    /// `metadata.namespace`, `default` where it is absent.
    pub(in crate::placement) namespace: Box<str>,
    /// The class that it names.
    pub(in crate::placement) class: Option<Box<str>>,
    /// `spec.volumeName`, empty where it has none yet.
    pub(in crate::placement) volume_name: Box<str>,
    /// Whether the binding of its volume is complete.
    pub(in crate::placement) bind_completed: bool,
    /// Whether only one pod may use it.
    pub(in crate::placement) single_pod: bool,
    /// Whether its phase is `Lost`.
    pub(in crate::placement) lost: bool,
    /// Whether it is being deleted.
    pub(in crate::placement) terminating: bool,
    /// What it wants of a volume; `None` where it is bound, or has no spec.
    pub(in crate::placement) wanted: Option<Box<Wanted>>,
    /// The node for which a volume is being provisioned; `None` where it has one.
    pub(in crate::placement) selected_node: Option<Box<str>>,
}

/// What a claim without a volume wants of one.
#[derive(Clone, Debug)]
pub(in crate::placement) struct Wanted {
    /// `metadata.uid` of the claim, by which a volume may be reserved for it.
    pub(in crate::placement) uid: Option<Box<str>>,
    /// The storage that it requests.
    pub(in crate::placement) size: Quantity,
    /// `spec.accessModes`.
    pub(in crate::placement) access_modes: Box<[Box<str>]>,
    /// `spec.volumeMode`.
    pub(in crate::placement) volume_mode: Box<str>,
    /// `spec.volumeAttributesClassName`, empty where it is absent.
    pub(in crate::placement) attributes_class: Box<str>,
    /// `spec.selector`.
    pub(in crate::placement) selector: Option<LabelSelector>,
}

impl PersistentVolumeClaim {
    /// The name by which it is found.
    pub(super) fn key(&self) -> String {
        key(read::or_default(&self.namespace), self.name.as_deref().unwrap_or_default())
    }
}

impl From<v1::PersistentVolumeClaim> for PersistentVolumeClaim {
    /// Upstream: `component-helpers/storage/volume.GetPersistentVolumeClaimClass`.
    fn from(claim: v1::PersistentVolumeClaim) -> Self {
        let v1::PersistentVolumeClaim { metadata, spec, status } = claim;
        let written = spec.as_ref();
        let class = written.and_then(|spec| spec.storage_class_name.as_deref());
        let volume_name = written.and_then(|spec| spec.volume_name.as_deref()).unwrap_or_default();
        let mut access_modes = written.and_then(|spec| spec.access_modes.as_ref()).into_iter().flatten();
        let selected_node = read::annotation(&metadata, SELECTED_NODE).filter(|_| volume_name.is_empty());
        Self {
            class: read::class(&metadata, class).map(Box::from),
            volume_name: Box::from(volume_name),
            bind_completed: read::annotation(&metadata, BIND_COMPLETED).is_some(),
            single_pod: access_modes.any(|mode| mode == SINGLE_POD),
            lost: status.is_some_and(|status| status.phase.as_deref() == Some("Lost")),
            terminating: metadata.deletion_timestamp.is_some(),
            selected_node: selected_node.map(Box::from),
            wanted: written
                .filter(|_| volume_name.is_empty())
                .map(|spec| Box::new(Wanted::of(spec, metadata.uid.as_deref()))),
            namespace: Box::from(metadata.namespace.as_deref().unwrap_or("default")),
            name: metadata.name.map(String::into_boxed_str),
        }
    }
}

impl Wanted {
    fn of(spec: &v1::PersistentVolumeClaimSpec, uid: Option<&str>) -> Self {
        let requests = spec.resources.as_ref().and_then(|resources| resources.requests.as_ref());
        Self {
            uid: uid.map(Box::from),
            size: read::storage(requests),
            access_modes: read::texts(spec.access_modes.as_deref()),
            volume_mode: read::volume_mode(spec.volume_mode.as_deref()),
            attributes_class: Box::from(spec.volume_attributes_class_name.as_deref().unwrap_or_default()),
            selector: spec.selector.clone(),
        }
    }
}
