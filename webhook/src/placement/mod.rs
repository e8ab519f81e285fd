//! Checks the rules that need a look at the cluster: where the pods of a DaemonSet would run, and what they would meet there.

use daemonset_validation::peers::{Peer, Peers};
use daemonset_validation::placement::{Outcome, explain};
use daemonset_validation::rules::Levels;
use daemonset_validation::rules::{self, Previewed, check_peers, check_preview};
use daemonset_validation::words::one_line::one_line;
use daemonset_validation::{Finding, Server};
use k8s_openapi::api::apps::v1::DaemonSet;

use crate::cache::View;

/// What is asked about a DaemonSet.
#[derive(Clone, Copy, Debug)]
pub struct Question<'q> {
    /// The API server, the controller and the scheduler that decide.
    pub server: &'q Server,
    /// The level of each rule; one that is off is not checked.
    pub levels: &'q Levels,
    /// How many nodes of a group a finding names; at least one is named.
    pub named_nodes: usize,
}

/// The findings about a DaemonSet on the cluster. It is the object that the server would store; one of its name that the cluster has, and
/// its pods, do not count.
///
/// Messages are the same for the same view, so findings of two versions of a DaemonSet can be compared by rule, field and message.
pub fn judge(daemon_set: &DaemonSet, view: &View<'_>, question: &Question<'_>) -> Vec<Finding> {
    let Question { server, levels, named_nodes } = *question;
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
    let preview = explain(daemon_set, snapshot, server);
    let peer = Peer::new(daemon_set, Some(&preview));
    let peers = Peers::on_cluster(vec![&peer], snapshot, server, named_nodes);
    let mut findings: Vec<Finding> =
        check_peers(&peers, levels).into_iter().map(|(_, finding)| finding).collect();
    findings.extend(check_preview(&Previewed::new(daemon_set, &preview, snapshot, named_nodes), levels));
    for finding in findings.iter_mut().filter(|finding| finding.message.contains(char::is_control)) {
        finding.message = one_line(&finding.message).into();
    }
    findings
}

/// How many nodes would not run a DaemonSet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LeftOut {
    /// Nodes that would not run it.
    pub nodes: usize,
    /// Nodes of which that is not known.
    pub unknown: usize,
}

impl LeftOut {
    /// Whether an update from `old` certainly runs on fewer nodes.
    pub const fn is_more_than(self, old: Self) -> bool {
        self.nodes > old.nodes.saturating_add(old.unknown)
    }
}

/// How many nodes would not run the DaemonSet; `None` if the cluster is not known.
pub fn left_out(daemon_set: &DaemonSet, view: &View<'_>, server: &Server) -> Option<LeftOut> {
    let View::Ready(reading) = view else { return None };
    let preview = explain(daemon_set, reading.snapshot(), server);
    let mut left_out = LeftOut::default();
    for verdict in &preview.verdicts {
        let count = match verdict.outcome {
            Outcome::NotWanted(_) | Outcome::Pending(_) => &mut left_out.nodes,
            Outcome::Unknown(_) => &mut left_out.unknown,
            Outcome::Runs => continue,
        };
        *count = count.saturating_add(1);
    }
    Some(left_out)
}

/// The finding if nothing is known, and why.
pub(crate) fn unknown(why: &str) -> Finding {
    rules::placement_unknown(why)
}
