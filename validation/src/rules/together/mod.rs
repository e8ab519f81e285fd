//! Rules about the other objects of the files: what they mean to a DaemonSet. What belongs together is decided in `together/`.

pub(super) mod autoscaled_daemon_set;
pub(super) mod config_without_rollout;
pub(super) mod config_without_trigger;
pub(super) mod disruption_budget;
pub(super) mod misspelt_reference;
pub(super) mod no_os_selector;
pub(super) mod other_namespace;
pub(super) mod selects_other_workload;
pub(super) mod service_port_name;
pub(super) mod service_selector;
pub(super) mod single_node_claim;

use crate::levels::Level;
use crate::path::FieldPath;
use crate::rules::{Check, Family, PeerFindings, Rule};
use crate::together::Together;

/// A rule of this family. The webhook sees one object at a time, so it checks none of them.
const fn rule(
    id: &'static str,
    level: Level,
    (summary, page): (&'static str, &'static str),
    check: fn(&Together<'_>, &mut PeerFindings),
) -> Rule {
    Rule {
        id,
        level,
        admission: None,
        family: Family::Together,
        since: "0.1.0",
        summary,
        page,
        check: Check::Together(check),
    }
}

/// So many findings of one rule about one DaemonSet are made.
const MOST: usize = 8;

fn name() -> FieldPath {
    FieldPath::of(&["metadata", "name"])
}

fn template_labels() -> FieldPath {
    FieldPath::of(&["spec", "template", "metadata", "labels"])
}

/// Whether a name is filled in before it is applied.
fn is_placeholder(name: &str) -> bool {
    name.contains(['$', '{', '}', '<', '>', '%', '@'])
}
