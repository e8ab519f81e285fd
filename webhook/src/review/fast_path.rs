//! The fast path. The API server has validated an object before it sends a review, so nearly every object is faultless. This path only
//! decides whether validation finds anything at all, and reads as little of the review as that needs. If there are findings, `full_check`
//! makes them.

use std::sync::Arc;

use daemonset_validation::apiserver::faultless::{
    StoredParts, faultless_spec, is_faultless_create, is_faultless_update,
};
use k8s_openapi::api::apps::v1::{DaemonSet, DaemonSetSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;

use super::context::Context;
use super::decision::{Decision, Judged, SortedFindings};
use super::faultless_specs::FaultlessSpecs;
use super::object::{Outline, SelectorOnly, is_being_deleted, is_there};
use super::on_cluster::add_placement;
use super::{full_check, wire};

/// Judges a review, if validation finds no fault in its object. Returns `None` if there may be a fault, or if the review cannot be read:
/// `full_check` then reads it again and says what is wrong.
pub(super) fn judge<'b>(body: &'b str, context: &Context<'_>) -> Option<Judged<'b>> {
    // Boxed, because they are large and are moved several times.
    let (request, new, old) = wire::read::<Box<Outline<'_>>, Box<Outline<'_>>>(body).ok()?.split();
    let Some(new) = new.filter(|_| request.is_ours()) else {
        return Some(Judged { request, decision: Decision::default() });
    };
    if is_being_deleted(&new.metadata) {
        return Some(Judged { request, decision: Decision::passed() });
    }
    let old = old.filter(|_| request.is_update());
    let echo = request.echo(&new.metadata);
    // The API server encodes both objects in the same way, so equal specs have equal text.
    let placed = context.judges_placement(|| old.as_ref().is_none_or(|old| old.spec() != new.spec()));
    let mut sorted = SortedFindings::default();
    let Some(server) = context.validating() else {
        if placed {
            add_placement(&read(*new)?, context, &mut sorted, || full_check::stored(body));
        }
        return Some(Judged { request, decision: sorted.decision(echo) });
    };
    let faultless = context.faultless;
    let selector = match &old {
        Some(old) => stored_selector(old.spec(), faultless)?,
        None => None,
    };
    let kept = old.map(|old| StoredParts { metadata: old.metadata, selector: selector.as_deref() });
    // Placement needs the whole spec anyway.
    let (selector, stored) = match faultless.selector(new.spec()).filter(|_| !placed) {
        Some(selector) => (selector, None),
        None => {
            let spec = faultless_spec(read_spec(new.spec())?, &server)?;
            let selector = faultless.add(new.spec(), &spec.selector);
            let metadata = placed.then(|| new.metadata.clone());
            (selector, metadata.map(|metadata| DaemonSet { metadata, spec, status: None }))
        }
    };
    let is_faultless = match kept {
        None => is_faultless_create(new.metadata, &server),
        Some(kept) => is_faultless_update(new.metadata, &selector, kept, &server),
    };
    is_faultless.then_some(())?;
    if let Some(stored) = stored {
        add_placement(&stored, context, &mut sorted, || full_check::stored(body));
    }
    Some(Judged { request, decision: sorted.decision(echo) })
}

fn read(outline: Outline<'_>) -> Option<DaemonSet> {
    let spec = serde_json::from_str(outline.spec()).ok()?;
    Some(DaemonSet { metadata: outline.metadata, spec, status: None })
}

/// Reads a spec; `None` if it has no selector.
fn read_spec(text: &str) -> Option<DaemonSetSpec> {
    serde_json::from_str(text).ok().filter(|spec: &DaemonSetSpec| is_there(&spec.selector))
}

/// The selector of a stored spec, if it has one; the outer `None` if the spec cannot be read.
fn stored_selector(text: &str, faultless: &FaultlessSpecs) -> Option<Option<Arc<LabelSelector>>> {
    if let Some(selector) = faultless.selector(text) {
        return Some(Some(selector));
    }
    let SelectorOnly { selector } = serde_json::from_str(text).ok()?;
    Some(is_there(&selector).then(|| Arc::new(selector)))
}
