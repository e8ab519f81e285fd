//! Nodes whose pods wait for pods of the same DaemonSet on other nodes.

use std::collections::{BTreeSet, HashMap};
use std::ops::Bound;

use super::block::Block;
use super::cluster::Cluster;
use super::snapshot::NodeIndex;

/// The nodes whose pods are pending, in passes: each pass asks them in their order. A node is not asked again before a pod is placed that may
/// make a difference to it, so that the work does not grow with the number of passes.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    /// The nodes that are to be asked, in this pass or in the next.
    open: BTreeSet<NodeIndex>,
    /// The node that was asked last in this pass.
    last: Option<NodeIndex>,
    /// Whether a pod was placed in this pass.
    placed: bool,
    /// The nodes that wait for a wanted pod in their domain.
    near: HashMap<(usize, usize), Vec<NodeIndex>>,
    /// The nodes that wait for room in their domain, by constraint and domain.
    even: HashMap<usize, HashMap<usize, BTreeSet<NodeIndex>>>,
    /// Nodes that are asked for all of their domain.
    first: HashMap<NodeIndex, (usize, usize)>,
    /// The fewest pods of a domain, for each constraint, when it was looked at last.
    fewest: Vec<i64>,
}

impl Waiting {
    /// Nodes that are all to be asked.
    pub(super) fn new(nodes: Vec<NodeIndex>, cluster: &Cluster<'_>) -> Self {
        Self { open: nodes.into_iter().collect(), fewest: fewest(cluster), ..Self::default() }
    }

    /// The next node to ask; `None` where a pass has placed no pod.
    pub(super) fn next(&mut self) -> Option<NodeIndex> {
        let behind = self.last.map_or(Bound::Unbounded, Bound::Excluded);
        let next = self.open.range((behind, Bound::Unbounded)).next().copied();
        let next = match next {
            Some(next) => next,
            None if self.placed => {
                self.placed = false;
                self.open.first().copied()?
            }
            None => return None,
        };
        self.open.remove(&next);
        self.last = Some(next);
        Some(next)
    }

    /// The node cannot run the pod now.
    pub(super) fn block(&mut self, node: NodeIndex, block: Block, cluster: &Cluster<'_>) {
        match block {
            Block::Lasting => {}
            Block::Near(terms, domain) => self.near.entry((terms, domain)).or_default().push(node),
            Block::Even(constraint, domain) => {
                self.even.entry(constraint).or_default().entry(domain).or_default().insert(node);
            }
        }
        self.follow(node, cluster);
    }

    /// The node may be asked again in the next pass.
    pub(super) fn keep(&mut self, node: NodeIndex, cluster: &Cluster<'_>) {
        self.open.insert(node);
        self.follow(node, cluster);
    }

    /// The pod was placed on the node.
    pub(super) fn place(&mut self, node: NodeIndex, cluster: &Cluster<'_>) {
        self.placed = true;
        for domain in cluster.affinity.iter().flat_map(|affinity| affinity.near(node)) {
            self.open.extend(self.near.remove(&domain).into_iter().flatten());
        }
        let before = std::mem::replace(&mut self.fewest, fewest(cluster));
        let changed = before.iter().zip(&self.fewest).enumerate().filter(|(_, (before, now))| before != now);
        let groups: Vec<(usize, usize)> = changed
            .filter_map(|(constraint, _)| Some((constraint, self.even.get(&constraint)?)))
            .flat_map(|(constraint, domains)| domains.keys().map(move |domain| (constraint, *domain)))
            .collect();
        for group in groups {
            self.open_one(group, cluster);
        }
        self.follow(node, cluster);
    }

    /// Behind a node that was asked for all of its domain, the next one of the domain is asked, if there is still room.
    fn follow(&mut self, node: NodeIndex, cluster: &Cluster<'_>) {
        if let Some(group) = self.first.remove(&node) {
            self.open_one(group, cluster);
        }
    }

    /// Opens the next node that waits for room by a constraint in a domain, if there is room.
    fn open_one(&mut self, (constraint, domain): (usize, usize), cluster: &Cluster<'_>) {
        if !cluster.spread.as_ref().is_some_and(|spread| spread.has_room(constraint, domain)) {
            return;
        }
        let Some(domains) = self.even.get_mut(&constraint) else { return };
        let Some(nodes) = domains.get_mut(&domain) else { return };
        let behind = self.last.map_or(Bound::Unbounded, Bound::Excluded);
        let next = nodes.range((behind, Bound::Unbounded)).next().or_else(|| nodes.first()).copied();
        let Some(next) = next else { return };
        nodes.remove(&next);
        if nodes.is_empty() {
            domains.remove(&domain);
        }
        self.open.insert(next);
        self.first.insert(next, (constraint, domain));
    }
}

fn fewest(cluster: &Cluster<'_>) -> Vec<i64> {
    cluster.spread.iter().flat_map(|spread| spread.fewest()).collect()
}
