//! What an update would do to the existing pods.

use std::collections::BTreeMap;

use k8s_openapi::api::apps::v1::{DaemonSet, RollingUpdateDaemonSet};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::{Group, Limits, NodeState, PodState, Simulation, Start, Wanted, simulate};
use crate::placement::host_port;
use crate::placement::snapshot::{NodeIndex, Snapshot};
use crate::placement::verdict::{NodeVerdict, Outcome};

/// A rollout, as far as the snapshot allows to predict it.
///
/// Existing pods are assumed to be of an older template, unless the stored DaemonSet has an equal template. A pod that is ready is
/// assumed to have been ready for `minReadySeconds`. New pods never become available on nodes where they are pending or that are not
/// ready; where a verdict is unknown, both cases are simulated.
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
}

/// How a rollout goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Course {
    /// No pod exists, so all are created at once.
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
    snapshot: &Snapshot,
    verdicts: &[NodeVerdict],
) -> Option<Rollout> {
    if !snapshot.has(crate::placement::Kind::Pod) {
        return None;
    }
    let namespace = daemon_set.metadata.namespace.as_deref().unwrap_or("default");
    let name = daemon_set.metadata.name.as_deref().unwrap_or_default();
    let mut there: BTreeMap<NodeIndex, PodState> = BTreeMap::new();
    let (mut existing, mut unavailable) = (0_usize, 0_usize);
    for pod in snapshot.pods_of_daemon_set(namespace, name).iter().filter_map(|index| snapshot.pod(*index)) {
        if pod.terminating {
            continue;
        }
        existing = existing.saturating_add(1);
        let state = if pod.ready_since.is_some() { PodState::Available } else { PodState::Unavailable };
        unavailable = unavailable.saturating_add(usize::from(state == PodState::Unavailable));
        if let Some(node) = pod.node {
            // Of two pods on a node, the better one counts.
            let known = there.entry(node).or_insert(state);
            *known = (*known).max(state);
        }
    }
    let desired = verdicts.iter().filter(|verdict| is_desired(verdict)).count();
    let limits = Limits::new(daemon_set, desired)?;
    let ports = daemon_set.spec.template.spec.as_ref().map(host_port::of_template).unwrap_or_default();
    let stored = snapshot.daemon_set(namespace, name);
    let course = if existing == 0 {
        Course::FirstInstall
    } else if stored.is_some_and(|stored| stored.spec.template == daemon_set.spec.template) {
        Course::Unchanged
    } else if !limits.rolling {
        Course::OnDelete
    } else {
        let states = |unknown: Start| states(snapshot, verdicts, &there, !ports.is_empty(), unknown);
        rolling(daemon_set, &limits, &[states(Start::Never), states(Start::Starts)])
    };
    Some(Rollout { course, desired, existing, unavailable, limits })
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
        let start = match verdict.outcome {
            _ if node.ready == Some(false) => Start::Never,
            Outcome::Unknown(_) if unknown == Start::Never => Start::Never,
            Outcome::Runs | Outcome::Unknown(_) if holds_ports => Start::AfterOld,
            Outcome::Runs | Outcome::Unknown(_) => Start::Starts,
            _ => Start::Never,
        };
        let count: &mut usize =
            states.entry(NodeState { wanted, old, new: PodState::None, start }).or_default();
        *count = count.saturating_add(1);
    }
    states
}

/// The controller takes nodes in any order, so nodes on which new pods never start are first in one simulation and last in another.
fn rolling(daemon_set: &DaemonSet, limits: &Limits, possible: &[BTreeMap<NodeState, usize>]) -> Course {
    let run = |states: &BTreeMap<NodeState, usize>, stuck_first: bool| {
        let mut groups: Vec<Group> =
            states.iter().map(|(state, nodes)| Group { state: *state, nodes: *nodes }).collect();
        groups.sort_by_key(|group| (group.state.start == Start::Never) != stuck_first);
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
