//! What topology spread constraints count.

use k8s_openapi::api::core::v1::{Taint, TopologySpreadConstraint};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;

use crate::gates::Gate;
use crate::matching::prepared_selector::PreparedSelector;
use crate::placement::block::Block;
use crate::placement::by_shape::ByShape;
use crate::placement::context::Context;
use crate::placement::label_keys;
use crate::placement::site::Site;
use crate::placement::snapshot::{NodeIndex, Snapshot};
use crate::placement::topology::{Topologies, Topology};

/// The constraints that must hold, and how many pods each selects where.
///
/// Upstream: `scheduler/framework/plugins/podtopologyspread.preFilterState`.
#[derive(Debug)]
pub(in crate::placement) struct PodTopologySpread<'c> {
    pub(super) topologies: Topologies<'c>,
    pub(super) constraints: Vec<Constraint>,
    /// The places of the constraints whose label no node has: they admit no node.
    pub(super) nowhere: Vec<usize>,
    /// The places of the others.
    pub(super) somewhere: Vec<usize>,
}

/// A constraint and what it counts.
#[derive(Debug)]
pub(super) struct Constraint {
    /// Its place in the manifest.
    pub(super) index: usize,
    pub(super) topology: usize,
    pub(super) max_skew: i64,
    pub(super) min_domains: i64,
    /// Whether the pod itself is selected.
    pub(super) selects_itself: bool,
    /// Whether the pod counts once it is placed; a selector that selects everything counts nothing.
    counts_itself: bool,
    pub(super) counts: Counts,
    /// Which pods are selected.
    selected: ByShape<bool>,
}

#[derive(Debug)]
pub(super) enum Counts {
    /// Only nodes that the pod may run on count, and a daemon pod may run on one: the count of a domain is that of the node. `None` where
    /// the node does not count.
    OfNode(Vec<Option<i64>>),
    /// No node counts, since none has the labels of all constraints.
    Nothing {
        /// Whether the counts would be those of nodes.
        of_node: bool,
    },
    /// `nodeAffinityPolicy: Ignore`: nodes count whichever the pod may run on.
    OfDomain {
        /// The nodes that count.
        nodes: Vec<bool>,
        /// `None` for a domain without nodes that count.
        domains: Vec<Option<i64>>,
        /// How many domains there are.
        known: i64,
        /// The fewest pods of a domain, and how many domains have so few.
        least: (i64, usize),
    },
}

/// What a constraint sees from a node.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seen {
    /// The selected pods in the node's domain.
    pub(super) here: i64,
    /// The fewest in any domain, without regard to `minDomains`.
    pub(super) least: i64,
    /// How many domains there are.
    pub(super) domains: i64,
}

impl Constraint {
    /// What it sees from a node without `removed` of the pods there; `None` where the node lacks the label.
    pub(super) fn see(&self, topology: &Topology, node: NodeIndex, removed: i64) -> Option<Seen> {
        let domain = topology.domain(node)?;
        Some(match &self.counts {
            Counts::OfNode(counts) => match counts.get(node as usize).copied().flatten() {
                Some(count) => {
                    let here = count.saturating_sub(removed);
                    Seen { here, least: here, domains: 1 }
                }
                None => Seen { here: 0, least: 0, domains: 0 },
            },
            Counts::Nothing { .. } => Seen { here: 0, least: 0, domains: 0 },
            Counts::OfDomain { nodes, domains, known, least } => {
                let removed = if nodes.get(node as usize) == Some(&true) { removed } else { 0 };
                let here = domains.get(domain).copied().flatten().unwrap_or(0).saturating_sub(removed);
                let least = if removed > 0 { least.0.min(here) } else { least.0 };
                Seen { here, least, domains: *known }
            }
        })
    }

    /// How many of the removed pods it selects. Like upstream, this includes pods that were not counted: terminating ones, and all where
    /// the selector is empty.
    ///
    /// Upstream: `scheduler/framework/plugins/podtopologyspread.updateWithPod`.
    pub(super) fn removed(&self, snapshot: &Snapshot, site: &Site<'_>) -> i64 {
        let removed = site.removed().filter_map(|(index, pods)| Some((snapshot.pod(index)?, pods)));
        let selected = removed.filter(|(pod, _)| self.selected.known(pod) == Some(&true));
        i64::try_from(selected.map(|(_, pods)| pods).sum::<usize>()).unwrap_or(i64::MAX)
    }

    /// The skew with the pod.
    pub(super) fn skew(&self, seen: Seen) -> i64 {
        let least = if seen.domains < self.min_domains { 0 } else { seen.least };
        seen.here.saturating_add(i64::from(self.selects_itself)).saturating_sub(least)
    }

    /// Whether it may admit the pod in a domain once other domains have more pods.
    const fn can_even_out(&self) -> bool {
        matches!(&self.counts, Counts::OfDomain { known, .. } if *known >= self.min_domains)
    }

    /// Counts the pod on a node. Returns whether that may change the answer for other nodes.
    fn place(&mut self, topology: &Topology, node: NodeIndex) -> bool {
        let Counts::OfDomain { nodes, domains, least, .. } = &mut self.counts else { return false };
        if !self.counts_itself || nodes.get(node as usize) != Some(&true) {
            return false;
        }
        let domain = topology.domain(node).and_then(|domain| domains.get_mut(domain));
        let Some(Some(count)) = domain else { return false };
        let before = *count;
        *count = count.saturating_add(1);
        if before == least.0 {
            least.1 = least.1.saturating_sub(1);
            if least.1 == 0 {
                *least = fewest(domains);
            }
        }
        true
    }
}

/// The fewest pods of a domain, and how many domains have so few.
fn fewest(domains: &[Option<i64>]) -> (i64, usize) {
    let least = domains.iter().flatten().copied().min().unwrap_or(0);
    (least, domains.iter().flatten().filter(|count| **count == least).count())
}

impl<'c> PodTopologySpread<'c> {
    /// Counts the existing pods; `None` where there are no hard constraints.
    ///
    /// Upstream: `scheduler/framework/plugins/podtopologyspread.PreFilter`.
    pub(in crate::placement) fn new(context: &Context<'c>) -> Option<Self> {
        let written = context.pod.spec.topology_spread_constraints.as_deref().unwrap_or_default();
        let hard = || written.iter().enumerate().filter(|(_, one)| one.when_unsatisfiable == "DoNotSchedule");
        hard().next()?;
        let nodes = context.snapshot.nodes();
        let mut topologies = Topologies::new(context.snapshot);
        let keys: Vec<usize> = hard().map(|(_, one)| topologies.place(&one.topology_key)).collect();
        // A node counts for none of the constraints unless it has the labels of all of them.
        let is_nowhere = |key: &usize| topologies.get(*key).is_none_or(Topology::is_nowhere);
        let any_counts = !keys.iter().any(is_nowhere);
        if !any_counts {
            let constraints = hard().zip(keys);
            let constraints =
                constraints.filter_map(|((index, one), key)| counting_nothing(context, index, one, key));
            return Some(Self::of(topologies, constraints.collect()));
        }
        let indices = 0..NodeIndex::try_from(nodes.len()).unwrap_or(NodeIndex::MAX);
        let labelled: Vec<bool> = indices
            .map(|node| {
                let has = |key: &usize| topologies.get(*key).is_some_and(|one| one.domain(node).is_some());
                keys.iter().all(has)
            })
            .collect();
        let tolerated: Vec<bool> = nodes.iter().map(|node| tolerates(context, &node.taints)).collect();
        let constraints = hard().zip(keys).filter_map(|((index, one), key)| {
            let honors_taints = one.node_taints_policy.as_deref() == Some("Honor");
            let counting = labelled.iter().zip(&tolerated);
            let counting = counting.map(|(labelled, tolerated)| *labelled && (*tolerated || !honors_taints));
            constraint(context, index, one, (key, topologies.get(key)?), counting.collect())
        });
        let constraints = constraints.collect();
        Some(Self::of(topologies, constraints))
    }

    fn of(topologies: Topologies<'c>, constraints: Vec<Constraint>) -> Self {
        let (nowhere, somewhere) = (0..constraints.len()).partition(|place| {
            let topology = constraints.get(*place).and_then(|one| topologies.get(one.topology));
            topology.is_none_or(Topology::is_nowhere)
        });
        Self { topologies, constraints, nowhere, somewhere }
    }

    /// How many constraints an answer for a node looks at.
    pub(in crate::placement) fn len(&self) -> usize {
        self.somewhere.len().saturating_add(1)
    }

    /// Counts the pod on a node. Returns whether that may change the answer for other nodes.
    pub(in crate::placement) fn place(&mut self, node: NodeIndex) -> bool {
        let mut seen = false;
        for constraint in &mut self.constraints {
            if let Some(topology) = self.topologies.get(constraint.topology) {
                seen |= constraint.place(topology, node);
            }
        }
        seen
    }

    /// What keeps the pod off a node.
    pub(in crate::placement) fn blocked(&self, node: NodeIndex) -> Option<Block> {
        if !self.nowhere.is_empty() {
            return Some(Block::Lasting);
        }
        let mut found = None;
        for (place, constraint) in self.constraints.iter().enumerate() {
            let topology = self.topologies.get(constraint.topology);
            let Some((seen, domain)) =
                topology.and_then(|one| Some((constraint.see(one, node, 0)?, one.domain(node)?)))
            else {
                return Some(Block::Lasting);
            };
            if constraint.skew(seen) <= constraint.max_skew {
                continue;
            }
            if !constraint.can_even_out() {
                return Some(Block::Lasting);
            }
            found.get_or_insert(Block::Even(place, domain));
        }
        found
    }

    /// The fewest pods of a domain, for each constraint.
    pub(in crate::placement) fn fewest(&self) -> impl Iterator<Item = i64> {
        self.constraints.iter().map(|constraint| match &constraint.counts {
            Counts::OfDomain { least, .. } => least.0,
            Counts::OfNode(_) | Counts::Nothing { .. } => 0,
        })
    }

    /// Whether a constraint admits another pod in a domain.
    pub(in crate::placement) fn has_room(&self, constraint: usize, domain: usize) -> bool {
        let Some(constraint) = self.constraints.get(constraint) else { return false };
        let Counts::OfDomain { domains, known, least, .. } = &constraint.counts else { return false };
        let here = domains.get(domain).copied().flatten().unwrap_or(0);
        constraint.skew(Seen { here, least: least.0, domains: *known }) <= constraint.max_skew
    }
}

fn tolerates(context: &Context<'_>, taints: &[Taint]) -> bool {
    let keeps_away = |taint: &Taint| matches!(taint.effect.as_str(), "NoSchedule" | "NoExecute");
    context.pod.tolerations.first_untolerated(taints, keeps_away).is_none()
}

/// The constraint's selector as the server stores it with the pod.
///
/// Upstream: `registry/core/pod.applyMatchLabelKeys`.
fn stored_selector(context: &Context<'_>, one: &TopologySpreadConstraint) -> Option<LabelSelector> {
    let mut selector = one.label_selector.clone()?;
    if context.server.enabled(Gate::MatchLabelKeysInPodTopologySpread) {
        let keys = one.match_label_keys.as_deref().unwrap_or_default();
        label_keys::merge(&mut selector, keys, "In", &context.pod.labels);
    }
    Some(selector)
}

/// Counts what a constraint selects, on the nodes that count.
///
/// Upstream: `scheduler/framework/plugins/podtopologyspread.calPreFilterState`.
fn constraint(
    context: &Context<'_>,
    index: usize,
    one: &TopologySpreadConstraint,
    (place, topology): (usize, &Topology),
    counting: Vec<bool>,
) -> Option<Constraint> {
    let stored = stored_selector(context, one);
    let selector = PreparedSelector::new(stored.as_ref()).ok()?;
    let pods = context.snapshot.pods();
    context
        .budget
        .spend_for(pods.len().saturating_add(counting.len()).saturating_add(selector.len()))
        .ok()?;
    let mut on_node: Vec<Option<i64>> = counting.iter().map(|counts| counts.then_some(0)).collect();
    let mut known = ByShape::new();
    for (number, pod) in (0..).zip(pods) {
        let Some(node) = pod.node else { continue };
        let selected = known
            .get(pod, |shape| *shape.namespace == *context.pod.namespace && selector.matches(&shape.labels));
        // Terminating pods do not count.
        if selected != Some(&true) || pod.terminating || selector.is_empty() || context.is_own(number) {
            continue;
        }
        if let Some(Some(count)) = on_node.get_mut(node as usize) {
            *count = count.saturating_add(1);
        }
    }
    let selects_itself = selector.matches(&context.pod.labels);
    let ignores_affinity = one.node_affinity_policy.as_deref() == Some("Ignore");
    let counts =
        if ignores_affinity { by_domain(topology, &on_node, counting) } else { Counts::OfNode(on_node) };
    Some(Constraint {
        index,
        topology: place,
        max_skew: i64::from(one.max_skew),
        min_domains: i64::from(one.min_domains.unwrap_or(1)),
        selects_itself,
        counts_itself: selects_itself && !selector.is_empty(),
        counts,
        selected: known,
    })
}

/// The constraint where no node counts.
fn counting_nothing(
    context: &Context<'_>,
    index: usize,
    one: &TopologySpreadConstraint,
    topology: usize,
) -> Option<Constraint> {
    let stored = stored_selector(context, one);
    let selector = PreparedSelector::new(stored.as_ref()).ok()?;
    context.budget.spend_for(selector.len()).ok()?;
    let selects_itself = selector.matches(&context.pod.labels);
    Some(Constraint {
        index,
        topology,
        max_skew: i64::from(one.max_skew),
        min_domains: i64::from(one.min_domains.unwrap_or(1)),
        selects_itself,
        counts_itself: false,
        counts: Counts::Nothing { of_node: one.node_affinity_policy.as_deref() != Some("Ignore") },
        selected: ByShape::new(),
    })
}

fn by_domain(topology: &Topology, on_node: &[Option<i64>], nodes: Vec<bool>) -> Counts {
    let mut domains: Vec<Option<i64>> = vec![None; topology.domains];
    for (node, count) in (0..).zip(on_node) {
        let (Some(count), Some(domain)) = (count, topology.domain(node)) else { continue };
        if let Some(sum) = domains.get_mut(domain) {
            *sum = Some(sum.unwrap_or(0).saturating_add(*count));
        }
    }
    let known = i64::try_from(domains.iter().flatten().count()).unwrap_or(i64::MAX);
    let least = fewest(&domains);
    Counts::OfDomain { nodes, domains, known, least }
}
