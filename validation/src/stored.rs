//! The object as it is stored now, which an update is compared with.

use k8s_openapi::api::apps::v1::DaemonSet;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use crate::apiserver::decode::{self, Decoded};
use crate::apiserver::error_list::{Errors, Followers};
use crate::apiserver::strategy::{Admission, admit_create_within, is_same_template, with_defaults};
use crate::ledger::{Bounds, Ledger};
use crate::meter::{Meter, TooLarge};
use crate::server::Server;
use crate::subject::Subject;
use crate::tree::Tree;

/// The object as it is stored now, to check an update.
#[derive(Clone, Copy, Debug)]
pub enum Stored<'s> {
    /// A document with the object, as it is stored.
    Document {
        /// The document.
        tree: &'s Tree<'s>,
        /// The DaemonSet in the document.
        subject: &'s Subject,
    },
    /// The object, as it is stored.
    Object(&'s DaemonSet),
}

impl Stored<'_> {
    /// The object, and whether it has a selector. `as_in_new` is whether the new object has one: a typed object does not tell an empty selector
    /// from an absent one, so neither counts as a change of the other.
    ///
    /// # Errors
    ///
    /// [`TooLarge`] if the object takes more memory than the meter has.
    pub(crate) fn object(
        self,
        server: &Server,
        as_in_new: bool,
        meter: &Meter,
    ) -> Result<(DaemonSet, bool), TooLarge> {
        match self {
            Self::Document { tree, subject } => {
                // What is wrong with the stored object is not asked for.
                let ledger = &mut Ledger::new(Bounds::first(0));
                let Decoded { daemon_set, selector_present, .. } =
                    decode::decode_within(tree, subject.node, server, ledger, meter)?;
                Ok((daemon_set, selector_present))
            }
            Self::Object(daemon_set) => {
                let selector = &daemon_set.spec.selector;
                let present = selector.match_labels.is_some() || selector.match_expressions.is_some();
                Ok((daemon_set.clone(), present || as_in_new))
            }
        }
    }
}

/// An object of a document does not take more memory than this, in bytes. Real ones take less than a hundredth.
pub const MEMORY: usize = 128 * 1024 * 1024;

/// The object of a document, as far as the decoder accepts it.
///
/// # Errors
///
/// [`TooLarge`] if it takes more memory than this, in bytes.
pub fn decoded_within(
    tree: &Tree<'_>,
    subject: &Subject,
    server: &Server,
    memory: usize,
) -> Result<DaemonSet, TooLarge> {
    let ledger = &mut Ledger::new(Bounds::first(0));
    let decoded = decode::decode_within(tree, subject.node, server, ledger, &Meter::new(memory))?;
    Ok(decoded.daemon_set)
}

/// What a server holds of a document that was applied before.
///
/// A manifest is stored with defaults, without unknown fields, and without fields whose feature gate is off. An object that was read from
/// a server is stored as it is.
///
/// # Errors
///
/// Why no server holds it: the path and the message of the first error.
pub fn stored_object(tree: &Tree<'_>, subject: &Subject, server: &Server) -> Result<DaemonSet, String> {
    let ledger = &mut Ledger::new(Bounds::first(0));
    let Decoded { mut daemon_set, selector_present, undecodable, .. } =
        decode::decode_within(tree, subject.node, server, ledger, &Meter::new(MEMORY))
            .map_err(|error| error.to_string())?;
    let namespace = daemon_set.metadata.namespace.get_or_insert_default();
    if namespace.is_empty() {
        namespace.clone_from(&subject.namespace);
    }
    if was_read_from_a_server(&daemon_set.metadata) {
        return Ok(with_defaults(daemon_set, selector_present, server));
    }
    if let Some(message) = undecodable {
        return Err(message);
    }
    let errors = Errors::within(Ledger::new(Bounds::first(1)), Followers::default());
    let Admission { daemon_set, refusal, errors, .. } =
        admit_create_within(daemon_set, selector_present, server, errors).0;
    if let Some(refusal) = refusal {
        return Err(refusal);
    }
    match errors.first() {
        Some(error) => Err(format!("{}: {}", error.path, error.body())),
        None => Ok(daemon_set),
    }
}

/// Whether an object has fields that only a server sets.
pub fn was_read_from_a_server(metadata: &ObjectMeta) -> bool {
    metadata.uid.as_deref().is_some_and(|uid| !uid.is_empty())
        || metadata.resource_version.as_deref().is_some_and(|version| !version.is_empty())
        || metadata.creation_timestamp.is_some()
}

/// Whether an update leaves the pod template as it is, so that the controller replaces no pod. `new` is the object as the server would
/// store it.
///
/// Upstream: `controller/daemon.constructHistory`, `controller/daemon.Match`: the templates are compared as JSON, so a quantity in another
/// unit counts as equal (`1000m` is printed as `1`), and one in another format does not (`1Gi`, `1073741824`).
pub fn has_same_template(stored: &DaemonSet, new: &DaemonSet, server: &Server) -> bool {
    is_same_template(stored, new, server)
}
