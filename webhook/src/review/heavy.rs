//! Judges a heavy review: memory is counted while its objects are made of the text, and one that takes too much is not checked.

use daemonset_validation::facts::Unknown;
use daemonset_validation::rules::placement_unknown;
use daemonset_validation::words::count::thousands;
use daemonset_validation::{TooLarge, decoded_within};
use k8s_openapi::api::apps::v1::DaemonSet;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::context::Context;
use super::decision::{Decision, SortedFindings};
use super::find::{InTree, find};
use super::in_tree::in_tree;
use super::on_cluster::{Old, add_placement};
use super::weight::{OBJECTS, Weight};
use super::wire::{Malformed, OBJECT, OLD_OBJECT};
use crate::config::Level;

/// What is read of an object before its tree.
#[derive(Deserialize)]
struct Glance<'a> {
    #[serde(default)]
    metadata: GlanceAtMetadata,
    #[serde(borrow)]
    spec: Option<&'a RawValue>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct GlanceAtMetadata {
    deletion_timestamp: Option<serde::de::IgnoredAny>,
}

/// Judges the object that is created, or the update of an old one.
///
/// # Errors
///
/// [`Malformed`] if one of them is not a DaemonSet.
pub(super) fn judge(
    new: &str,
    old: Option<&str>,
    weight: Weight,
    context: &Context<'_>,
) -> Result<Decision, Malformed> {
    let glance = |text| serde_json::from_str::<Glance<'_>>(text).ok();
    if glance(new).is_some_and(|new| new.metadata.deletion_timestamp.is_some()) {
        return Ok(Decision::passed());
    }
    let is_changed = || {
        let spec = |text| glance(text).and_then(|object| object.spec).map(RawValue::get);
        old.is_none_or(|old| spec(old) != spec(new))
    };
    let placed = context.judges_placement(is_changed);
    let mut sorted = SortedFindings::default();
    match sort(new, old, placed, context, &mut sorted)? {
        Ok(()) => {}
        Err(TooLarge) => {
            let why = format!("{TooLarge}: it has {} values", thousands(weight.values));
            let finding = placement_unknown(Unknown::Size, &why);
            // An update of an object that is too large itself does not introduce that.
            let was_too_large = match old {
                Some(old) => is_too_large(old, context)?,
                None => false,
            };
            let highest = if was_too_large { Level::Warn } else { Level::Deny };
            sorted.add(vec![finding], context.levels, highest);
        }
    }
    Ok(sorted.decision(None))
}

fn sort(
    new: &str,
    old: Option<&str>,
    placed: bool,
    context: &Context<'_>,
    sorted: &mut SortedFindings,
) -> Result<Result<(), TooLarge>, Malformed> {
    let memory = if old.is_some() { OBJECTS / 2 } else { OBJECTS };
    let (new, memory_of_new) = match within(OBJECT, new, memory)? {
        Ok(within) => within,
        Err(too_large) => return Ok(Err(too_large)),
    };
    let old = match old.map(|old| within(OLD_OBJECT, old, memory)).transpose()? {
        None => None,
        Some(Ok(within)) => Some(within),
        Some(Err(too_large)) => return Ok(Err(too_large)),
    };
    Ok(judged(&new, memory_of_new, old.as_ref(), placed, context, sorted))
}

/// Whether a stored object is too large to be checked.
fn is_too_large(old: &str, context: &Context<'_>) -> Result<bool, Malformed> {
    let server = context.server.unwrap_or_default();
    Ok(match within(OLD_OBJECT, old, OBJECTS / 2)? {
        Ok(((tree, subject), memory)) => decoded_within(&tree, &subject, &server, memory).is_err(),
        Err(TooLarge) => true,
    })
}

/// The tree of an object, and the memory that is left of what it may take.
fn within<'b>(
    field: &'static str,
    text: &'b str,
    memory: usize,
) -> Result<Result<(InTree<'b>, usize), TooLarge>, Malformed> {
    let weight = Weight::of(text.as_bytes());
    match memory.checked_sub(weight.of_tree()) {
        Some(left) => Ok(Ok((in_tree(field, text, Some(weight))?, left))),
        None => Ok(Err(TooLarge)),
    }
}

fn judged(
    new: &InTree<'_>,
    memory: usize,
    old: Option<&(InTree<'_>, usize)>,
    placed: bool,
    context: &Context<'_>,
    sorted: &mut SortedFindings,
) -> Result<(), TooLarge> {
    let server = context.server.unwrap_or_default();
    let memory = old.map_or(memory, |(_, of_old)| memory.min(*of_old));
    let old = old.map(|(old, _)| old);
    // Findings of rules that are off are dropped.
    let found = find(new, old, &server, context.levels.engine(), memory)?;
    let Some(stored) = found.sort_into(sorted, context).filter(|_| placed) else { return Ok(()) };
    let old = || match old {
        None => Old::None,
        Some((tree, subject)) => match decoded_within(tree, subject, &server, memory) {
            Ok(old) => Old::Object(Box::<DaemonSet>::new(old)),
            Err(TooLarge) => Old::Unknown,
        },
    };
    add_placement(&stored, context, sorted, old);
    Ok(())
}
