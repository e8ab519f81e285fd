//! The server's steps from a decoded object to its answer: defaults, preparation, options, validation, warnings.

use std::collections::HashSet;

use k8s_openapi::api::apps::v1::{DaemonSet, DaemonSetSpec};
use k8s_openapi::api::core::v1::EvictionResponder;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{ObjectMeta, OwnerReference};

use crate::apiserver::content::report;
use crate::apiserver::context::Context;
use crate::apiserver::daemon_set::{
    validate_daemon_set_immutable_fields, validate_daemon_set_metadata, validate_daemon_set_spec,
};
use crate::apiserver::defaults::{convert_to_internal, set_defaults};
use crate::apiserver::error::{Errors, FieldError};
use crate::apiserver::eviction_responder::validate_eviction_responders;
use crate::apiserver::internal::{InternalDaemonSet, InternalFields};
use crate::apiserver::object_meta::{
    validate_object_meta_accessor, validate_object_meta_accessor_update, validate_path_segment,
};
use crate::apiserver::options::Options;
use crate::apiserver::prepare::{prepare_for_create, prepare_for_update};
use crate::apiserver::semantic;
use crate::apiserver::stored::options_for_update;
use crate::apiserver::warnings::warnings_for_pod_template;
use crate::gates::Change;
use crate::ledger::Ledger;
use crate::path::Path;
use crate::server::Server;

pub use crate::apiserver::warnings::Warning;

/// The server's answer to a create or update request.
#[derive(Clone, Debug, Default)]
pub struct Admission {
    /// The object as the server would store it: with defaults and without dropped fields.
    pub daemon_set: DaemonSet,
    /// The server's message if it rejects the request before validation. There are no errors then.
    pub refusal: Option<String>,
    /// The errors of validation, in the server's order.
    pub errors: Vec<FieldError>,
    /// The server's warnings.
    pub warnings: Vec<Warning>,
}

/// Answers a create request for `daemon_set`. `selector_present` distinguishes an absent selector from an empty one.
///
/// Upstream: `apiserver/registry/rest.BeforeCreate`, `apiserver/registry/rest.ValidateCreate`,
/// `registry/apps/daemonset.daemonSetStrategy.Validate`, `registry/apps/daemonset.daemonSetStrategy.WarningsOnCreate`.
pub fn admit_create(daemon_set: DaemonSet, selector_present: bool, server: &Server) -> Admission {
    admit_create_within(daemon_set, selector_present, server, Errors::new()).0
}

/// The same with the errors that an empty list takes, and its ledger.
pub(crate) fn admit_create_within(
    daemon_set: DaemonSet,
    selector_present: bool,
    server: &Server,
    mut errors: Errors,
) -> (Admission, Ledger) {
    let mut object = match InternalDaemonSet::new(daemon_set, selector_present, server) {
        Ok(object) => object,
        Err(admission) => return (*admission, errors.into_parts().1),
    };
    wipe_system_fields(&mut object.daemon_set.metadata);
    let mut warnings: Vec<Warning> =
        drop_duplicate_owners(&mut object.daemon_set.metadata).into_iter().collect();
    prepare_for_create(&mut object.daemon_set, &mut object.internal, server);

    let cx = Context { server, options: Options::for_create(server) };
    let name = object.daemon_set.metadata.name.take();
    object.daemon_set.metadata.name = given_or_generated(name.as_deref(), &object.daemon_set.metadata);
    validate_daemon_set_metadata(&object.daemon_set.metadata, &cx, &mut errors);
    let path = Path::root("spec");
    validate_daemon_set_spec(&object.daemon_set.spec, object.internal, &path, &cx, &mut errors);
    if errors.is_empty() {
        validate_name_prefix(&object.daemon_set.metadata, &mut errors);
    }
    validate_declaratively(&object.daemon_set.spec, None, &cx, &mut errors);
    if errors.is_empty() {
        warnings.extend(template_warnings(&object.daemon_set, &cx));
    }
    // The generated name is only for validation, because the server's would be another.
    object.daemon_set.metadata.name = name;
    let (errors, ledger) = errors.into_parts();
    (Admission { daemon_set: object.daemon_set, refusal: None, errors, warnings }, ledger)
}

/// Answers an update request that replaces the stored object `old` with `new`.
///
/// Upstream: `apiserver/registry/rest.BeforeUpdate`, `apiserver/registry/rest.ValidateUpdate`,
/// `apiserver/registry/rest.validateCommonFields`, `registry/apps/daemonset.daemonSetStrategy.ValidateUpdate`,
/// `registry/apps/daemonset.daemonSetStrategy.WarningsOnUpdate`.
pub fn admit_update(
    new: DaemonSet,
    new_selector_present: bool,
    old: DaemonSet,
    old_selector_present: bool,
    server: &Server,
) -> Admission {
    let (new, old) = ((new, new_selector_present), (old, old_selector_present));
    admit_update_within(new, old, server, Errors::new()).0
}

/// The same with the errors that an empty list takes, and its ledger.
pub(crate) fn admit_update_within(
    (new, new_selector_present): (DaemonSet, bool),
    (old, old_selector_present): (DaemonSet, bool),
    server: &Server,
    mut errors: Errors,
) -> (Admission, Ledger) {
    let mut new = match InternalDaemonSet::new(new, new_selector_present, server) {
        Ok(object) => object,
        Err(admission) => return (*admission, errors.into_parts().1),
    };
    let old = InternalDaemonSet::stored(old, old_selector_present, server);
    let mut warnings: Vec<Warning> =
        drop_duplicate_owners(&mut new.daemon_set.metadata).into_iter().collect();
    prepare_for_update(&mut new, &old, server);
    keep_system_fields(&mut new.daemon_set.metadata, &old.daemon_set.metadata);

    let cx = Context { server, options: options_for_update(&old.daemon_set, server) };
    validate_update(&new, &old, &cx, &mut errors);
    if errors.is_empty() && new.internal.template_generation != old.internal.template_generation {
        warnings.extend(template_warnings(&new.daemon_set, &cx));
    }
    let (errors, ledger) = errors.into_parts();
    (Admission { daemon_set: new.daemon_set, refusal: None, errors, warnings }, ledger)
}

/// An object that a server holds, in the form of [`Admission::daemon_set`].
pub fn with_defaults(daemon_set: DaemonSet, selector_present: bool, server: &Server) -> DaemonSet {
    InternalDaemonSet::stored(daemon_set, selector_present, server).daemon_set
}

/// Whether the pod template of a stored object equals that of a new one, which has its defaults.
pub fn is_same_template(stored: &DaemonSet, new: &DaemonSet, server: &Server) -> bool {
    let stored = with_defaults(stored.clone(), true, server);
    semantic::is_written_alike(&stored.spec.template, &new.spec.template)
}

fn validate_update(new: &InternalDaemonSet, old: &InternalDaemonSet, cx: &Context<'_>, errors: &mut Errors) {
    let path = Path::root("metadata");
    let (meta, old_meta) = (&new.daemon_set.metadata, &old.daemon_set.metadata);
    validate_object_meta_accessor(meta, validate_path_segment, &path, cx, errors);
    validate_object_meta_accessor_update(meta, old_meta, &path, cx, errors);
    validate_daemon_set_immutable_fields(new, old, cx, errors);
    validate_daemon_set_spec(&new.daemon_set.spec, new.internal, &Path::root("spec"), cx, errors);
    validate_declaratively(&new.daemon_set.spec, Some(&old.daemon_set.spec), cx, errors);
}

impl InternalDaemonSet {
    /// The object in the server's internal form, with defaults and a namespace.
    pub(super) fn new(
        mut daemon_set: DaemonSet,
        selector_present: bool,
        server: &Server,
    ) -> Result<Self, Box<Admission>> {
        set_defaults(&mut daemon_set.spec, server);
        let template_generation = match convert_to_internal(&mut daemon_set, server) {
            Ok(generation) => generation,
            Err(error) => {
                let refusal = Some(error.message);
                return Err(Box::new(Admission { daemon_set, refusal, ..Admission::default() }));
            }
        };
        set_namespace(&mut daemon_set.metadata);
        Ok(Self { daemon_set, internal: InternalFields { selector_present, template_generation } })
    }

    /// A manifest as if it were stored, with everything that storing sets. An invalid generation could not have been stored, so it
    /// counts as none.
    pub(super) fn stored(mut daemon_set: DaemonSet, selector_present: bool, server: &Server) -> Self {
        set_defaults(&mut daemon_set.spec, server);
        let template_generation = convert_to_internal(&mut daemon_set, server).unwrap_or_default().max(1);
        let meta = &mut daemon_set.metadata;
        set_namespace(meta);
        meta.generation = Some(meta.generation.unwrap_or_default().max(1));
        Self { daemon_set, internal: InternalFields { selector_present, template_generation } }
    }
}

/// Declarative validation. Most declarative rules duplicate handwritten checks and are not enforced. For a DaemonSet, only the
/// rules for eviction responders are.
///
/// Upstream: `apiserver/registry/rest.DeclarativeValidation.ValidateDeclaratively`,
/// `apiserver/registry/rest.ValidateDeclarativelyWithMigrationChecks`, `apiserver/registry/rest.validateDeclaratively`,
/// `apimachinery/api/validate.FilterCoveredHandwrittenErrors`, `apimachinery/api/validate.FilterEnforcedDeclarativeErrors`,
/// `apps/v1.Validate_DaemonSet`, `apps/v1.Validate_DaemonSetSpec`, `core/v1.Validate_PodTemplateSpec`.
pub(super) fn validate_declaratively(
    spec: &DaemonSetSpec,
    old: Option<&DaemonSetSpec>,
    cx: &Context<'_>,
    errors: &mut Errors,
) {
    let path = Path::root("spec");
    let old = old.map(eviction_responders).unwrap_or_default();
    validate_pod_declaratively(eviction_responders(spec), old, &path.field("template.spec"), cx, errors);
}

/// The same for the pod spec at a place, of which only the eviction responders matter.
pub(crate) fn validate_pod_declaratively(
    responders: &[EvictionResponder],
    old: &[EvictionResponder],
    path: &Path<'_>,
    cx: &Context<'_>,
    errors: &mut Errors,
) {
    if cx.has(Change::DeclarativeRules) {
        errors.drop_repeated();
        validate_eviction_responders(responders, old, &path.field("evictionResponders"), errors);
    }
}

fn eviction_responders(spec: &DaemonSetSpec) -> &[EvictionResponder] {
    let pod = spec.template.spec.as_ref();
    pod.and_then(|pod| pod.eviction_responders.as_deref()).unwrap_or_default()
}

fn template_warnings(daemon_set: &DaemonSet, cx: &Context<'_>) -> Vec<Warning> {
    let spec = Path::root("spec");
    warnings_for_pod_template(&daemon_set.spec.template, &spec.field("template"), cx)
}

/// An update that does not set system fields keeps them.
pub(super) fn keep_system_fields(new: &mut ObjectMeta, old: &ObjectMeta) {
    if new.uid.as_deref().is_none_or(str::is_empty) {
        new.uid.clone_from(&old.uid);
    }
    new.creation_timestamp.clone_from(&old.creation_timestamp);
    if old.deletion_timestamp.is_some() {
        new.deletion_timestamp.clone_from(&old.deletion_timestamp);
    }
    if new.deletion_grace_period_seconds.is_none() {
        new.deletion_grace_period_seconds = old.deletion_grace_period_seconds;
    }
}

/// The generic check of a name prefix, which runs after the checks of the type. The type's check ignores the character before a
/// trailing dash, so this one may still fail.
pub(crate) fn validate_name_prefix(meta: &ObjectMeta, errors: &mut Errors) {
    if let Some(prefix) = meta.generate_name.as_deref() {
        let path = Path::root("metadata");
        report(validate_path_segment(prefix, true), prefix, &path.field("generateName"), errors);
    }
}

/// Clears the fields that only the server may set.
///
/// Upstream: `apiserver/registry/rest.WipeObjectMetaSystemFields`, `apiserver/registry/rest.FillObjectMetaSystemFields`.
pub(super) fn wipe_system_fields(meta: &mut ObjectMeta) {
    meta.creation_timestamp = None;
    meta.uid = None;
    meta.deletion_timestamp = None;
    meta.deletion_grace_period_seconds = None;
    meta.self_link = None;
}

/// Sets an empty namespace to that of the request. We assume `default`.
///
/// Upstream: `apiserver/registry/rest.EnsureObjectNamespaceMatchesRequestNamespace`,
/// `apiserver/registry/rest.ExpectedNamespaceForScope`.
pub(super) fn set_namespace(meta: &mut ObjectMeta) {
    if meta.namespace.as_deref().is_none_or(str::is_empty) {
        meta.namespace = Some(String::from("default"));
    }
}

/// The name, or a generated one with a constant in place of the random suffix.
///
/// Upstream: `apiserver/storage/names.SimpleNameGenerator`.
pub(crate) fn given_or_generated(name: Option<&str>, meta: &ObjectMeta) -> Option<String> {
    const RANDOM: &str = "xxxxx";
    const MAX_GENERATED_NAME_LENGTH: usize = 58;
    if let Some(name) = name.filter(|name| !name.is_empty()) {
        return Some(name.to_owned());
    }
    let base = meta.generate_name.as_deref().filter(|base| !base.is_empty())?;
    let end = base.floor_char_boundary(MAX_GENERATED_NAME_LENGTH);
    Some(format!("{}{RANDOM}", base.get(..end).unwrap_or(base)))
}

/// Removes duplicate owner references and returns the warning about them.
///
/// Upstream: `apiserver/endpoints/handlers.dedupOwnerReferencesAndAddWarning`,
/// `apiserver/endpoints/handlers.dedupOwnerReferences`, `apiserver/endpoints/handlers.hasOwnerReference`.
pub(super) fn drop_duplicate_owners(meta: &mut ObjectMeta) -> Option<Warning> {
    let owners = meta.owner_references.as_mut().filter(|owners| owners.len() > 1)?;
    let mut seen = HashSet::with_capacity(owners.len());
    let is_first: Vec<bool> = owners
        .iter()
        .map(|owner| {
            let OwnerReference { api_version, block_owner_deletion, controller, kind, name, uid } = owner;
            seen.insert((api_version, block_owner_deletion, controller, kind, name, uid))
        })
        .collect();
    let mut is_first = is_first.into_iter();
    let is_repeated = |_: &mut OwnerReference| !is_first.next().unwrap_or(true);
    let dropped: Vec<String> = owners.extract_if(.., is_repeated).map(|owner| owner.uid).collect();
    (!dropped.is_empty()).then(|| Warning {
        path: Path::root("metadata").field("ownerReferences").to_field_path(),
        text: format!(
            ".metadata.ownerReferences contains duplicate entries; API server dedups owner references in 1.20+, and may \
             reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: {}",
            dropped.join(", ")
        ),
        value: None,
    })
}
