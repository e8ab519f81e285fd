//! A node of the snapshot.

use k8s_openapi::api::core::v1::Taint;

use crate::matching::Labels;
use crate::placement::resource::ResourceTotals;
use crate::placement::wire;

/// What placement uses of a node.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Node {
    /// `metadata.name`.
    pub name: Box<str>,
    /// `metadata.labels`.
    pub labels: Labels,
    /// `spec.taints`.
    pub taints: Vec<Taint>,
    /// `spec.unschedulable`: the node is cordoned.
    pub unschedulable: bool,
    /// `status.allocatable`; `None` where the object has none, as in a file written by hand.
    pub allocatable: Option<ResourceTotals>,
    /// Whether its `Ready` condition is `True`; `None` where it has none.
    pub ready: Option<bool>,
    /// `status.declaredFeatures`.
    pub declared_features: Box<[Box<str>]>,
}

impl From<wire::Node<'_>> for Node {
    fn from(node: wire::Node<'_>) -> Self {
        let spec = node.spec.unwrap_or_default();
        let status = node.status.unwrap_or_default();
        let ready = status.conditions.iter().flatten().find(|condition| &*condition.kind == "Ready");
        // A node of a server without it has no resources; of a node written by hand they are not known.
        let nothing = node.metadata.uid.is_some().then(ResourceTotals::default);
        let features = status.declared_features.unwrap_or_default();
        Self {
            name: Box::from(&*node.metadata.name),
            labels: labels(node.metadata.labels),
            taints: spec.taints.unwrap_or_default(),
            unschedulable: spec.unschedulable.unwrap_or(false),
            ready: ready.map(|condition| &*condition.status == "True"),
            allocatable: status.allocatable.map(|list| ResourceTotals::of_node(&list)).or(nothing),
            declared_features: features.iter().map(|feature| Box::from(&**feature)).collect(),
        }
    }
}

/// Labels with owned keys and values.
pub(super) fn labels(pairs: wire::Pairs<'_>) -> Labels {
    pairs.0.into_iter().map(|(key, value)| (key.0.into_owned(), value.0.into_owned())).collect()
}
