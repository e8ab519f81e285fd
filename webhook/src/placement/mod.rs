//! Findings about where a DaemonSet's pods would run: one line each, for people who read a warning of kubectl.

mod clean;
mod groups;
mod line;
mod others;

use daemonset_validation::placement::{Outcome, explain};
use daemonset_validation::{FieldPath, Finding, Server, Severity};
use k8s_openapi::api::apps::v1::DaemonSet;

use crate::cache::View;
use groups::Groups;

/// The DaemonSet does not run on all nodes.
pub const SKIPS_NODES: &str = "skips-nodes";
/// It runs on no node.
pub const LANDS_NOWHERE: &str = "lands-nowhere";
/// It wants a host port that another DaemonSet wants on the same nodes.
pub const HOST_PORT_CLASH: &str = "host-port-clash";
/// Its pods and those of another DaemonSet can be confused.
pub const OVERLAPPING_SELECTORS: &str = "overlapping-selectors";
/// Where it runs is not known, or not everywhere.
pub const PLACEMENT_UNKNOWN: &str = "placement-unknown";

/// What there is to say about where the pods of a DaemonSet would run, and what they would meet there. The DaemonSet is the one
/// that the server would store; one of its name that is in the cluster already, and its pods, count for nothing.
///
/// Messages hold no newline and no tab, and are the same for the same view, so findings of two versions of a DaemonSet can be
/// compared by rule, field and message. A group of nodes is named by at most `named_nodes` names (by one at the least).
pub fn judge(daemon_set: &DaemonSet, view: &View<'_>, server: &Server, named_nodes: usize) -> Vec<Finding> {
    let reading = match view {
        View::Off => return Vec::new(),
        View::Busy => {
            return vec![unknown("the cache is being written, ask again")];
        }
        View::Cold { missing } => {
            let why: Vec<String> = missing.iter().map(ToString::to_string).collect();
            let why = match why.as_slice() {
                [] => "the cluster is not read yet".to_owned(),
                [one] => one.clone(),
                [one, rest @ ..] => format!("{one}, and {} more kinds are missing", rest.len()),
            };
            return vec![unknown(&why)];
        }
        View::Ready(reading) => reading,
    };
    let snapshot = reading.snapshot();
    let mut findings = others::overlapping(daemon_set, snapshot);
    if snapshot.nodes().is_empty() {
        return findings;
    }
    let preview = explain(daemon_set, snapshot, server);
    findings.extend(others::host_ports(daemon_set, &preview, snapshot, server, named_nodes));
    let runs = preview.verdicts.iter().filter(|verdict| verdict.outcome == Outcome::Runs).count();
    if runs == preview.verdicts.len() {
        return findings;
    }
    let groups = Groups::of(&preview, snapshot.nodes());
    if let Some(first) = groups.without_pod.first() {
        let none = runs == 0 && groups.missing.is_empty();
        let rule = if none { LANDS_NOWHERE } else { SKIPS_NODES };
        let path = first.path.clone();
        let message = line::without_pod(&groups, runs, named_nodes);
        findings.push(Finding::new(rule, Severity::Warning, path, message));
    }
    if !groups.missing.is_empty() {
        findings.push(not_known(line::unknown(&groups)));
    }
    findings
}

/// On how many nodes the DaemonSet would not run, as far as that is known; `None` where the cluster is not.
pub fn left_out(daemon_set: &DaemonSet, view: &View<'_>, server: &Server) -> Option<usize> {
    let View::Ready(reading) = view else { return None };
    let preview = explain(daemon_set, reading.snapshot(), server);
    let out = |outcome: &Outcome| matches!(outcome, Outcome::NotWanted(_) | Outcome::Pending(_));
    Some(preview.verdicts.iter().filter(|verdict| out(&verdict.outcome)).count())
}

/// What is said where nothing is known, and why.
pub(crate) fn unknown(why: &str) -> Finding {
    not_known(clean::clean(&format!("placement is unknown: {why}")))
}

fn not_known(message: String) -> Finding {
    let path = FieldPath::of(&["spec", "template", "spec"]);
    Finding::new(PLACEMENT_UNKNOWN, Severity::Info, path, message)
}
