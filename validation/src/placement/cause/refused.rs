//! A pod that the API server does not store.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use crate::admission::Refusal;

/// A pod that the API server does not store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedPod {
    /// Why.
    pub refusal: Refusal,
    /// The pod's namespace.
    pub namespace: Box<str>,
}

impl RefusedPod {
    pub(in crate::placement) fn new(refusal: Refusal, namespace: &str) -> Arc<Self> {
        Arc::new(Self { refusal, namespace: Box::from(namespace) })
    }
}

impl Hash for RefusedPod {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.refusal.plugin.hash(state);
        self.refusal.message.hash(state);
    }
}
