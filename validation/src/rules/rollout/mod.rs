//! Rules about an update: what it leaves behind, how it replaces pods, what holds it up, and what makes it slow.

pub(super) mod host_port_surge;
pub(super) mod left_behind;
pub(super) mod min_ready_seconds;
pub(super) mod nodes_not_ready;
pub(super) mod on_delete;
pub(super) mod pending_nodes;
pub(super) mod pods_lost;
pub(super) mod refused_pods;
pub(super) mod stored_invalid;
pub(super) mod unavailable_old_pods;

use crate::levels::{AdmissionLevel, Level};
use crate::path::FieldPath;
use crate::placement::rollout::{Course, Rollout};
use crate::rules::{Check, Family, Previewed, Rule};

/// A rule of this family.
const fn rule(
    id: &'static str,
    level: Level,
    (summary, page): (&'static str, &'static str),
    check: Check,
) -> Rule {
    let admission = Some(AdmissionLevel::Off);
    Rule { id, level, admission, family: Family::Rollout, since: "0.1.0", summary, page, check }
}

fn rolling_update() -> FieldPath {
    FieldPath::of(&["spec", "updateStrategy", "rollingUpdate"])
}

/// The rollout of the preview, where the controller replaces pods by itself.
fn rolling<'p>(previewed: &Previewed<'p>) -> Option<&'p Rollout> {
    previewed.preview.rollout.as_ref().filter(|rollout| matches!(rollout.course, Course::Rolling { .. }))
}
