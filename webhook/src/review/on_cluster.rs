//! Adds the findings about where the pods would run.

use k8s_openapi::api::apps::v1::DaemonSet;

use super::context::Context;
use super::decision::SortedFindings;
use crate::config::Level;
use crate::placement::Question;
use crate::ratchet;

/// Adds the findings about where the pods of `stored` would run. `old` reads the object that is stored now; it is called only if a finding
/// would deny the request.
pub(super) fn add_placement(
    stored: &DaemonSet,
    context: &Context<'_>,
    sorted: &mut SortedFindings,
    old: impl FnOnce() -> Option<DaemonSet>,
) {
    let Some(placement) = context.placement else { return };
    let server = context.server.unwrap_or_default();
    let question =
        Question { server: &server, levels: context.levels.engine(), named_nodes: context.named_nodes };
    let judge = |daemon_set: &DaemonSet| placement.judge(daemon_set, &question);
    let findings = judge(stored);
    let denies = findings.iter().any(|finding| context.levels.of(finding.rule) == Level::Deny);
    // The old object matters only for a denial: an update is denied only for what it introduces.
    let (introduced, kept) = match denies.then(old).flatten() {
        Some(old) => {
            let fewer = placement.left_out(stored, &server) > placement.left_out(&old, &server);
            ratchet::introduced_placement(findings, &judge(&old), fewer)
        }
        None => (findings, Vec::new()),
    };
    sorted.add(introduced, context.levels, Level::Deny);
    sorted.add(kept, context.levels, Level::Warn);
}
