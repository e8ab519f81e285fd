//! Simulates the controller's syncs until it has nothing to do, or waits for pods that never become available.

use super::limits::Limits;

/// What the controller wants on a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Wanted {
    /// The controller makes a pod for it.
    Run,
    /// It creates none, and keeps an existing one until the rollout reaches it: the taint `NoSchedule` is newer than the pod.
    Keep,
    /// It deletes an existing one.
    Remove,
}

/// A pod on a node, if there is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PodState {
    /// There is none, or only one that is terminating, finished or failed.
    None,
    /// It is not ready.
    Unavailable,
    /// It has been ready for `minReadySeconds`.
    Available,
}

/// What becomes of a new pod.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Start {
    /// It becomes available.
    Starts,
    /// It needs what the old pod holds, for example a host port, and becomes available when that pod is gone.
    AfterOld,
    /// It stays pending, or is never ready.
    Never,
    /// There is none: the API server does not store it.
    Refused,
}

/// One node, as the rollout sees it. A node has at most one old pod and one new pod.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeState {
    /// What the template says of it.
    pub wanted: Wanted,
    /// The pod of an older template.
    pub old: PodState,
    /// The pod of this template.
    pub new: PodState,
    /// What becomes of a new pod there.
    pub start: Start,
}

/// Nodes in the same state. The simulation takes the first of several equal candidates; the controller takes any.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Group {
    /// Their state.
    pub state: NodeState,
    /// How many there are.
    pub nodes: usize,
}

/// What the controller does before it must wait for pods to become available.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Round {
    /// Pods of the new template that it makes.
    pub created: usize,
    /// Pods that it deletes.
    pub deleted: usize,
}

/// How a rollout went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Simulation {
    /// What was done, round by round.
    pub rounds: Vec<Round>,
    /// The nodes when there was nothing left to do, or nothing left to wait for.
    pub end: Vec<Group>,
}

impl Simulation {
    /// How many pods each wave makes. Rounds that only delete are not waves.
    pub fn waves(&self) -> impl Iterator<Item = usize> + '_ {
        self.rounds.iter().map(|round| round.created).filter(|created| *created > 0)
    }

    /// How many old pods are never replaced.
    pub fn left(&self) -> usize {
        count(&self.end, |state| state.old != PodState::None)
    }
}

/// Rolls a template out: each round's new pods become available, where they can, before the next round.
///
/// Upstream: `controller/daemon.syncDaemonSet` with `manage`, `podsShouldBeOnNode` and `rollingUpdate`, called again until a pass
/// does nothing.
pub fn simulate(limits: &Limits, groups: Vec<Group>) -> Simulation {
    let mut nodes = Nodes(groups);
    let mut rounds = Vec::new();
    // Every round but the last deletes an old pod or creates a new one, which bounds their number.
    let most = count(&nodes.0, |_| true).saturating_mul(4).saturating_add(8);
    for _ in 0..most {
        let round = nodes.round(limits);
        let started = nodes.start();
        if round != Round::default() {
            rounds.push(round);
        } else if !started {
            break;
        }
    }
    Simulation { rounds, end: nodes.0 }
}

/// How many nodes are in a state that `holds`.
pub(super) fn count(groups: &[Group], holds: impl Fn(&NodeState) -> bool) -> usize {
    let nodes = groups.iter().filter(|group| holds(&group.state)).map(|group| group.nodes);
    nodes.fold(0, usize::saturating_add)
}

struct Nodes(Vec<Group>);

impl Nodes {
    fn count(&self, holds: impl Fn(&NodeState) -> bool) -> usize {
        count(&self.0, holds)
    }

    /// Changes up to `limit` nodes whose state `holds`, the first ones first, and says how many they were.
    fn change(
        &mut self,
        limit: usize,
        holds: impl Fn(&NodeState) -> bool,
        change: impl Fn(&mut NodeState),
    ) -> usize {
        let mut left = limit;
        let mut groups: Vec<Group> = Vec::with_capacity(self.0.len().saturating_add(1));
        let mut push = |group: Group| match groups.last_mut() {
            Some(last) if last.state == group.state => last.nodes = last.nodes.saturating_add(group.nodes),
            _ if group.nodes > 0 => groups.push(group),
            _ => {}
        };
        for group in &self.0 {
            let taken = if holds(&group.state) { left.min(group.nodes) } else { 0 };
            let mut changed = Group { state: group.state, nodes: taken };
            change(&mut changed.state);
            push(changed);
            push(Group { state: group.state, nodes: group.nodes.saturating_sub(taken) });
            left = left.saturating_sub(taken);
        }
        self.0 = groups;
        limit.saturating_sub(left)
    }

    /// Syncs until one does nothing.
    fn round(&mut self, limits: &Limits) -> Round {
        let mut round = Round::default();
        loop {
            let mut pass = self.manage(limits);
            if pass == Round::default() && limits.rolling {
                pass = if limits.max_surge == 0 { self.replace(limits) } else { self.surge(limits) };
            }
            if pass == Round::default() {
                return round;
            }
            round.created = round.created.saturating_add(pass.created);
            round.deleted = round.deleted.saturating_add(pass.deleted);
        }
    }

    /// One pod for each node, whatever the update strategy.
    ///
    /// Upstream: `controller/daemon.manage`, `podsShouldBeOnNode`.
    fn manage(&mut self, limits: &Limits) -> Round {
        let all = usize::MAX;
        let is_gone = |state: &NodeState| state.wanted == Wanted::Remove;
        let new = self.change(all, |state| is_gone(state) && state.new != PodState::None, delete_new);
        let old = self.change(all, |state| is_gone(state) && state.old != PodState::None, delete_old);
        let has_both = |state: &NodeState| state.old != PodState::None && state.new != PodState::None;
        let excess = if limits.surges {
            let ends = |state: &NodeState| {
                has_both(state) && (state.old == PodState::Unavailable || state.new == PodState::Available)
            };
            self.change(all, ends, delete_old)
        } else {
            // The oldest pod stays, which is the one of the older template.
            self.change(all, has_both, delete_new)
        };
        let is_bare =
            |state: &NodeState| is_made(state) && state.old == PodState::None && state.new == PodState::None;
        // The pods deleted above are not wanted there, so these are only nodes that had no pod before.
        let created = self.change(all, is_bare, create_new);
        Round { created, deleted: new.saturating_add(old).saturating_add(excess) }
    }

    /// Old pods are deleted first; the next sync creates new ones on their nodes.
    ///
    /// Upstream: `controller/daemon.rollingUpdate` without surge.
    fn replace(&mut self, limits: &Limits) -> Round {
        let unavailable = self.count(|state| match (state.old, state.new) {
            (PodState::None, PodState::None) => state.wanted == Wanted::Run,
            (PodState::None, new) => new == PodState::Unavailable,
            (old, PodState::None) => old == PodState::Unavailable,
            _ => true,
        });
        let only_old = |state: &NodeState, old: PodState| state.old == old && state.new == PodState::None;
        // Unavailable pods do not count against `maxUnavailable`.
        let forced = self.change(usize::MAX, |state| only_old(state, PodState::Unavailable), delete_old);
        let left = limits.max_unavailable.saturating_sub(unavailable);
        let chosen = self.change(left, |state| only_old(state, PodState::Available), delete_old);
        Round { created: 0, deleted: forced.saturating_add(chosen) }
    }

    /// New pods are created beside old ones, which are deleted when the new ones are available.
    ///
    /// Upstream: `controller/daemon.rollingUpdate` with surge.
    fn surge(&mut self, limits: &Limits) -> Round {
        let surging = self.count(|state| state.old != PodState::None && state.new == PodState::Unavailable);
        let available = self.count(|state| match state.old {
            PodState::None => state.new == PodState::Available,
            old => old == PodState::Available,
        });
        let only_old = |state: &NodeState, old: PodState| state.old == old && state.new == PodState::None;
        let runs = |state: &NodeState| state.wanted == Wanted::Run;
        let lost = self.change(
            usize::MAX,
            |state| only_old(state, PodState::Unavailable) && !runs(state),
            delete_old,
        );
        // Pods on nodes that should not have one stay until enough others are available.
        let spare = available.saturating_sub(limits.desired);
        let spared =
            self.change(spare, |state| only_old(state, PodState::Available) && !runs(state), delete_old);
        let forced = self.change(
            usize::MAX,
            |state| only_old(state, PodState::Unavailable) && is_made(state),
            create_new,
        );
        let left = limits.max_surge.saturating_sub(surging);
        let chosen =
            self.change(left, |state| only_old(state, PodState::Available) && is_made(state), create_new);
        Round { created: forced.saturating_add(chosen), deleted: lost.saturating_add(spared) }
    }

    /// Pods that can start become available.
    fn start(&mut self) -> bool {
        let starts = |state: &NodeState| {
            let can = match state.start {
                Start::Starts => true,
                Start::AfterOld => state.old == PodState::None,
                Start::Never | Start::Refused => false,
            };
            can && state.new == PodState::Unavailable
        };
        self.change(usize::MAX, starts, |state| state.new = PodState::Available) > 0
    }
}

/// Whether the controller makes a pod, and the API server stores it.
fn is_made(state: &NodeState) -> bool {
    state.wanted == Wanted::Run && state.start != Start::Refused
}

fn delete_old(state: &mut NodeState) {
    state.old = PodState::None;
}

fn delete_new(state: &mut NodeState) {
    state.new = PodState::None;
}

fn create_new(state: &mut NodeState) {
    state.new = PodState::Unavailable;
}
