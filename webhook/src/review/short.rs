//! The short road: nearly every object that an API server sends is faultless, since the server has validated it. This road tells whether
//! there is anything to say about validation, and reads no more for that than it must; what there is to say, the long road says.

use std::sync::Arc;

use daemonset_validation::apiserver::faultless::{
    StoredParts, faultless_spec, is_faultless_create, is_faultless_update,
};
use k8s_openapi::api::apps::v1::{DaemonSet, DaemonSetSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;

use super::object::{Outline, SelectorOnly, is_being_deleted, is_there};
use super::{Context, Decision, Judged, Known, Sorted, long, place, wire};

/// Judges a review, if validation has nothing to say about its object. What cannot be read here, the long road reads again and says
/// what is wrong with it.
pub(super) fn judge<'b>(body: &'b str, context: &Context<'_>) -> Option<Judged<'b>> {
    // Boxed, since they are large and go through many hands.
    let (request, new, old) = wire::read::<Box<Outline<'_>>, Box<Outline<'_>>>(body).ok()?.split();
    let Some(new) = new.filter(|_| request.is_ours()) else {
        return Some(Judged { request, decision: Decision::default() });
    };
    if is_being_deleted(&new.metadata) {
        return Some(Judged { request, decision: Decision::passed() });
    }
    let old = old.filter(|_| request.is_update());
    let echo = request.echo(&new.metadata);
    // The server writes both objects, and the same spec in the same way.
    let looks = context.looks(|| old.as_ref().is_none_or(|old| old.spec() != new.spec()));
    let mut sorted = Sorted::default();
    let Some(server) = context.validating() else {
        if looks {
            place(&read(*new)?, context, &mut sorted, || long::stored(body));
        }
        return Some(Judged { request, decision: sorted.decision(echo) });
    };
    let known = context.known;
    let selector = match &old {
        Some(old) => stored_selector(old.spec(), known)?,
        None => None,
    };
    let kept = old.map(|old| StoredParts { metadata: old.metadata, selector: selector.as_deref() });
    // Who looks at the cluster needs the whole spec anyway.
    let (selector, stored) = match known.selector(new.spec()).filter(|_| !looks) {
        Some(selector) => (selector, None),
        None => {
            let spec = faultless_spec(read_spec(new.spec())?, &server)?;
            let selector = known.add(new.spec(), &spec.selector);
            let metadata = looks.then(|| new.metadata.clone());
            (selector, metadata.map(|metadata| DaemonSet { metadata, spec, status: None }))
        }
    };
    let faultless = match kept {
        None => is_faultless_create(new.metadata, &server),
        Some(kept) => is_faultless_update(new.metadata, &selector, kept, &server),
    };
    faultless.then_some(())?;
    if let Some(stored) = stored {
        place(&stored, context, &mut sorted, || long::stored(body));
    }
    Some(Judged { request, decision: sorted.decision(echo) })
}

fn read(outline: Outline<'_>) -> Option<DaemonSet> {
    let spec = serde_json::from_str(outline.spec()).ok()?;
    Some(DaemonSet { metadata: outline.metadata, spec, status: None })
}

/// A spec with a selector.
fn read_spec(text: &str) -> Option<DaemonSetSpec> {
    serde_json::from_str(text).ok().filter(|spec: &DaemonSetSpec| is_there(&spec.selector))
}

/// The selector of a stored spec, if there is one; `None` if the spec cannot be read.
fn stored_selector(text: &str, known: &Known) -> Option<Option<Arc<LabelSelector>>> {
    if let Some(selector) = known.selector(text) {
        return Some(Some(selector));
    }
    let SelectorOnly { selector } = serde_json::from_str(text).ok()?;
    Some(is_there(&selector).then(|| Arc::new(selector)))
}
