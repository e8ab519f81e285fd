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
    /// How many pods of the DaemonSet are refused; 1 where no nodes are known.
    pub pods: usize,
}

impl RefusedPod {
    /// One pod that is refused.
    pub(crate) fn new(refusal: Refusal, namespace: &str) -> Self {
        Self { refusal, namespace: Box::from(namespace), pods: 1 }
    }

    /// The same for several pods.
    pub(in crate::placement) fn of_several(self: &Arc<Self>, pods: usize) -> Arc<Self> {
        Arc::new(Self { pods, ..Self::clone(self) })
    }
}

impl Hash for RefusedPod {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.refusal.plugin.hash(state);
        self.refusal.message.hash(state);
    }
}
