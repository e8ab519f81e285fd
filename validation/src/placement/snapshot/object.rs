//! An object as it is read, before a snapshot stores it: only the fields that placement uses are kept.

use std::collections::BTreeMap;
use std::sync::Arc;

use k8s_openapi::api::apps::v1::DaemonSet;
use k8s_openapi::api::core::v1::{self, Namespace};
use k8s_openapi::api::node::v1::RuntimeClass;
use k8s_openapi::api::policy::v1::PodDisruptionBudget;
use k8s_openapi::api::scheduling::v1::PriorityClass;
use k8s_openapi::api::storage::v1::{CSIDriver, CSINode, StorageClass};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde::{Deserialize, Deserializer};

use super::around::{self, One};
use super::read::{self, or_default};
use super::{CsiNode, Node, PersistentVolume, PersistentVolumeClaim, PodShape};
use crate::admission;
use crate::placement::kind::Kind;
use crate::placement::template_print::template_print;
use crate::placement::wire;
use crate::server::Server;

/// The annotations that are kept: they mark the default storage class.
const ANNOTATIONS: &str = "storageclass.";

/// An object for a [`LiveSnapshot`](super::LiveSnapshot). Reading it is the longer part of the work and needs no snapshot.
#[derive(Debug)]
pub struct Object(pub(super) Content);

/// What is kept of an object.
#[derive(Debug)]
pub(super) enum Content {
    Node(Box<Node>),
    Pod(Box<PodDraft>),
    /// A finished pod, by namespace and name. It is treated as deleted.
    FinishedPod(Box<str>, Box<str>),
    /// Without most of its template, of which the fingerprint is kept.
    DaemonSet(Box<DaemonSet>, u64),
    Namespace(Box<admission::Namespace>),
    /// By its name.
    PersistentVolume(Box<str>, Box<PersistentVolume>),
    PersistentVolumeClaim(Box<PersistentVolumeClaim>),
    StorageClass(Box<StorageClass>),
    /// By its name.
    CsiNode(Box<str>, CsiNode),
    CsiDriver(Box<CSIDriver>),
    PriorityClass(Box<PriorityClass>),
    PodDisruptionBudget(Box<PodDisruptionBudget>),
    RuntimeClass(Box<RuntimeClass>),
    Around(Box<One>),
}

/// A pod that has no index yet.
#[derive(Debug)]
pub(super) struct PodDraft {
    pub(super) name: Box<str>,
    /// The name of its node.
    pub(super) bound: Option<Box<str>>,
    pub(super) ready_since: Option<i64>,
    pub(super) started: Option<i64>,
    pub(super) terminating: bool,
    pub(super) shape: PodShape,
}

impl Object {
    /// Reads an object of a kind. The server's version decides how requests are counted.
    ///
    /// # Errors
    ///
    /// The deserializer's, where the object is not of this kind's form.
    pub fn read<'de, D: Deserializer<'de>>(kind: Kind, object: D, server: &Server) -> Result<Self, D::Error> {
        Ok(Self(match kind {
            Kind::Node => Content::Node(Box::new(Node::from(wire::Node::deserialize(object)?))),
            Kind::Pod => pod(&wire::Pod::deserialize(object)?, server),
            Kind::DaemonSet => {
                let mut daemon_set = DaemonSet::deserialize(object)?;
                trim(&mut daemon_set.metadata);
                daemon_set.status = None;
                let template = template_print(&daemon_set.spec.template);
                if let Some(pod) = &mut daemon_set.spec.template.spec {
                    trim_pod(pod);
                }
                Content::DaemonSet(Box::new(daemon_set), template)
            }
            Kind::Namespace => {
                Content::Namespace(Box::new(around::namespace(Namespace::deserialize(object)?)))
            }
            Kind::PersistentVolume => {
                let mut volume = v1::PersistentVolume::deserialize(object)?;
                let name = volume.metadata.name.take().unwrap_or_default();
                Content::PersistentVolume(name.into_boxed_str(), Box::new(volume.into()))
            }
            Kind::PersistentVolumeClaim => {
                let claim = v1::PersistentVolumeClaim::deserialize(object)?;
                Content::PersistentVolumeClaim(Box::new(claim.into()))
            }
            Kind::StorageClass => {
                let mut class = StorageClass::deserialize(object)?;
                trim(&mut class.metadata);
                class.parameters = None;
                Content::StorageClass(Box::new(class))
            }
            Kind::CsiNode => {
                let mut node = CSINode::deserialize(object)?;
                let name = node.metadata.name.take().unwrap_or_default();
                Content::CsiNode(name.into_boxed_str(), node.into())
            }
            Kind::CsiDriver => {
                let mut driver = CSIDriver::deserialize(object)?;
                trim(&mut driver.metadata);
                Content::CsiDriver(Box::new(driver))
            }
            Kind::PriorityClass => {
                let mut class = PriorityClass::deserialize(object)?;
                trim(&mut class.metadata);
                class.description = None;
                Content::PriorityClass(Box::new(class))
            }
            Kind::PodDisruptionBudget => {
                let mut budget = PodDisruptionBudget::deserialize(object)?;
                trim(&mut budget.metadata);
                Content::PodDisruptionBudget(Box::new(budget))
            }
            Kind::RuntimeClass => {
                let mut class = RuntimeClass::deserialize(object)?;
                trim(&mut class.metadata);
                Content::RuntimeClass(Box::new(class))
            }
            Kind::LimitRange
            | Kind::ResourceQuota
            | Kind::ServiceAccount
            | Kind::ConfigMap
            | Kind::Secret
            | Kind::MutatingWebhookConfiguration
            | Kind::ValidatingWebhookConfiguration
            | Kind::ValidatingAdmissionPolicy
            | Kind::ValidatingAdmissionPolicyBinding
            | Kind::MutatingAdmissionPolicy
            | Kind::MutatingAdmissionPolicyBinding
            | Kind::SecurityContextConstraints => Content::Around(Box::new(around::of(kind, object)?)),
        }))
    }
}

fn pod(pod: &wire::Pod<'_>, server: &Server) -> Content {
    let namespace = or_default(&pod.metadata.namespace);
    let name = Box::from(&*pod.metadata.name);
    if read::is_finished(pod) {
        return Content::FinishedPod(Box::from(namespace), name);
    }
    let bound = (!pod.spec.node_name.is_empty()).then(|| Box::from(&*pod.spec.node_name));
    Content::Pod(Box::new(PodDraft {
        name,
        bound,
        ready_since: read::ready_since(pod),
        started: read::started(pod),
        terminating: pod.metadata.deletion_timestamp.is_some(),
        shape: read::shape(pod, Arc::from(namespace), read::daemon_set(pod).map(Arc::from), server),
    }))
}

/// Keeps of each container what placement and peers read: its name, image, ports, resources and when it restarts. The rest may be
/// much larger than that.
fn trim_pod(pod: &mut v1::PodSpec) {
    let containers = pod.init_containers.iter_mut().flatten().chain(&mut pod.containers);
    for container in containers {
        *container = v1::Container {
            name: std::mem::take(&mut container.name),
            image: container.image.take(),
            ports: container.ports.take(),
            resources: container.resources.take(),
            restart_policy: container.restart_policy.take(),
            restart_policy_rules: container.restart_policy_rules.take(),
            ..v1::Container::default()
        };
    }
}

/// Removes what placement never reads, which is often the larger part of a small object.
fn trim(metadata: &mut ObjectMeta) {
    metadata.managed_fields = None;
    metadata.owner_references = None;
    metadata.finalizers = None;
    metadata.resource_version = None;
    metadata.self_link = None;
    if let Some(annotations) = &mut metadata.annotations {
        annotations.retain(|key, _| key.starts_with(ANNOTATIONS));
    }
    if metadata.annotations.as_ref().is_some_and(BTreeMap::is_empty) {
        metadata.annotations = None;
    }
}
