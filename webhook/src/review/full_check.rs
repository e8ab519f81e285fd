//! The full check: the same engine as the command's. It makes the findings about an object, or says why the review is malformed.

use daemonset_validation::rules::Levels;
use daemonset_validation::rules::{self, check_object};
use daemonset_validation::{
    Checked, Finding, Server, ServerVerdict, Stored, Subject, SubjectKind, Tree, check, subjects,
};
use k8s_openapi::api::apps::v1::DaemonSet;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use super::context::Context;
use super::decision::{Decision, Judged, SortedFindings};
use super::object::{Object, is_being_deleted};
use super::on_cluster::{Old, add_placement};
use super::tree;
use super::wire::{self, Malformed};
use crate::config::Level;
use crate::ratchet;

/// Judges a review.
///
/// # Errors
///
/// [`Malformed`] if the body is not a review, or its object is not a DaemonSet.
pub(super) fn judge<'b>(body: &'b str, context: &Context<'_>) -> Result<Judged<'b>, Malformed> {
    let (request, new, old) = wire::read::<&RawValue, &RawValue>(body)?.split();
    let Some(new) = new.filter(|_| request.is_ours()) else {
        return Ok(Judged { request, decision: Decision::default() });
    };
    let old = old.filter(|_| request.is_update());
    let typed = match serde_json::from_str::<Object>(new.get()) {
        Ok(typed) => Some(typed),
        // A field has a value of the wrong type. The strict decoder below makes the finding.
        Err(error) if error.is_data() => None,
        Err(error) => return Err(Malformed::Object { field: OBJECT, error }),
    };
    if typed.as_ref().is_some_and(|typed| is_being_deleted(&typed.0.metadata)) {
        return Ok(Judged { request, decision: Decision::passed() });
    }
    let echo = typed.as_ref().and_then(|typed| request.echo(&typed.0.metadata));
    let typed_old = || serde_json::from_str::<Object>(old?.get()).ok();
    let placed = typed.as_ref().is_some_and(|typed| {
        context.judges_placement(|| typed_old().is_none_or(|old| old.0.spec != typed.0.spec))
    });

    let mut sorted = SortedFindings::default();
    let server = context.server.unwrap_or_default();
    let stored = match context.validating() {
        None => {
            let object_rules = |daemon_set: &DaemonSet| {
                check_object(&rules::Object { daemon_set, server: &server }, context.levels.engine())
            };
            if let Some(typed) = typed.as_ref().filter(|_| context.levels.ask_object()) {
                let old = typed_old().map(|old| object_rules(&old.0)).unwrap_or_default();
                let (introduced, kept) = ratchet::introduced(object_rules(&typed.0), &old);
                sorted.add(introduced, context.levels, Level::Deny);
                sorted.add(kept, context.levels, Level::Warn);
            }
            typed.map(|typed| typed.0)
        }
        Some(server) => {
            // The check reads the object again into a tree. A large object should not be in memory twice.
            drop(typed);
            let old = old.map(RawValue::get);
            let Found { daemon_set, introduced, kept } =
                find(new.get(), old, &server, context.levels.engine())?;
            sorted.add(introduced, context.levels, Level::Deny);
            sorted.add(kept, context.levels, Level::Warn);
            daemon_set
        }
    };
    if let Some(stored) = stored.filter(|_| placed) {
        let old = || match (old, typed_old()) {
            (None, _) => Old::None,
            (Some(_), Some(typed)) => Old::Object(Box::new(typed.0)),
            (Some(_), None) => Old::Unknown,
        };
        add_placement(&stored, context, &mut sorted, old);
    }
    Ok(Judged { request, decision: sorted.decision(echo) })
}

/// The stored object of an update: `request.oldObject`.
pub(super) fn stored(body: &str) -> Old {
    let Ok(review) = wire::read::<IgnoredAny, &RawValue>(body) else { return Old::Unknown };
    let (request, _, old) = review.split();
    if !request.is_update() {
        return Old::None;
    }
    match old.map(|old| serde_json::from_str::<Object>(old.get())) {
        Some(Ok(old)) => Old::Object(Box::new(old.0)),
        _ => Old::Unknown,
    }
}

const OBJECT: &str = "object";
const OLD_OBJECT: &str = "oldObject";

/// The result of validation.
struct Found {
    /// The object as it would be stored; `None` if the API server would refuse it.
    daemon_set: Option<DaemonSet>,
    /// The findings that the request introduces.
    introduced: Vec<Finding>,
    /// The findings that the stored object already had.
    kept: Vec<Finding>,
}

fn find(new: &str, old: Option<&str>, server: &Server, levels: &Levels) -> Result<Found, Malformed> {
    let (tree, subject) = subject_of(OBJECT, new)?;
    let old = old.map(|old| subject_of(OLD_OBJECT, old)).transpose()?;
    let stored = old.as_ref().map(|(tree, subject)| Stored::Document { tree, subject });
    let Checked { verdict, findings, daemon_set } = check(&tree, &subject, stored, server, levels);
    let (introduced, kept) = match &old {
        Some((tree, subject)) if !findings.is_empty() => {
            ratchet::introduced(findings, &check(tree, subject, None, server, levels).findings)
        }
        _ => (findings, Vec::new()),
    };
    let daemon_set = daemon_set.filter(|_| verdict == ServerVerdict::Accepted);
    Ok(Found { daemon_set, introduced, kept })
}

fn subject_of<'a>(field: &'static str, text: &'a str) -> Result<(Tree<'a>, Subject), Malformed> {
    let tree = tree::parse(text).map_err(|error| Malformed::Object { field, error })?;
    match subjects(&tree).pop() {
        Some(subject) if subject.node == tree.root() && subject.classify() == SubjectKind::DaemonSet => {
            Ok((tree, subject))
        }
        _ => Err(Malformed::NoDaemonSet { field }),
    }
}
