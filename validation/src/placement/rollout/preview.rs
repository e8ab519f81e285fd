//! What an update would do to the existing pods.

use std::collections::BTreeMap;

use k8s_openapi::api::apps::v1::{DaemonSet, RollingUpdateDaemonSet};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::existing::Existing;
use super::{Before, Group, Limits, NodeState, PodState, Simulation, Start, Wanted, simulate};
use crate::placement::host_port;
use crate::placement::snapshot::{NodeIndex, Snapshot};
use crate::placement::verdict::{NodeVerdict, Outcome};

/// A rollout, as far as the snapshot allows to predict it.
///
/// Existing pods are assumed to be of an older template, unless the template is equal to the stored one. A pod that is ready is
/// assumed to have been ready for `minReadySeconds`. New pods never become available on nodes that are not ready, nor where they are
/// pending and preemption does not help; where a verdict is unknown, both cases are simulated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rollout {
    /// What happens.
    pub course: Course,
    /// How many nodes the controller makes a pod for.
    pub desired: usize,
    /// How many pods of the DaemonSet exist.
    pub existing: usize,
    /// How many of these are not ready.
    pub unavailable: usize,
    /// What the update strategy allows at a time.
    pub limits: Limits,
    /// How many existing pods the update strategy decides on: all but those on the nodes of `ended`.
    pub old: usize,
    /// How many of these are not ready.
    pub old_unavailable: usize,
    /// Nodes whose pods the controller deletes at once, whatever the update strategy: the manifest does not select the node, or a
    /// `NoExecute` taint is not tolerated. Sorted.
    pub ended: Vec<NodeIndex>,
    /// Nodes that keep their pod until the rollout (or a person) deletes it, and get no new one. Sorted.
    pub lost: Vec<NodeIndex>,
    /// The same as `lost`, but a new pod is made once a state of the node has passed, such as not being ready. Sorted.
    pub suspended: Vec<NodeIndex>,
}

/// How a rollout goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Course {
    /// No pod exists that the strategy could replace, so all are created at once.
    FirstInstall,
    /// The template is equal to the stored one.
    Unchanged,
    /// The controller creates a new pod only after a person deletes the old one.
    OnDelete,
    /// The controller replaces the pods.
    Rolling {
        /// `maxUnavailable` or `maxSurge`, whichever lets healthy pods be replaced.
        limit: &'static str,
        /// Its value as written: `10%`.
        written: String,
        /// How many pods that is.
        step: usize,
        /// The fewest waves, and the most; they differ where nodes' new pods never start.
        waves: (usize, usize),
        /// How many old pods are never replaced, at the least and at the most.
        left: (usize, usize),
    },
}

/// The rollout; `None` where no pods were read.
pub(in crate::placement) fn preview(
    daemon_set: &DaemonSet,
    before: Before,
    snapshot: &Snapshot,
    verdicts: &[NodeVerdict],
) -> Option<Rollout> {
    let namespace = daemon_set.metadata.namespace.as_deref().unwrap_or("default");
    let name = daemon_set.metadata.name.as_deref().unwrap_or_default();
    let existing = Existing::of(namespace, name, snapshot, verdicts)?;
    let desired = verdicts.iter().filter(|verdict| is_desired(verdict)).count();
    let limits = Limits::new(daemon_set, desired)?;
    let ports = daemon_set.spec.template.spec.as_ref().map(host_port::of_template).unwrap_or_default();
    let is_unchanged = || match before {
        Before::SameTemplate => true,
        Before::OtherTemplate => false,
        Before::Snapshot => snapshot.has_template(namespace, name, &daemon_set.spec.template),
    };
    let course = if existing.of_strategy() == 0 {
        Course::FirstInstall
    } else if is_unchanged() {
        Course::Unchanged
    } else if !limits.rolling {
        Course::OnDelete
    } else {
        let states = |unknown: Start| states(snapshot, verdicts, &existing.there, !ports.is_empty(), unknown);
        rolling(daemon_set, &limits, &[states(Start::Never), states(Start::Starts)])
    };
    Some(Rollout {
        course,
        desired,
        existing: existing.pods,
        unavailable: existing.unavailable,
        limits,
        old: existing.of_strategy(),
        old_unavailable: existing.unavailable.saturating_sub(existing.ended_unavailable),
        ended: existing.ended,
        lost: existing.lost,
        suspended: existing.suspended,
    })
}

fn is_desired(verdict: &NodeVerdict) -> bool {
    !matches!(verdict.outcome, Outcome::NotWanted(_))
}

/// How many nodes are in each state.
fn states(
    snapshot: &Snapshot,
    verdicts: &[NodeVerdict],
    there: &BTreeMap<NodeIndex, PodState>,
    holds_ports: bool,
    unknown: Start,
) -> BTreeMap<NodeState, usize> {
    let mut states = BTreeMap::new();
    for ((index, verdict), node) in (0..).zip(verdicts).zip(snapshot.nodes()) {
        let old = there.get(&index).copied().unwrap_or(PodState::None);
        let wanted = match verdict.outcome {
            Outcome::NotWanted(_) if verdict.keeps_running => Wanted::Keep,
            Outcome::NotWanted(_) => Wanted::Remove,
            _ => Wanted::Run,
        };
        let starts = match verdict.outcome {
            _ if node.ready == Some(false) => false,
            Outcome::Runs => true,
            Outcome::Unknown(_) => unknown == Start::Starts,
            Outcome::Refused(_) => false,
            // The scheduler makes room first.
            Outcome::Pending(_) => verdict.preemption.is_some(),
            Outcome::NotWanted(_) => false,
        };
        let start = match (starts, holds_ports) {
            _ if matches!(verdict.outcome, Outcome::Refused(_)) => Start::Refused,
            (false, _) => Start::Never,
            (true, true) => Start::AfterOld,
            (true, false) => Start::Starts,
        };
        let count: &mut usize =
            states.entry(NodeState { wanted, old, new: PodState::None, start }).or_default();
        *count = count.saturating_add(1);
    }
    states
}

/// Whether no new pod of the node ever becomes available.
const fn is_stuck(state: &NodeState) -> bool {
    matches!(state.start, Start::Never | Start::Refused)
}

/// The controller takes nodes in any order, so nodes on which new pods never start are first in one simulation and last in another.
fn rolling(daemon_set: &DaemonSet, limits: &Limits, possible: &[BTreeMap<NodeState, usize>]) -> Course {
    let run = |states: &BTreeMap<NodeState, usize>, stuck_first: bool| {
        let mut groups: Vec<Group> =
            states.iter().map(|(state, nodes)| Group { state: *state, nodes: *nodes }).collect();
        groups.sort_by_key(|group| (is_stuck(&group.state)) != stuck_first);
        simulate(limits, groups)
    };
    let runs: Vec<Simulation> =
        possible.iter().flat_map(|states| [run(states, true), run(states, false)]).collect();
    let range = |of: &dyn Fn(&Simulation) -> usize| {
        let each = || runs.iter().map(of);
        (each().min().unwrap_or_default(), each().max().unwrap_or_default())
    };
    let update =
        daemon_set.spec.update_strategy.as_ref().and_then(|strategy| strategy.rolling_update.as_ref());
    let surge = limits.max_surge > 0;
    let value = |update: &RollingUpdateDaemonSet| {
        if surge { update.max_surge.clone() } else { update.max_unavailable.clone() }
    };
    Course::Rolling {
        limit: if surge { "maxSurge" } else { "maxUnavailable" },
        written: match update.and_then(value) {
            Some(IntOrString::Int(count)) => count.to_string(),
            Some(IntOrString::String(text)) => text,
            None => String::new(),
        },
        step: limits.step(),
        waves: range(&|simulation| simulation.waves().count()),
        left: range(&Simulation::left),
    }
}
