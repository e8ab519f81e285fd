//! The names of pods in causes.

use std::sync::Arc;

use crate::placement::snapshot::Pod;

/// The name of a pod.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PodName {
    /// Its namespace.
    pub namespace: Arc<str>,
    /// Its name.
    pub name: Box<str>,
}

impl Default for PodName {
    fn default() -> Self {
        Self { namespace: Arc::from(""), name: Box::default() }
    }
}

impl PodName {
    /// The name of a pod of the snapshot.
    pub(in crate::placement) fn of(pod: &Pod) -> Self {
        Self { namespace: pod.shape.namespace.clone(), name: pod.name.clone() }
    }
}
