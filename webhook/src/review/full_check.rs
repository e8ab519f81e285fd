//! The full check: the same engine as the command's. It makes the findings about an object, or says why the review is malformed.

use daemonset_validation::TooLarge;
use daemonset_validation::rules::{self, check_object};
use k8s_openapi::api::apps::v1::DaemonSet;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use super::context::Context;
use super::decision::{Decision, Judged, SortedFindings};
use super::find::find;
use super::heavy;
use super::in_tree::in_tree;
use super::object::{Object, is_being_deleted};
use super::on_cluster::{Old, add_placement};
use super::weight::Weight;
use super::wire::{self, Malformed, OBJECT, OLD_OBJECT};
use crate::config::Level;
use crate::ratchet;

/// Judges a review. The memory of one that is heavy is counted.
///
/// # Errors
///
/// [`Malformed`] if the body is not a review, or its object is not a DaemonSet.
pub(super) fn judge<'b>(
    body: &'b str,
    context: &Context<'_>,
    heavy: Option<Weight>,
) -> Result<Judged<'b>, Malformed> {
    let (request, new, old) = wire::read::<&RawValue, &RawValue>(body)?.split();
    let Some(new) = new.filter(|_| request.is_ours()) else {
        return Ok(Judged { request, decision: Decision::default() });
    };
    let old = old.filter(|_| request.is_update());
    if let Some(weight) = heavy {
        let decision = heavy::judge(new.get(), old.map(RawValue::get), weight, context)?;
        return Ok(Judged { request, decision });
    }
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
                check_object(
                    &rules::Object { daemon_set, server: &server, written: None },
                    context.levels.engine(),
                )
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
            let new = in_tree(OBJECT, new.get(), None)?;
            let old = old.map(|old| in_tree(OLD_OBJECT, old.get(), None)).transpose()?;
            match find(&new, old.as_ref(), &server, context.levels.engine(), usize::MAX) {
                Ok(found) => found.sort_into(&mut sorted, context),
                Err(TooLarge) => None,
            }
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
