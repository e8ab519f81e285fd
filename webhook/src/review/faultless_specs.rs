//! Remembers specs in which validation found no fault, so that the same text is not validated twice. Most reviews are about a spec that was
//! reviewed before: GitOps controllers apply the same objects every few minutes, clients send a dry run before the request, operators
//! change labels and annotations only, and the old object of an update was reviewed when it was stored.

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use lru::LruCache;

/// The number of specs that are remembered: more than most clusters have DaemonSets.
const CAPACITY: NonZeroUsize = NonZeroUsize::MIN.saturating_add(255);

/// The longest spec that is remembered, in bytes. It bounds the memory of all specs to 4 MiB.
const MAX_SPEC_BYTES: usize = 16 * 1024;

/// The specs in which validation found no fault, by their exact text, with their selectors. The result depends on
/// the version of the API server, so each version needs its own.
pub struct FaultlessSpecs(Mutex<Specs>);

type Specs = LruCache<Box<str>, Arc<LabelSelector>>;

impl Default for FaultlessSpecs {
    fn default() -> Self {
        Self(Mutex::new(LruCache::new(CAPACITY)))
    }
}

impl std::fmt::Debug for FaultlessSpecs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FaultlessSpecs").field("specs", &self.specs().len()).finish()
    }
}

impl FaultlessSpecs {
    /// The selector of a spec, if the spec is known to be faultless.
    pub(super) fn selector(&self, spec: &str) -> Option<Arc<LabelSelector>> {
        (spec.len() <= MAX_SPEC_BYTES).then(|| self.specs().get(spec).cloned())?
    }

    /// Remembers a faultless spec. Returns its selector.
    pub(super) fn add(&self, spec: &str, selector: &LabelSelector) -> Arc<LabelSelector> {
        let selector = Arc::new(selector.clone());
        if spec.len() <= MAX_SPEC_BYTES {
            self.specs().put(spec.into(), selector.clone());
        }
        selector
    }

    /// A poisoned lock is used on: no change to the map can be left half done by a panic of a caller.
    fn specs(&self) -> MutexGuard<'_, Specs> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_and_size_of_specs_is_bounded() {
        let specs = FaultlessSpecs::default();
        let selector = LabelSelector::default();
        let large = "x".repeat(MAX_SPEC_BYTES + 1);
        specs.add(&large, &selector);
        assert!(specs.selector(&large).is_none(), "a large spec is not remembered");
        for number in 0..=CAPACITY.get() {
            specs.add(&format!("spec {number}"), &selector);
            assert!(specs.selector("spec 1").is_some() == (number > 0), "a spec that is used stays");
        }
        assert!(specs.selector("spec 0").is_none(), "the least recently used spec is dropped");
        assert_eq!(specs.specs().len(), CAPACITY.get());
    }
}
