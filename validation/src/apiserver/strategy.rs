//! The server's road from a decoded object to its answer: defaults, preparation, options, validation, warnings.

use k8s_openapi::api::apps::v1::DaemonSet;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{ObjectMeta, OwnerReference};

use crate::apiserver::content::report;
use crate::apiserver::context::Context;
use crate::apiserver::daemon_set::{Internal, validate_daemon_set};
use crate::apiserver::defaults::{convert_to_internal, set_defaults};
use crate::apiserver::error::{Errors, FieldError};
use crate::apiserver::object_meta::validate_path_segment;
use crate::apiserver::options::Options;
use crate::path::Path;
use crate::server::Server;

/// What the server answers.
#[derive(Clone, Debug, Default)]
pub struct Admission {
    /// The object as the server would store it: with defaults, without what it drops.
    pub daemon_set: DaemonSet,
    /// Why the server refuses the request before it validates anything, in its own sentence. There are no errors then.
    pub refusal: Option<String>,
    /// What validation finds, in the server's order.
    pub errors: Vec<FieldError>,
    /// What the server says besides its yes or no.
    pub warnings: Vec<String>,
}

/// Answers a request to create `daemon_set`. `selector_present` tells an absent selector from an empty one.
///
/// Upstream: `apiserver/registry/rest.BeforeCreate`, `apiserver/registry/rest.ValidateCreate`,
/// `apiserver/registry/rest.WipeObjectMetaSystemFields`, `apiserver/registry/rest.EnsureObjectNamespaceMatchesRequestNamespace`,
/// `registry/apps/daemonset.PrepareForCreate`, `registry/apps/daemonset.Validate`.
pub fn admit_create(mut daemon_set: DaemonSet, selector_present: bool, server: &Server) -> Admission {
    set_defaults(&mut daemon_set, server);
    let template_generation = match convert_to_internal(&mut daemon_set, server) {
        Ok(generation) => generation,
        Err(error) => return Admission { daemon_set, refusal: Some(error.message), ..Admission::default() },
    };
    let internal = Internal { selector_present, template_generation: template_generation.max(1) };

    let meta = &mut daemon_set.metadata;
    wipe_system_fields(meta);
    set_namespace(meta);
    meta.generation = Some(1);
    let warnings: Vec<String> = drop_duplicate_owners(meta).into_iter().collect();
    daemon_set.status = None;

    let cx = Context { server, options: Options::for_create(server) };
    let given_name = daemon_set.metadata.name.take();
    daemon_set.metadata.name =
        given_name.clone().filter(|name| !name.is_empty()).or_else(|| generated_name(&daemon_set.metadata));
    let mut errors = Errors::new();
    validate_daemon_set(&daemon_set, internal, &cx, &mut errors);
    if errors.is_empty() {
        validate_common_meta(&daemon_set.metadata, &mut errors);
    }
    daemon_set.metadata.name = given_name;
    Admission { daemon_set, refusal: None, errors: errors.into_vec(), warnings }
}

/// What all types ask of metadata, once the type itself has no more to ask: what is left then is the beginning of a name, whose
/// last letter but one a type does not look at.
///
/// Upstream: `apimachinery/api/validation.ValidateObjectMetaAccessor`.
fn validate_common_meta(meta: &ObjectMeta, errors: &mut Errors) {
    if let Some(prefix) = meta.generate_name.as_deref() {
        let path = Path::root("metadata");
        report(validate_path_segment(prefix, true), prefix, &path.field("generateName"), errors);
    }
}

/// A client cannot say what only the server knows.
fn wipe_system_fields(meta: &mut ObjectMeta) {
    meta.creation_timestamp = None;
    meta.uid = None;
    meta.deletion_timestamp = None;
    meta.deletion_grace_period_seconds = None;
    meta.self_link = None;
}

/// An object that names no namespace gets the one of the request, which is `default` for those who name none there either.
fn set_namespace(meta: &mut ObjectMeta) {
    if meta.namespace.as_deref().is_none_or(str::is_empty) {
        meta.namespace = Some(String::from("default"));
    }
}

/// The name that the server would invent, with its random end made constant.
///
/// Upstream: `apiserver/storage/names.SimpleNameGenerator`.
fn generated_name(meta: &ObjectMeta) -> Option<String> {
    const RANDOM: &str = "xxxxx";
    const MAX_GENERATED_NAME_LENGTH: usize = 58;
    let base = meta.generate_name.as_deref().filter(|base| !base.is_empty())?;
    let end = base.floor_char_boundary(MAX_GENERATED_NAME_LENGTH);
    Some(format!("{}{RANDOM}", base.get(..end).unwrap_or(base)))
}

/// Removes owners that are listed twice and gives the warning for it.
///
/// Upstream: `apiserver/endpoints/handlers.dedupOwnerReferencesAndAddWarning`,
/// `apiserver/endpoints/handlers.dedupOwnerReferences`, `apiserver/endpoints/handlers.hasOwnerReference`.
fn drop_duplicate_owners(meta: &mut ObjectMeta) -> Option<String> {
    let owners = meta.owner_references.as_mut().filter(|owners| owners.len() > 1)?;
    let mut kept: Vec<OwnerReference> = Vec::with_capacity(owners.len());
    let mut dropped: Vec<String> = Vec::new();
    for owner in owners.drain(..) {
        if kept.contains(&owner) {
            dropped.push(owner.uid);
        } else {
            kept.push(owner);
        }
    }
    *owners = kept;
    (!dropped.is_empty()).then(|| {
        format!(
            ".metadata.ownerReferences contains duplicate entries; API server dedups owner references in 1.20+, and may \
             reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: {}",
            dropped.join(", ")
        )
    })
}
