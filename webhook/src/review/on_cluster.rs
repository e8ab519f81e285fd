//! Adds the findings about where the pods would run.

use k8s_openapi::api::apps::v1::DaemonSet;

use super::context::Context;
use super::decision::SortedFindings;
use crate::config::Level;
use crate::placement::Question;
use crate::ratchet;

/// The object that is stored now.
pub(super) enum Old {
    /// There is none: the request creates the object.
    None,
    /// It cannot be read.
    Unknown,
    /// The object.
    Object(Box<DaemonSet>),
}

/// Adds the findings about where the pods of `stored` would run. `old` reads the object that is stored now; it is called only if a finding
/// would deny the request.
pub(super) fn add_placement(
    stored: &DaemonSet,
    context: &Context<'_>,
    sorted: &mut SortedFindings,
    old: impl FnOnce() -> Old,
) {
    let Some(placement) = context.placement else { return };
    let server = context.server.unwrap_or_default();
    let question =
        Question { server: &server, levels: context.levels.engine(), named_nodes: context.named_nodes };
    let look = placement.look();
    let findings = look.judge(stored, &question);
    let denies = findings.iter().any(|finding| context.levels.of(finding.rule) == Level::Deny);
    // The old object matters only for a denial: an update is denied only for what it introduces.
    let (introduced, kept) = match if denies { old() } else { Old::None } {
        Old::None => (findings, Vec::new()),
        Old::Unknown => (Vec::new(), findings),
        Old::Object(old) => match (look.left_out(stored, &server), look.left_out(&old, &server)) {
            (Some(new_left_out), Some(old_left_out)) => {
                let fewer = new_left_out.is_more_than(old_left_out);
                ratchet::introduced_placement(findings, &look.judge(&old, &question), fewer)
            }
            // Where nothing is known of one of them, nothing is known to be worse.
            _ => (Vec::new(), findings),
        },
    };
    sorted.add(introduced, context.levels, Level::Deny);
    sorted.add(kept, context.levels, Level::Warn);
}
