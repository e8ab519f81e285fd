//! Rules about the preview of one DaemonSet: where its pods run, and what the snapshot of the cluster lacks for the answer.

pub(super) mod allocatable_not_read;
pub(super) mod autoscaler_not_simulated;
pub(super) mod kinds_not_read;
pub(super) mod lands_nowhere;
pub(super) mod missing_reference;
pub(super) mod no_priority_class;
pub(super) mod other_admission;
pub(super) mod pending;
pub(super) mod placement_unknown;
pub(super) mod pods_ended;
pub(super) mod pods_not_read;
pub(super) mod pods_refused;
pub(super) mod selects_other_pods;
pub(super) mod skips_nodes;

use crate::levels::{AdmissionLevel, Level};
use crate::path::FieldPath;
use crate::placement::{Filter, Outcome};
use crate::rules::{Check, Family, Previewed, Rule};

/// A rule of this family.
const fn rule(
    id: &'static str,
    (level, admission): (Level, AdmissionLevel),
    (summary, page): (&'static str, &'static str),
    check: Check,
) -> Rule {
    Rule {
        id,
        level,
        admission: Some(admission),
        family: Family::Placement,
        since: "0.1.0",
        summary,
        page,
        check,
    }
}

fn pod_spec() -> FieldPath {
    FieldPath::of(&["spec", "template", "spec"])
}

/// Whether some node's pod waits for a resource of which the node has too little.
fn waits_for_resources(previewed: &Previewed<'_>) -> bool {
    previewed.preview.verdicts.iter().any(|node| {
        matches!(&node.outcome, Outcome::Pending(reasons)
            if reasons.iter().any(|reason| reason.filter == Filter::NodeResourcesFit))
    })
}
