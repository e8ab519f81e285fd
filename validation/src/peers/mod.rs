//! What DaemonSets mean to one another: those that are checked together, and those that a cluster has already.
//!
//! This room decides and returns data. The rules in `rules/peers/` write the findings.

pub mod alternatives;
pub mod host_ports;
pub mod labels;
pub mod selectors;
pub mod variants;

use std::cell::OnceCell;
use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::rc::Rc;

use k8s_openapi::api::apps::v1::DaemonSet;
use k8s_openapi::api::core::v1::PodSpec;

use self::labels::{CompactLabels, CompactSelector};
use crate::placement::{self, Budget, Filter, Outcome, OverBudget, Preview, Snapshot, TemplatePort};
use crate::server::Server;

/// How many other DaemonSets are compared with one; a folder of thousands must not take minutes.
pub const MAX_COMPARED: usize = 32;

/// What other DaemonSets need to know of one.
#[derive(Clone, Debug, Default)]
pub struct Peer {
    /// `metadata.namespace`.
    pub namespace: String,
    /// `metadata.name`.
    pub name: String,
    /// `spec.selector`.
    pub selector: CompactSelector,
    /// The labels of the pod template.
    pub labels: CompactLabels,
    /// The image of the first container.
    pub image: Option<String>,
    /// What the pods ask of their nodes, by label: two with the same number ask the same.
    pub asked: u64,
    /// The host ports of the pod template.
    pub ports: Vec<TemplatePort>,
    /// Where it is written, as reports show it: `agent.yaml:12`; empty where it has no place of its own.
    pub origin: String,
    /// The file of a folder in which it was found, with `/` between its parts; empty where it was named. Files of a folder may be
    /// alternatives.
    pub file: String,
    /// What would happen on each node, in the snapshot's order; empty without a preview.
    pub nodes: Vec<OnNode>,
}

/// What would happen to a DaemonSet's pod on a node, in few bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnNode {
    /// It runs.
    Runs,
    /// It would run if its host ports were free.
    NeedsPort,
    /// The answer is not known.
    Unknown,
    /// It does not run; the first filter that rejects the node.
    Rejected(Filter),
}

impl Peer {
    /// What others need to know of a DaemonSet, with its preview where there is one.
    pub fn new(daemon_set: &DaemonSet, preview: Option<&Preview>) -> Self {
        let template = &daemon_set.spec.template;
        let spec = template.spec.as_ref();
        let labels = template.metadata.as_ref().and_then(|metadata| metadata.labels.as_ref());
        let (namespace, name) = name_of(daemon_set);
        Self {
            namespace: namespace.to_owned(),
            name: name.to_owned(),
            selector: CompactSelector::new(&daemon_set.spec.selector),
            labels: CompactLabels::new(labels),
            image: spec.and_then(|spec| spec.containers.first()).and_then(|one| one.image.clone()),
            asked: spec.map(asked_of_nodes).unwrap_or_default(),
            ports: spec.map(placement::template_ports).unwrap_or_default(),
            origin: String::new(),
            file: String::new(),
            nodes: preview.map(on_nodes).unwrap_or_default(),
        }
    }

    /// Whether both are the same object.
    pub fn is(&self, other: &Self) -> bool {
        self.namespace == other.namespace && self.name == other.name
    }
}

/// A number for the node selector and the required node affinity of the pods; 0 if they have none.
fn asked_of_nodes(spec: &PodSpec) -> u64 {
    let affinity = spec.affinity.as_ref().and_then(|affinity| affinity.node_affinity.as_ref());
    let required =
        affinity.and_then(|nodes| nodes.required_during_scheduling_ignored_during_execution.as_ref());
    let selector = spec.node_selector.as_ref().filter(|labels| !labels.is_empty());
    if required.is_none() && selector.is_none() {
        return 0;
    }
    let mut hasher = DefaultHasher::new();
    format!("{selector:?} {required:?}").hash(&mut hasher);
    hasher.finish()
}

fn on_nodes(preview: &Preview) -> Vec<OnNode> {
    preview.verdicts.iter().map(|verdict| OnNode::of(&verdict.outcome)).collect()
}

impl OnNode {
    fn of(outcome: &Outcome) -> Self {
        match outcome {
            Outcome::Runs => Self::Runs,
            Outcome::Unknown(_) => Self::Unknown,
            Outcome::Pending(reasons) if reasons.iter().all(|reason| reason.filter == Filter::NodePorts) => {
                Self::NeedsPort
            }
            Outcome::Refused(reasons) | Outcome::Pending(reasons) | Outcome::NotWanted(reasons) => {
                match reasons.first() {
                    Some(first) => Self::Rejected(first.filter),
                    None => Self::Unknown,
                }
            }
        }
    }
}

/// Several DaemonSets: first those that are checked, then those that only the cluster has. A DaemonSet that is checked replaces the
/// cluster's of the same name.
#[derive(Debug)]
pub struct Peers<'p> {
    checked: Vec<&'p Peer>,
    /// Shared, because both versions of a DaemonSet stand beside the same others.
    stored: Rc<Vec<Stored<'p>>>,
    cluster: Option<Cluster<'p>>,
    /// How many nodes of a group a message names.
    pub named_nodes: usize,
}

#[derive(Clone, Copy, Debug)]
struct Cluster<'p> {
    snapshot: &'p Snapshot,
    server: &'p Server,
    budget: Option<&'p Budget>,
}

/// A DaemonSet of the cluster. Most are in another namespace and use no host port, so what others need to know of it, and its preview, are
/// only made when they are asked for.
#[derive(Debug)]
struct Stored<'p> {
    daemon_set: &'p DaemonSet,
    peer: OnceCell<Peer>,
    nodes: OnceCell<Vec<OnNode>>,
}

impl<'p> Peers<'p> {
    /// DaemonSets without a cluster.
    pub fn without_cluster(checked: Vec<&'p Peer>) -> Self {
        Self { checked, stored: Rc::default(), cluster: None, named_nodes: 1 }
    }

    /// DaemonSets on a cluster; those that are checked have a preview on its nodes.
    pub fn on_cluster(
        checked: Vec<&'p Peer>,
        snapshot: &'p Snapshot,
        server: &'p Server,
        named_nodes: usize,
    ) -> Self {
        Self::of_cluster(checked, Cluster { snapshot, server, budget: None }, named_nodes)
    }

    /// The same within a budget. Once it is over, what is found is incomplete: ask it with [`Budget::check`] afterwards.
    pub fn on_cluster_within(
        checked: Vec<&'p Peer>,
        snapshot: &'p Snapshot,
        server: &'p Server,
        named_nodes: usize,
        budget: &'p Budget,
    ) -> Self {
        Self::of_cluster(checked, Cluster { snapshot, server, budget: Some(budget) }, named_nodes)
    }

    fn of_cluster(checked: Vec<&'p Peer>, cluster: Cluster<'p>, named_nodes: usize) -> Self {
        let replaced: HashSet<(&str, &str)> =
            checked.iter().map(|one| (&*one.namespace, &*one.name)).collect();
        let stored = cluster
            .snapshot
            .daemon_sets()
            .iter()
            .filter(|stored| !replaced.contains(&name_of(stored)))
            .map(|daemon_set| Stored { daemon_set, peer: OnceCell::new(), nodes: OnceCell::new() })
            .collect();
        Self { checked, stored: Rc::new(stored), cluster: Some(cluster), named_nodes }
    }

    /// The same with `one`, another version of the only DaemonSet that is checked, and with a budget of its own. What is known of the others
    /// is shared.
    pub fn with<'q>(&self, one: &'q Peer, budget: &'q Budget) -> Peers<'q>
    where
        'p: 'q,
    {
        Peers {
            checked: vec![one],
            stored: self.stored.clone(),
            cluster: self.cluster.map(|cluster| Cluster { budget: Some(budget), ..cluster }),
            named_nodes: self.named_nodes,
        }
    }

    /// How many are checked; their places come first.
    pub fn checked(&self) -> usize {
        self.checked.len()
    }

    /// How many there are in all.
    pub fn len(&self) -> usize {
        self.checked.len().saturating_add(self.stored.len())
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether the DaemonSet at `place` is one that only the cluster has.
    pub fn is_stored(&self, place: usize) -> bool {
        place >= self.checked.len()
    }

    /// The DaemonSet at `place`.
    pub fn get(&self, place: usize) -> Option<&Peer> {
        match place.checked_sub(self.checked.len()) {
            None => self.checked.get(place).copied(),
            Some(stored) => self.stored.get(stored).map(Stored::peer),
        }
    }

    /// All of them with their places.
    pub fn iter(&self) -> impl Iterator<Item = (usize, &Peer)> {
        self.checked.iter().copied().chain(self.stored.iter().map(Stored::peer)).enumerate()
    }

    /// Those of the namespaces of the DaemonSets that are checked, with their places.
    fn in_their_namespaces(&self) -> impl Iterator<Item = (usize, &Peer)> {
        let namespaces: HashSet<&str> = self.checked.iter().map(|one| &*one.namespace).collect();
        let first = self.checked.len();
        let stored = (first..).zip(&*self.stored);
        let near = stored.filter(move |(_, stored)| namespaces.contains(name_of(stored.daemon_set).0));
        let near = near.map(|(place, stored)| (place, stored.peer()));
        self.checked.iter().copied().enumerate().chain(near)
    }

    /// Spends work of the budget, and says whether any is left.
    fn spend(&self, units: usize) -> bool {
        let budget = self.cluster.and_then(|cluster| cluster.budget);
        budget.is_none_or(|budget| budget.spend_for(units.saturating_add(1)).is_ok())
    }

    /// How many nodes the cluster has; 0 without a cluster.
    pub fn node_count(&self) -> usize {
        self.cluster.map_or(0, |cluster| cluster.snapshot.nodes().len())
    }

    /// The name of a node; empty where there is no such node.
    pub fn node_name(&self, node: usize) -> &str {
        let nodes = self.cluster.map(|cluster| cluster.snapshot.nodes());
        nodes.and_then(|nodes| nodes.get(node)).map(|node| &*node.name).unwrap_or_default()
    }

    /// What would happen to the pods of the DaemonSet at `place` on each node.
    pub fn nodes(&self, place: usize) -> &[OnNode] {
        let Some(stored) = place.checked_sub(self.checked.len()) else {
            return self.checked.get(place).map(|one| one.nodes.as_slice()).unwrap_or_default();
        };
        let (Some(stored), Some(cluster)) = (self.stored.get(stored), self.cluster) else { return &[] };
        stored.nodes.get_or_init(|| {
            let Cluster { snapshot, server, budget } = cluster;
            match budget {
                None => {
                    let budget = Budget::unbounded();
                    let preview = placement::explain_kept(stored.daemon_set, snapshot, server, &budget);
                    preview.as_ref().map(on_nodes).unwrap_or_default()
                }
                // One that is there already and takes too much work is not compared, and costs the others nothing.
                Some(budget) => {
                    let of_one = budget.left().checked_div(MAX_COMPARED as u64).unwrap_or_default();
                    let of_one = budget.of_same_time(of_one);
                    let preview = placement::explain_kept(stored.daemon_set, snapshot, server, &of_one);
                    if matches!(preview, Err(OverBudget::Time)) {
                        // It asks for the time itself.
                        let _ = budget.spend(budget.left());
                    }
                    preview.as_ref().map(on_nodes).unwrap_or_default()
                }
            }
        })
    }

    /// The nodes for which `holds` is true of what would happen to both, by place in the snapshot.
    fn nodes_where(&self, one: usize, other: usize, holds: impl Fn(OnNode, OnNode) -> bool) -> Vec<usize> {
        let both = self.nodes(one).iter().zip(self.nodes(other)).enumerate();
        both.filter(|(_, (one, other))| holds(**one, **other)).map(|(node, _)| node).collect()
    }
}

impl Stored<'_> {
    fn peer(&self) -> &Peer {
        self.peer.get_or_init(|| Peer::new(self.daemon_set, None))
    }
}

/// Namespace and name.
fn name_of(daemon_set: &DaemonSet) -> (&str, &str) {
    let metadata = &daemon_set.metadata;
    (metadata.namespace.as_deref().unwrap_or("default"), metadata.name.as_deref().unwrap_or_default())
}
