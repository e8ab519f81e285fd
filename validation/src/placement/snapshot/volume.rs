//! A PersistentVolume of the snapshot. Volumes of one class and zone share their shape, so many volumes take little memory.

use std::collections::HashMap;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use k8s_openapi::api::core::v1::{self, NodeSelector};

use super::read;
use crate::matching::Labels;
use crate::placement::migration;
use crate::quantity::Quantity;

/// What placement uses of a volume.
#[derive(Clone, Debug)]
pub(in crate::placement) struct PersistentVolume {
    /// Whether its phase is `Available`.
    pub(in crate::placement) available: bool,
    /// Whether it is being deleted.
    pub(in crate::placement) terminating: bool,
    /// `spec.claimRef`: the claim that it is bound to or reserved for.
    pub(in crate::placement) claim_ref: Option<Box<ClaimRef>>,
    /// The driver's handle of it, empty where it is not counted.
    pub(in crate::placement) handle: Box<str>,
    /// What it shares with others.
    pub(in crate::placement) shape: Arc<VolumeShape>,
}

/// The claim of a volume.
#[derive(Clone, Debug)]
pub(in crate::placement) struct ClaimRef {
    /// `spec.claimRef.name`.
    pub(in crate::placement) name: Option<Box<str>>,
    /// `spec.claimRef.namespace`, empty where it is absent.
    pub(in crate::placement) namespace: Box<str>,
    /// `spec.claimRef.uid`, empty where any claim of the name matches.
    pub(in crate::placement) uid: Box<str>,
}

/// What volumes of one class and zone have in common.
#[derive(Debug, PartialEq)]
pub(in crate::placement) struct VolumeShape {
    /// `metadata.labels`.
    pub(in crate::placement) labels: Labels,
    /// The class that it names, empty where it names none.
    pub(in crate::placement) class: Box<str>,
    /// The storage that it has.
    pub(in crate::placement) capacity: Quantity,
    /// `spec.accessModes`.
    pub(in crate::placement) access_modes: Box<[Box<str>]>,
    /// `spec.volumeMode`.
    pub(in crate::placement) volume_mode: Box<str>,
    /// `spec.volumeAttributesClassName`, empty where it is absent.
    pub(in crate::placement) attributes_class: Box<str>,
    /// `spec.nodeAffinity.required`.
    pub(in crate::placement) node_affinity: Option<NodeSelector>,
    /// Its CSI driver, empty where it is not counted.
    pub(in crate::placement) driver: Box<str>,
    /// Whether the driver replaces an in-tree volume plugin.
    pub(in crate::placement) migrated: bool,
}

impl PersistentVolume {
    /// Its driver and the driver's handle of it; `None` where it does not count against a node's limit.
    pub(in crate::placement) fn driver_and_handle(&self, has_csi_node: bool) -> Option<(&str, &str)> {
        let (driver, handle) = (&*self.shape.driver, &*self.handle);
        let counts = has_csi_node || !self.shape.migrated;
        (counts && !driver.is_empty() && !handle.is_empty()).then_some((driver, handle))
    }
}

impl Eq for VolumeShape {}

impl Hash for VolumeShape {
    /// The node affinity is left in: it is what differs between local volumes, of which there may be many.
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.labels.hash(state);
        self.class.hash(state);
        self.capacity.value().hash(state);
        self.driver.hash(state);
        for term in self.node_affinity.iter().flat_map(|selector| &selector.node_selector_terms) {
            for one in term.match_expressions.iter().chain(&term.match_fields).flatten() {
                one.key.hash(state);
                one.operator.hash(state);
                one.values.hash(state);
            }
        }
    }
}

impl From<v1::PersistentVolume> for PersistentVolume {
    /// Upstream: `component-helpers/storage/volume.GetPersistentVolumeClass`.
    fn from(volume: v1::PersistentVolume) -> Self {
        let v1::PersistentVolume { metadata, spec, status } = volume;
        let phase = status.and_then(|status| status.phase);
        // A reference without a name belongs to no claim.
        let available = spec.is_some() && phase.as_deref() == Some("Available");
        let spec = spec.unwrap_or_default();
        let class = read::class(&metadata, spec.storage_class_name.as_deref()).map(Box::from);
        let terminating = metadata.deletion_timestamp.is_some();
        let labels = metadata.labels.unwrap_or_default();
        let (driver, handle, migrated) = match &spec.csi {
            Some(csi) => (Box::from(&*csi.driver), Box::from(&*csi.volume_handle), false),
            None => match migration::of_in_tree(&labels, &spec) {
                Some((driver, handle)) => (Box::from(driver), handle.into_boxed_str(), true),
                None => Default::default(),
            },
        };
        let shape = VolumeShape {
            labels,
            class: class.unwrap_or_default(),
            capacity: read::storage(spec.capacity.as_ref()),
            access_modes: read::texts(spec.access_modes.as_deref()),
            volume_mode: read::volume_mode(spec.volume_mode.as_deref()),
            attributes_class: Box::from(spec.volume_attributes_class_name.as_deref().unwrap_or_default()),
            node_affinity: spec.node_affinity.and_then(|affinity| affinity.required).map(shrunk),
            driver,
            migrated,
        };
        let claim_ref = spec.claim_ref.map(|claim| {
            Box::new(ClaimRef {
                name: claim.name.map(String::into_boxed_str),
                namespace: claim.namespace.unwrap_or_default().into_boxed_str(),
                uid: claim.uid.unwrap_or_default().into_boxed_str(),
            })
        });
        Self { available, terminating, claim_ref, handle, shape: Arc::new(shape) }
    }
}

/// A selector whose lists have no spare capacity.
fn shrunk(mut selector: NodeSelector) -> NodeSelector {
    for term in &mut selector.node_selector_terms {
        for list in [&mut term.match_expressions, &mut term.match_fields].into_iter().flatten() {
            for one in &mut *list {
                one.values.iter_mut().for_each(Vec::shrink_to_fit);
            }
            list.shrink_to_fit();
        }
    }
    selector.node_selector_terms.shrink_to_fit();
    selector
}

/// The shapes of volumes, each stored once, with how many volumes have it.
#[derive(Debug, Default)]
pub(super) struct VolumeShapes(HashMap<Arc<VolumeShape>, u32>);

impl VolumeShapes {
    /// Makes a volume share the shape of equal ones.
    pub(super) fn share(&mut self, volume: &mut PersistentVolume) {
        if let Some((known, _)) = self.0.get_key_value(&volume.shape) {
            volume.shape = known.clone();
        }
        let volumes = self.0.entry(volume.shape.clone()).or_default();
        *volumes = volumes.saturating_add(1);
    }

    /// Drops the shape of a deleted volume, unless another volume has it.
    pub(super) fn release(&mut self, shape: &Arc<VolumeShape>) {
        let Some(volumes) = self.0.get_mut(shape) else { return };
        *volumes = volumes.saturating_sub(1);
        if *volumes == 0 {
            self.0.remove(shape);
        }
    }
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::core::v1::{
        CSIPersistentVolumeSource, NodeSelectorRequirement, NodeSelectorTerm, PersistentVolumeSpec,
        VolumeNodeAffinity,
    };

    use super::*;

    fn volume(handle: &str, host: &str) -> PersistentVolume {
        let one = NodeSelectorRequirement {
            key: "kubernetes.io/hostname".to_owned(),
            operator: "In".to_owned(),
            values: Some(vec![host.to_owned()]),
        };
        let term = NodeSelectorTerm { match_expressions: Some(vec![one]), match_fields: None };
        let required = Some(NodeSelector { node_selector_terms: vec![term] });
        let spec = PersistentVolumeSpec {
            csi: Some(CSIPersistentVolumeSource {
                driver: "disk.example.com".to_owned(),
                volume_handle: handle.to_owned(),
                ..Default::default()
            }),
            node_affinity: Some(VolumeNodeAffinity { required }),
            ..Default::default()
        };
        v1::PersistentVolume { spec: Some(spec), ..Default::default() }.into()
    }

    #[test]
    fn volumes_that_are_alike_share_their_shape_while_there_are_any() {
        let mut shapes = VolumeShapes::default();
        let [mut one, mut other, mut elsewhere] = [volume("a", "n1"), volume("b", "n1"), volume("c", "n2")];
        for volume in [&mut one, &mut other, &mut elsewhere] {
            shapes.share(volume);
        }
        assert!(Arc::ptr_eq(&one.shape, &other.shape));
        assert!(!Arc::ptr_eq(&one.shape, &elsewhere.shape));
        assert_eq!((&*one.handle, &*other.handle), ("a", "b"));

        shapes.release(&one.shape);
        assert_eq!(shapes.0.len(), 2);
        shapes.release(&other.shape);
        assert_eq!(shapes.0.len(), 1);
        shapes.release(&elsewhere.shape);
        assert_eq!(shapes.0.len(), 0);
    }
}
