//! Whether validation has nothing to say about an object: the strategy's own steps, as far as they are needed for that.
//!
//! What is stored only makes the server lenient, with two exceptions: a field would vanish since its gate is off, or `matchLabelKeys`
//! would be judged by the older rule. Without these, what is faultless as a new object is so as a changed one, and of the stored object
//! only the metadata and the selector need to be read; and a spec that was found to be faultless once is so with any metadata.
//! `tests/faultless.rs` holds these answers to the strategy's.

use k8s_openapi::api::apps::v1::DaemonSet;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, ObjectMeta};

use crate::apiserver::context::Context;
use crate::apiserver::daemon_set::{Object, validate_daemon_set_metadata};
use crate::apiserver::defaults::take_template_generation;
use crate::apiserver::error::Errors;
use crate::apiserver::object_meta::{
    validate_object_meta_accessor, validate_object_meta_update, validate_path_segment,
};
use crate::apiserver::options::Options;
use crate::apiserver::prepare::prepare_for_unseen_update;
use crate::apiserver::semantic::same_selector;
use crate::apiserver::strategy::{
    Asks, create, drop_duplicate_owners, given_or_generated, keep_system_fields, set_namespace,
    validate_name_prefix, validate_update, wipe_system_fields,
};
use crate::apiserver::topology_spread::validate_match_label_keys_in_topology_spread;
use crate::path::Path;
use crate::server::Server;

/// An object that validation has nothing to say about.
#[derive(Clone, Debug, PartialEq)]
pub struct Faultless {
    /// The object as the server would store it, but for the generation of an update, which is the one of a changed template.
    pub daemon_set: DaemonSet,
    /// Whether its spec is faultless in every other request as well, whatever is stored.
    pub whole: bool,
}

/// What an update may not change of the stored object.
#[derive(Clone, Debug, Default)]
pub struct Kept<'s> {
    /// The metadata.
    pub metadata: ObjectMeta,
    /// The selector, if there is one.
    pub selector: Option<&'s LabelSelector>,
}

/// The object that a request to create `daemon_set`, which has a selector, would store, if it has no fault. Warnings are not asked for.
pub fn faultless_create(daemon_set: DaemonSet, server: &Server) -> Option<Faultless> {
    let (admission, whole) = create(daemon_set, true, Asks::Faults, server);
    let faultless = admission.refusal.is_none() && admission.errors.is_empty();
    let whole = whole && keeps_the_older_rule(&admission.daemon_set);
    faultless.then_some(Faultless { daemon_set: admission.daemon_set, whole })
}

/// The object that an update to `new`, which has a selector, would store, if that can be told without the stored template. `None` says
/// nothing: the strategy has to be asked.
pub fn faultless_update(new: DaemonSet, kept: Kept<'_>, server: &Server) -> Option<Faultless> {
    let mut new = Object::new(new, true, server).ok()?;
    let mut old = DaemonSet { metadata: kept.metadata, ..DaemonSet::default() };
    let old_selector_present = kept.selector.is_some();
    old.spec.selector = kept.selector.cloned().unwrap_or_default();
    let old = Object::stored(old, old_selector_present, server);
    drop_duplicate_owners(&mut new.daemon_set.metadata);
    if !prepare_for_unseen_update(&mut new, &old, server) || !keeps_the_older_rule(&new.daemon_set) {
        return None;
    }
    keep_system_fields(&mut new.daemon_set.metadata, &old.daemon_set.metadata);
    let cx = Context { server, options: Options::for_create(server) };
    let faultless = validate_update(&new, &old, &cx).is_empty();
    faultless.then_some(Faultless { daemon_set: new.daemon_set, whole: true })
}

/// Whether `matchLabelKeys` keep the older rule too, by which they are judged where the stored object breaks the one in force.
fn keeps_the_older_rule(daemon_set: &DaemonSet) -> bool {
    let spec = daemon_set.spec.template.spec.iter();
    let mut errors = Errors::new();
    for constraint in spec.flat_map(|spec| spec.topology_spread_constraints.iter().flatten()) {
        let keys = constraint.match_label_keys.as_deref().unwrap_or_default();
        let selector = constraint.label_selector.as_ref();
        validate_match_label_keys_in_topology_spread(keys, selector, &Path::root("spec"), &mut errors);
    }
    errors.is_empty()
}

/// Whether a new object with this metadata is faultless, whose spec was found to be faultless, and whole, before.
pub fn is_faultless_create(mut metadata: ObjectMeta, server: &Server) -> bool {
    if take_template_generation(&mut metadata).is_err() {
        return false;
    }
    set_namespace(&mut metadata);
    wipe_system_fields(&mut metadata);
    drop_duplicate_owners(&mut metadata);
    metadata.generation = Some(1);
    metadata.name = given_or_generated(metadata.name.as_deref(), &metadata);
    let cx = Context { server, options: Options::for_create(server) };
    let mut errors = Errors::new();
    validate_daemon_set_metadata(&metadata, &cx, &mut errors);
    validate_name_prefix(&metadata, &mut errors);
    errors.is_empty()
}

/// Whether an update to this metadata and this selector is faultless, whose spec was found to be faultless, and whole, before. `false`
/// says nothing: the strategy has to be asked.
pub fn is_faultless_update(
    mut metadata: ObjectMeta,
    selector: &LabelSelector,
    kept: Kept<'_>,
    server: &Server,
) -> bool {
    let Kept { metadata: mut old, selector: Some(old_selector) } = kept else { return false };
    if take_template_generation(&mut metadata).is_err() {
        return false;
    }
    // As if the template changed: that asks no less than any other update.
    let template_generation = take_template_generation(&mut old).unwrap_or_default().max(1).checked_add(1);
    let generation = old.generation.unwrap_or_default().max(1).checked_add(1);
    if template_generation.is_none() || generation.is_none() || !same_selector(selector, old_selector) {
        return false;
    }
    set_namespace(&mut metadata);
    set_namespace(&mut old);
    drop_duplicate_owners(&mut metadata);
    metadata.generation = generation;
    keep_system_fields(&mut metadata, &old);
    let cx = Context { server, options: Options::for_create(server) };
    let path = Path::root("metadata");
    let mut errors = Errors::new();
    validate_object_meta_accessor(&metadata, validate_path_segment, &path, &cx, &mut errors);
    validate_object_meta_update(&metadata, &old, &path, &cx, &mut errors);
    errors.is_empty()
}
