//! Topology spread constraints.

use k8s_openapi::api::core::v1::{Taint, TopologySpreadConstraint};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;

use super::{Cluster, Site};
use crate::gates::Gate;
use crate::matching::label_selector::label_selector_as_selector;
use crate::matching::toleration;
use crate::path::FieldPath;
use crate::placement::by_shape::ByShape;
use crate::placement::cause::{Cause, Domain, Skew, TooFewDomains};
use crate::placement::filter::Filter;
use crate::placement::label_keys;
use crate::placement::paths::pod_path;
use crate::placement::reason::Reason;
use crate::placement::remedy::Remedy;
use crate::placement::snapshot::NodeIndex;
use crate::placement::topology::{Topologies, Topology};

/// The constraints that must hold, and how many pods each selects where.
///
/// Upstream: `scheduler/framework/plugins/podtopologyspread.preFilterState`.
#[derive(Debug)]
pub(super) struct PodTopologySpread<'c> {
    topologies: Topologies<'c>,
    constraints: Vec<Constraint>,
}

/// A constraint and what it counts.
#[derive(Debug)]
struct Constraint {
    /// Its place in the manifest.
    index: usize,
    topology: usize,
    max_skew: i64,
    min_domains: i64,
    /// Whether the pod itself is selected.
    selects_itself: bool,
    /// Whether the pod counts once it is placed; a selector that selects everything counts nothing.
    counts_itself: bool,
    counts: Counts,
    /// Which pods are selected.
    selected: ByShape<bool>,
}

#[derive(Debug)]
enum Counts {
    /// Only nodes that the pod may run on count, and a daemon pod may run on one: the count of a domain is that of the node. `None` where
    /// the node does not count.
    OfNode(Vec<Option<i64>>),
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
struct Seen {
    /// The selected pods in the node's domain.
    here: i64,
    /// The fewest in any domain, without regard to `minDomains`.
    least: i64,
    /// How many domains there are.
    domains: i64,
}

impl Constraint {
    /// What it sees from a node without `removed` of the pods there; `None` where the node lacks the label.
    fn see(&self, topology: &Topology, node: NodeIndex, removed: i64) -> Option<Seen> {
        let domain = topology.domain(node)?;
        Some(match &self.counts {
            Counts::OfNode(counts) => match counts.get(node as usize).copied().flatten() {
                Some(count) => {
                    let here = count.saturating_sub(removed);
                    Seen { here, least: here, domains: 1 }
                }
                None => Seen { here: 0, least: 0, domains: 0 },
            },
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
    fn removed(&self, cluster: &Cluster<'_>, site: &Site<'_>) -> i64 {
        let removed = site.removed.iter().filter_map(|index| cluster.snapshot.pod(*index));
        let selected = removed.filter(|pod| self.selected.known(pod) == Some(&true));
        i64::try_from(selected.count()).unwrap_or(i64::MAX)
    }

    /// The skew with the pod.
    fn skew(&self, seen: Seen) -> i64 {
        let least = if seen.domains < self.min_domains { 0 } else { seen.least };
        seen.here.saturating_add(i64::from(self.selects_itself)).saturating_sub(least)
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
    pub(super) fn new(cluster: &Cluster<'c>) -> Option<Self> {
        let written = cluster.pod.spec.topology_spread_constraints.as_deref().unwrap_or_default();
        let hard = || written.iter().enumerate().filter(|(_, one)| one.when_unsatisfiable == "DoNotSchedule");
        hard().next()?;
        let nodes = cluster.snapshot.nodes();
        let mut topologies = Topologies::new(nodes);
        let keys: Vec<usize> = hard().map(|(_, one)| topologies.place(&one.topology_key)).collect();
        // A node counts for none of the constraints unless it has the labels of all of them.
        let indices = 0..NodeIndex::try_from(nodes.len()).unwrap_or(NodeIndex::MAX);
        let labelled: Vec<bool> = indices
            .map(|node| {
                let has = |key: &usize| topologies.get(*key).is_some_and(|one| one.domain(node).is_some());
                keys.iter().all(has)
            })
            .collect();
        let tolerated: Vec<bool> = nodes.iter().map(|node| tolerates(cluster, &node.taints)).collect();
        let constraints = hard().zip(keys).filter_map(|((index, one), key)| {
            let honors_taints = one.node_taints_policy.as_deref() == Some("Honor");
            let counting = labelled.iter().zip(&tolerated);
            let counting = counting.map(|(labelled, tolerated)| *labelled && (*tolerated || !honors_taints));
            constraint(cluster, index, one, (key, topologies.get(key)?), counting.collect())
        });
        let constraints = constraints.collect();
        Some(Self { topologies, constraints })
    }

    /// Counts the pod on a node. Returns whether that may change the answer for other nodes.
    pub(super) fn place(&mut self, node: NodeIndex) -> bool {
        let mut seen = false;
        for constraint in &mut self.constraints {
            if let Some(topology) = self.topologies.get(constraint.topology) {
                seen |= constraint.place(topology, node);
            }
        }
        seen
    }

    /// Whether all constraints admit the pod on a node.
    pub(super) fn admits(&self, node: NodeIndex) -> bool {
        self.constraints.iter().all(|constraint| {
            let seen = self.topologies.get(constraint.topology).and_then(|one| constraint.see(one, node, 0));
            seen.is_some_and(|seen| constraint.skew(seen) <= constraint.max_skew)
        })
    }
}

fn tolerates(cluster: &Cluster<'_>, taints: &[Taint]) -> bool {
    let keeps_away = |taint: &Taint| matches!(taint.effect.as_str(), "NoSchedule" | "NoExecute");
    let comparing = cluster.comparing_tolerations();
    toleration::find_matching_untolerated_taint(taints, &cluster.pod.tolerations, keeps_away, comparing)
        .is_none()
}

/// The constraint's selector as the server stores it with the pod.
///
/// Upstream: `registry/core/pod.applyMatchLabelKeys`.
fn stored_selector(cluster: &Cluster<'_>, one: &TopologySpreadConstraint) -> Option<LabelSelector> {
    let mut selector = one.label_selector.clone()?;
    if cluster.server.enabled(Gate::MatchLabelKeysInPodTopologySpread) {
        let keys = one.match_label_keys.as_deref().unwrap_or_default();
        label_keys::merge(&mut selector, keys, "In", &cluster.pod.labels);
    }
    Some(selector)
}

/// Counts what a constraint selects, on the nodes that count.
///
/// Upstream: `scheduler/framework/plugins/podtopologyspread.calPreFilterState`.
fn constraint(
    cluster: &Cluster<'_>,
    index: usize,
    one: &TopologySpreadConstraint,
    (place, topology): (usize, &Topology),
    counting: Vec<bool>,
) -> Option<Constraint> {
    let stored = stored_selector(cluster, one);
    let selector = label_selector_as_selector(stored.as_ref()).ok()?;
    let mut on_node: Vec<Option<i64>> = counting.iter().map(|counts| counts.then_some(0)).collect();
    let mut known = ByShape::new();
    for (number, pod) in (0..).zip(cluster.snapshot.pods()) {
        let Some(node) = pod.node else { continue };
        let selected = known
            .get(pod, |shape| *shape.namespace == *cluster.pod.namespace && selector.matches(&shape.labels));
        // Terminating pods do not count.
        if selected != Some(&true) || pod.terminating || selector.is_empty() || cluster.is_own(number) {
            continue;
        }
        if let Some(Some(count)) = on_node.get_mut(node as usize) {
            *count = count.saturating_add(1);
        }
    }
    let selects_itself = selector.matches(&cluster.pod.labels);
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

/// With the pod, the node's domain may have at most `maxSkew` pods more than the domain with the fewest.
///
/// Upstream: `scheduler/framework/plugins/podtopologyspread.Filter`.
pub(in crate::placement) fn filter(cluster: &Cluster<'_>, site: &Site<'_>, reasons: &mut Vec<Reason>) {
    let Some(spread) = &cluster.spread else { return };
    for constraint in &spread.constraints {
        let Some(topology) = spread.topologies.get(constraint.topology) else { continue };
        let path = pod_path(&["topologySpreadConstraints"]).index(constraint.index);
        match constraint.see(topology, site.index, constraint.removed(cluster, site)) {
            None => reasons.push(without_label(&topology.key, path)),
            Some(seen) if constraint.skew(seen) > constraint.max_skew => {
                reasons.push(uneven(site, constraint, seen, &topology.key, path));
            }
            Some(_) => {}
        }
    }
}

fn without_label(key: &str, path: FieldPath) -> Reason {
    let cause = Cause::SpreadLabel { key: key.into() };
    let reason = Reason::new(Filter::PodTopologySpread, cause, path.field("topologyKey"));
    reason.remedy(Remedy::any_label(key)).unresolvable()
}

fn uneven(site: &Site<'_>, constraint: &Constraint, seen: Seen, key: &str, path: FieldPath) -> Reason {
    let value = site.node.labels.get(key).map(String::as_str).unwrap_or_default();
    let skew = constraint.skew(seen);
    let max_skew = constraint.max_skew;
    let domains = seen.domains;
    let mut found = Skew {
        domain: Domain { key: key.into(), value: value.into() },
        here: seen.here,
        counts_itself: constraint.selects_itself,
        least: seen.least,
        skew,
        max_skew,
        too_few_domains: None,
    };
    if domains >= constraint.min_domains {
        let cause = Cause::Skew(Box::new(found));
        let reason = Reason::new(Filter::PodTopologySpread, cause, path.field("maxSkew"));
        return reason.remedy(Remedy::SetMaxSkew(skew));
    }
    found.too_few_domains = Some(TooFewDomains { domains, min_domains: constraint.min_domains });
    let would_fit =
        seen.here.saturating_add(i64::from(constraint.selects_itself)).saturating_sub(seen.least) <= max_skew;
    let remedy = match &constraint.counts {
        Counts::OfNode(_) => Remedy::IgnoreNodeAffinity,
        Counts::OfDomain { .. } if would_fit && domains > 0 => Remedy::SetMinDomains(domains),
        Counts::OfDomain { .. } => Remedy::SetMaxSkew(skew),
    };
    let cause = Cause::Skew(Box::new(found));
    Reason::new(Filter::PodTopologySpread, cause, path.field("minDomains")).remedy(remedy)
}
