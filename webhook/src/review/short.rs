//! The short road: nearly every object that an API server sends is faultless, since the server has validated it. This road reads a
//! review once, into typed objects, and tells whether there is anything to say about validation; what, the long road says.

use daemonset_validation::Server;
use daemonset_validation::apiserver::strategy::{faultless_create, faultless_update};
use k8s_openapi::api::apps::v1::DaemonSet;

use super::object::{Object, Stored, has_selector};
use super::{Context, Decision, Judged, Sorted, long, place, wire};

/// Judges a review, if validation has nothing to say about its object. What cannot be read here, the long road reads again and says
/// what is wrong with it.
pub(super) fn judge<'b>(body: &'b [u8], context: &Context<'_>) -> Option<Judged<'b>> {
    let (request, new, old) = wire::read::<Object, Stored>(body).ok()?.split();
    let Some(new) = new.filter(|_| request.is_ours()) else {
        return Some(Judged { request, decision: Decision::default() });
    };
    if new.is_being_deleted() {
        return Some(Judged { request, decision: Decision::passed() });
    }
    let old = old.filter(|_| request.is_update());
    let echo = request.echo(&new);
    let looks = context.looks(&new, || old.as_ref().and_then(|_| long::stored(body)));
    let stored = match context.validating() {
        None => new.0,
        Some(server) => faultless(new, old, &server)?,
    };
    let mut sorted = Sorted::default();
    if looks {
        place(&stored, context, &mut sorted, || long::stored(body));
    }
    Some(Judged { request, decision: sorted.decision(echo) })
}

/// The object with its defaults, if validation has nothing to say about it.
fn faultless(new: Object, old: Option<Stored>, server: &Server) -> Option<DaemonSet> {
    if !has_selector(&new.0) {
        return None;
    }
    match old {
        None => faultless_create(new.0, true, server),
        Some(old) => {
            let selects = has_selector(&old.0);
            faultless_update(new.0, true, old.0, selects, server)
        }
    }
}
