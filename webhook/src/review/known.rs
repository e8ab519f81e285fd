//! Specs that are known to be faultless. Most of what an API server asks is about specs that it asked about before: who keeps a cluster to
//! what a repository says applies the same objects every few minutes, a dry run goes before the request itself, operators touch an
//! object's labels and annotations, and the object that is stored now was judged when it was stored. The same bytes are not judged
//! twice.

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use lru::LruCache;

/// As many specs are remembered: more than a cluster has DaemonSets.
const MOST: NonZeroUsize = NonZeroUsize::MIN.saturating_add(255);

/// A larger spec, in bytes, is judged each time, so that the memory for all of them is bounded by 4 MiB.
const LARGEST: usize = 16 * 1024;

/// The specs in which the server that a policy imitates finds nothing, by their exact text. It goes with its policy.
pub struct Known(Mutex<Specs>);

type Specs = LruCache<Box<str>, Arc<LabelSelector>>;

impl Default for Known {
    fn default() -> Self {
        Self(Mutex::new(LruCache::new(MOST)))
    }
}

impl std::fmt::Debug for Known {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Known").field("specs", &self.specs().len()).finish()
    }
}

impl Known {
    /// The selector of a spec that was found to be faultless.
    pub(super) fn selector(&self, spec: &str) -> Option<Arc<LabelSelector>> {
        (spec.len() <= LARGEST).then(|| self.specs().get(spec).cloned())?
    }

    /// A spec was found to be faultless; its selector, to be shared.
    pub(super) fn add(&self, spec: &str, selector: &LabelSelector) -> Arc<LabelSelector> {
        let selector = Arc::new(selector.clone());
        if spec.len() <= LARGEST {
            self.specs().put(spec.into(), selector.clone());
        }
        selector
    }

    /// A panic elsewhere leaves nothing half done in here.
    fn specs(&self) -> MutexGuard<'_, Specs> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_remembered_is_bounded() {
        let known = Known::default();
        let selector = LabelSelector::default();
        let large = "x".repeat(LARGEST + 1);
        known.add(&large, &selector);
        assert!(known.selector(&large).is_none(), "a large spec is not kept");
        for number in 0..=MOST.get() {
            known.add(&format!("spec {number}"), &selector);
            assert!(known.selector("spec 1").is_some() == (number > 0), "what is asked for is kept");
        }
        assert!(known.selector("spec 0").is_none(), "what nobody asks for makes room");
        assert_eq!(known.specs().len(), MOST.get());
    }
}
