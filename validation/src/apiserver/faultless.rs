//! Whether validation has nothing to say about an object: the strategy's own steps, as far as they are needed for that.
//!
//! What is stored only makes the server lenient, except where a field would vanish since its gate is off. So what is faultless as a
//! new object is so as a changed one, and of the stored object only the metadata and the selector need to be read; and a spec that was
//! found to be faultless once is so with any metadata. `tests/faultless.rs` holds these answers to the strategy's.

use k8s_openapi::api::apps::v1::DaemonSet;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, ObjectMeta};

use crate::apiserver::context::Context;
use crate::apiserver::daemon_set::Object;
use crate::apiserver::options::Options;
use crate::apiserver::prepare::prepare_for_unseen_update;
use crate::apiserver::strategy::{Asks, create, drop_duplicate_owners, keep_system_fields, validate_update};
use crate::server::Server;

/// What is known of a spec beforehand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spec {
    /// Nothing: it is judged.
    Open,
    /// It was found to be faultless, and whole, before. Only its selector is looked at, so the rest may be left out.
    Faultless,
}

impl Spec {
    const fn asks(self) -> Asks {
        match self {
            Self::Open => Asks::Faults,
            Self::Faultless => Asks::FaultsOfMetadata,
        }
    }
}

/// An object that validation has nothing to say about.
#[derive(Clone, Debug, PartialEq)]
pub struct Faultless {
    /// The object as the server would store it, but for the generation of an update, which is the one of a changed template.
    pub daemon_set: DaemonSet,
    /// Whether nothing vanished from it, so that its spec is faultless in every other request as well.
    pub whole: bool,
}

/// What an update may not change of the stored object.
#[derive(Clone, Debug, Default)]
pub struct Kept {
    /// The metadata.
    pub metadata: ObjectMeta,
    /// The selector, if there is one.
    pub selector: Option<LabelSelector>,
}

/// The object that a request to create `daemon_set`, which has a selector, would store, if it has no fault. Warnings are not asked for.
pub fn faultless_create(daemon_set: DaemonSet, spec: Spec, server: &Server) -> Option<Faultless> {
    let (admission, whole) = create(daemon_set, true, spec.asks(), server);
    let faultless = admission.refusal.is_none() && admission.errors.is_empty();
    faultless.then_some(Faultless { daemon_set: admission.daemon_set, whole })
}

/// The object that an update to `new`, which has a selector, would store, if that can be told without the stored template. `None` says
/// nothing: the strategy has to be asked.
pub fn faultless_update(new: DaemonSet, spec: Spec, kept: Kept, server: &Server) -> Option<Faultless> {
    let mut new = Object::new(new, true, server).ok()?;
    let mut old = DaemonSet { metadata: kept.metadata, ..DaemonSet::default() };
    let old_selector_present = kept.selector.is_some();
    old.spec.selector = kept.selector.unwrap_or_default();
    let old = Object::stored(old, old_selector_present, server);
    drop_duplicate_owners(&mut new.daemon_set.metadata);
    if !prepare_for_unseen_update(&mut new, &old, server) {
        return None;
    }
    keep_system_fields(&mut new.daemon_set.metadata, &old.daemon_set.metadata);
    let cx = Context { server, options: Options::for_create(server) };
    let faultless = validate_update(&new, &old, spec.asks(), &cx).is_empty();
    faultless.then_some(Faultless { daemon_set: new.daemon_set, whole: true })
}
