//! A fast check whether validation has nothing to report, separately for the spec and the metadata.
//!
//! A stored object can only make validation more lenient, with two exceptions: a field may be dropped because its gate is off, and
//! `matchLabelKeys` may be checked by the older rule. Without these, a spec that is valid on create is valid on every update, so
//! the result can be reused for all requests, and only metadata and selector of the stored object are needed.
//! `tests/engine/faultless.rs` compares these answers with those of the strategy.

use k8s_openapi::api::apps::v1::DaemonSetSpec;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, ObjectMeta};

use crate::apiserver::context::Context;
use crate::apiserver::daemon_set::{validate_daemon_set_metadata, validate_daemon_set_spec};
use crate::apiserver::defaults::{convert_template, set_defaults, take_template_generation};
use crate::apiserver::error::Errors;
use crate::apiserver::internal::InternalFields;
use crate::apiserver::object_meta::{
    validate_object_meta_accessor, validate_object_meta_update, validate_path_segment,
};
use crate::apiserver::options::Options;
use crate::apiserver::prepare::drop_disabled_template_fields;
use crate::apiserver::semantic::same_selector;
use crate::apiserver::strategy::{
    drop_duplicate_owners, given_or_generated, keep_system_fields, set_namespace, validate_declaratively,
    validate_name_prefix, wipe_system_fields,
};
use crate::apiserver::topology_spread::validate_match_label_keys_in_topology_spread;
use crate::path::Path;
use crate::server::Server;

/// The parts of the stored object that the check of an update needs.
#[derive(Clone, Debug, Default)]
pub struct StoredParts<'s> {
    /// The metadata.
    pub metadata: ObjectMeta,
    /// The selector, if set.
    pub selector: Option<&'s LabelSelector>,
}

/// Returns the spec as the server would store it, if it is valid in any request, whatever object is stored. The spec
/// must have a selector. `None` means unknown: ask the strategy.
pub fn faultless_spec(mut spec: DaemonSetSpec, server: &Server) -> Option<DaemonSetSpec> {
    set_defaults(&mut spec, server);
    convert_template(&mut spec.template, server);
    if drop_disabled_template_fields(&mut spec.template, None, server) || !passes_the_older_rule(&spec) {
        return None;
    }
    let cx = Context { server, options: Options::for_create(server) };
    let internal = InternalFields { selector_present: true, template_generation: 1 };
    let mut errors = Errors::new();
    validate_daemon_set_spec(&spec, internal, &Path::root("spec"), &cx, &mut errors);
    validate_declaratively(&spec, None, &cx, &mut errors);
    errors.is_empty().then_some(spec)
}

/// Whether `matchLabelKeys` also pass the older rule, which applies if the stored object breaks the current one.
fn passes_the_older_rule(spec: &DaemonSetSpec) -> bool {
    let pod = spec.template.spec.iter();
    let mut errors = Errors::new();
    for constraint in pod.flat_map(|pod| pod.topology_spread_constraints.iter().flatten()) {
        let keys = constraint.match_label_keys.as_deref().unwrap_or_default();
        let selector = constraint.label_selector.as_ref();
        validate_match_label_keys_in_topology_spread(keys, selector, &Path::root("spec"), &mut errors);
    }
    errors.is_empty()
}

/// Whether a new object with this metadata is valid, given that its spec is.
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

/// Whether an update to this metadata and selector is valid, given that the spec is. `false` means unknown: ask the strategy.
pub fn is_faultless_update(
    mut metadata: ObjectMeta,
    selector: &LabelSelector,
    kept: StoredParts<'_>,
    server: &Server,
) -> bool {
    let StoredParts { metadata: mut old, selector: Some(old_selector) } = kept else { return false };
    if take_template_generation(&mut metadata).is_err() {
        return false;
    }
    // Assume that the template changed. This checks at least as much as any other update.
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
