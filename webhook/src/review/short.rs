//! The short road: nearly every object that an API server sends is faultless, since the server has validated it. This road tells whether
//! there is anything to say about validation, and reads no more for that than it must; what there is to say, the long road says.

use daemonset_validation::Server;
use daemonset_validation::apiserver::faultless::{Faultless, Kept, Spec, faultless_create, faultless_update};
use k8s_openapi::api::apps::v1::{DaemonSet, DaemonSetSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use super::object::{Outline, SelectorOnly, is_being_deleted, is_there};
use super::{Context, Decision, Judged, Known, Sorted, long, place, wire};

/// Judges a review, if validation has nothing to say about its object. What cannot be read here, the long road reads again and says
/// what is wrong with it.
pub(super) fn judge<'b>(body: &'b str, context: &Context<'_>) -> Option<Judged<'b>> {
    let (request, new, old) = wire::read::<Outline<'_>, Outline<'_>>(body).ok()?.split();
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
    let stored = match context.validating() {
        Some(server) => Some(faultless(new, old, looks, context.known, &server)?),
        None if looks => Some(read(new)?),
        None => None,
    };
    if let Some(stored) = stored.filter(|_| looks) {
        place(&stored, context, &mut sorted, || long::stored(body));
    }
    Some(Judged { request, decision: sorted.decision(echo) })
}

fn read(outline: Outline<'_>) -> Option<DaemonSet> {
    let spec = serde_json::from_str(outline.spec()).ok()?;
    Some(DaemonSet { metadata: outline.metadata, spec, status: None })
}

/// The object with its defaults, if validation has nothing to say about it; without its template, if the spec is known and `whole` is not
/// wanted.
fn faultless(
    new: Outline<'_>,
    old: Option<Outline<'_>>,
    whole: bool,
    known: &Known,
    server: &Server,
) -> Option<DaemonSet> {
    let kept = match old {
        Some(old) => Some(kept(old, known)?),
        None => None,
    };
    let text = new.spec();
    if let Some(selector) = (!whole).then(|| known.selector(text)).flatten() {
        let spec = DaemonSetSpec { selector, ..DaemonSetSpec::default() };
        return ask(new.metadata, spec, Spec::Faultless, kept, server).map(|found| found.daemon_set);
    }
    let spec: DaemonSetSpec = serde_json::from_str(text).ok()?;
    if !is_there(&spec.selector) {
        return None;
    }
    let found = ask(new.metadata, spec, Spec::Open, kept, server)?;
    if found.whole {
        known.add(text, &found.daemon_set.spec.selector);
    }
    Some(found.daemon_set)
}

fn ask(
    metadata: ObjectMeta,
    spec: DaemonSetSpec,
    known: Spec,
    kept: Option<Kept>,
    server: &Server,
) -> Option<Faultless> {
    let new = DaemonSet { metadata, spec, status: None };
    match kept {
        None => faultless_create(new, known, server),
        Some(kept) => faultless_update(new, known, kept, server),
    }
}

/// What an update may not change.
fn kept(old: Outline<'_>, known: &Known) -> Option<Kept> {
    let text = old.spec();
    let selector = match known.selector(text) {
        Some(selector) => selector,
        None => serde_json::from_str::<SelectorOnly>(text).ok()?.selector,
    };
    Some(Kept { metadata: old.metadata, selector: is_there(&selector).then_some(selector) })
}
