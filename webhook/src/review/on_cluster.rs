//! Adds the findings about where the pods would run.

use k8s_openapi::api::apps::v1::DaemonSet;

use super::context::Context;
use super::decision::SortedFindings;
use crate::config::Level;
pub(super) use crate::placement::Old;
use crate::placement::Question;

/// Adds the findings about where the pods of `stored` would run. `old` reads the object that is stored now; it is called only if a finding
/// would deny the request, since an update is denied only for what it introduces.
pub(super) fn add_placement(
    stored: &DaemonSet,
    context: &Context<'_>,
    sorted: &mut SortedFindings,
    old: impl FnOnce() -> Old,
) {
    let Some(placement) = context.placement else { return };
    let server = context.server.unwrap_or_default();
    let question = Question {
        server: &server,
        levels: context.levels,
        named_nodes: context.named_nodes,
        budget: context.budget,
    };
    let mut old = Some(old);
    let judged = placement.judge(stored, &mut || old.take().map_or(Old::Unknown, |old| old()), &question);
    sorted.add(judged.introduced, context.levels, Level::Deny);
    sorted.add(judged.kept, context.levels, Level::Warn);
}
