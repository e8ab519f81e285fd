//! The long road: the command's own. It says what is wrong with an object, or that a review's object is none.

use daemonset_validation::{
    Checked, Finding, Server, ServerVerdict, Stored, Subject, SubjectKind, Tree, check, subjects,
};
use k8s_openapi::api::apps::v1::DaemonSet;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use super::object::{Object, is_being_deleted};
use super::{Context, Decision, Judged, Level, Malformed, Sorted, place, tree, wire};
use crate::ratchet;

/// Judges a review.
pub(super) fn judge<'b>(body: &'b str, context: &Context<'_>) -> Result<Judged<'b>, Malformed> {
    let (request, new, old) = wire::read::<&RawValue, &RawValue>(body)?.split();
    let Some(new) = new.filter(|_| request.is_ours()) else {
        return Ok(Judged { request, decision: Decision::default() });
    };
    let old = old.filter(|_| request.is_update());
    let typed = match serde_json::from_str::<Object>(new.get()) {
        Ok(typed) => Some(typed),
        // A value of another type than a DaemonSet's: what is wrong with it is said below.
        Err(error) if error.is_data() => None,
        Err(error) => return Err(Malformed::Object { field: OBJECT, error }),
    };
    if typed.as_ref().is_some_and(|typed| is_being_deleted(&typed.0.metadata)) {
        return Ok(Judged { request, decision: Decision::passed() });
    }
    let echo = typed.as_ref().and_then(|typed| request.echo(&typed.0.metadata));
    let typed_old = || serde_json::from_str::<Object>(old?.get()).ok();
    let looks = typed
        .as_ref()
        .is_some_and(|typed| context.looks(|| typed_old().is_none_or(|old| old.0.spec != typed.0.spec)));

    let mut sorted = Sorted::default();
    let stored = match context.validating() {
        None => typed.map(|typed| typed.0),
        Some(server) => {
            // What follows reads the object again, in its own way; of a large one there need not be two at a time.
            drop(typed);
            let Found { daemon_set, introduced, kept } = find(new.get(), old.map(RawValue::get), &server)?;
            sorted.add(introduced, context.levels, Level::Deny);
            sorted.add(kept, context.levels, Level::Warn);
            daemon_set
        }
    };
    if let Some(stored) = stored.filter(|_| looks) {
        place(&stored, context, &mut sorted, || Some(typed_old()?.0));
    }
    Ok(Judged { request, decision: sorted.decision(echo) })
}

/// The object that an update is about, as it is stored now.
pub(super) fn stored(body: &str) -> Option<DaemonSet> {
    let (request, _, old) = wire::read::<IgnoredAny, &RawValue>(body).ok()?.split();
    let old = old.filter(|_| request.is_update())?;
    serde_json::from_str::<Object>(old.get()).ok().map(|old| old.0)
}

const OBJECT: &str = "object";
const OLD_OBJECT: &str = "oldObject";

/// What validation finds.
struct Found {
    /// The object as it would be stored; `None` where the server would refuse it, so that there is nothing to place.
    daemon_set: Option<DaemonSet>,
    /// What the request introduces.
    introduced: Vec<Finding>,
    /// What the stored object had already.
    kept: Vec<Finding>,
}

fn find(new: &str, old: Option<&str>, server: &Server) -> Result<Found, Malformed> {
    let (tree, subject) = subject_of(OBJECT, new)?;
    let old = old.map(|old| subject_of(OLD_OBJECT, old)).transpose()?;
    let stored = old.as_ref().map(|(tree, subject)| Stored { tree, subject });
    let Checked { verdict, findings, daemon_set } = check(&tree, &subject, stored, server);
    let (introduced, kept) = match stored {
        Some(Stored { tree, subject }) if !findings.is_empty() => {
            ratchet::introduced(findings, &check(tree, subject, None, server).findings)
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
