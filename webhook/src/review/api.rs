//! What validation says of the object in a review.
//!
//! Nearly every object that an API server sends is faultless, since the server has validated it. So there are two roads: a short one
//! that only tells whether there is anything to say, and the command's own long one, which says it.

use k8s_openapi::api::apps::v1::DaemonSet;

use daemonset_validation::apiserver::strategy::{admit_create, admit_update};
use daemonset_validation::{
    CheckVerdict, Checked, Finding, Server, Standing, Stored, Subject, Tree, check, subjects,
};

use super::{Context, Unreadable, object, tree};
use crate::ratchet;

/// An object of a review.
pub(super) struct Object<'a> {
    field: &'static str,
    text: &'a str,
    /// Typed; `None` where a value has a type that a DaemonSet's has not.
    daemon_set: Option<DaemonSet>,
}

/// What was found.
pub(super) struct Judged {
    /// The object as it would be stored; `None` where it could not be read as a DaemonSet, so that nothing else is asked of it.
    pub(super) daemon_set: Option<DaemonSet>,
    /// What the request introduces.
    pub(super) introduced: Vec<Finding>,
    /// What the stored object had already.
    pub(super) kept: Vec<Finding>,
}

impl<'a> Object<'a> {
    pub(super) fn new(field: &'static str, text: &'a str) -> Result<Self, Unreadable> {
        match object::read(text) {
            Ok(daemon_set) => Ok(Self { field, text, daemon_set: Some(daemon_set) }),
            // The long road has to say what is wrong, if it can read it at all.
            Err(error) if error.is_data() => Ok(Self { field, text, daemon_set: None }),
            Err(error) => Err(Unreadable::Json { field, error }),
        }
    }

    pub(super) fn is_being_deleted(&self) -> bool {
        self.daemon_set.as_ref().is_some_and(|daemon_set| daemon_set.metadata.deletion_timestamp.is_some())
    }

    pub(super) fn annotation(&self, key: &str) -> Option<&str> {
        let annotations = self.daemon_set.as_ref()?.metadata.annotations.as_ref()?;
        annotations.get(key).map(String::as_str)
    }
}

/// The long road's way to read an object.
fn long<'a>(field: &'static str, text: &'a str) -> Result<(Tree<'a>, Subject), Unreadable> {
    let tree = tree::parse(text).map_err(|error| Unreadable::Json { field, error })?;
    let mut found = subjects(&tree);
    match found.pop() {
        Some(subject) if subject.node == tree.root() && subject.standing() == Standing::DaemonSet => {
            Ok((tree, subject))
        }
        _ => Err(Unreadable::Kind { field }),
    }
}

/// Judges the object as the server would. Where the server is none that we know nothing is found.
pub(super) fn judge(new: Object<'_>, old: Option<&str>, context: &Context<'_>) -> Result<Judged, Unreadable> {
    let nothing = |daemon_set| Judged { daemon_set, introduced: Vec::new(), kept: Vec::new() };
    let Some(server) = context.server.filter(|_| context.levels.ask_validation()) else {
        return Ok(nothing(new.daemon_set));
    };
    let Object { field, text, daemon_set } = new;
    let mut decoded = daemon_set;
    if !context.levels.ask_long_road()
        && let Some(daemon_set) = decoded.take_if(|daemon_set| object::has_selector(daemon_set))
    {
        match short(daemon_set, old, &server) {
            Ok(daemon_set) => return Ok(nothing(Some(daemon_set))),
            Err(()) => decoded = None,
        }
    }
    drop(decoded);
    let (tree, subject) = long(field, text)?;
    let stored = old.map(|old| long("oldObject", old)).transpose()?;
    let stored = stored.as_ref().map(|(tree, subject)| Stored { tree, subject });
    let Checked { verdict, findings, daemon_set } = check(&tree, &subject, stored, &server);
    let (introduced, kept) = match stored {
        Some(Stored { tree, subject }) if !findings.is_empty() => {
            ratchet::introduced(findings, &check(tree, subject, None, &server).findings)
        }
        _ => (findings, Vec::new()),
    };
    // Where the server would refuse it there is nothing to place.
    let daemon_set = daemon_set.filter(|_| verdict == CheckVerdict::Accepted);
    Ok(Judged { daemon_set, introduced, kept })
}

/// The object with its defaults, if there is nothing to say about it.
fn short(daemon_set: DaemonSet, old: Option<&str>, server: &Server) -> Result<DaemonSet, ()> {
    let admission = match old {
        None => admit_create(daemon_set, true, server),
        Some(old) => {
            let old = object::read(old).map_err(drop)?;
            let selects = object::has_selector(&old);
            admit_update(daemon_set, true, old, selects, server)
        }
    };
    let clean = admission.refusal.is_none() && admission.errors.is_empty();
    if clean { Ok(admission.daemon_set) } else { Err(()) }
}
