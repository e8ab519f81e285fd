//! Topology domains: the nodes by the values of a label.

use std::collections::HashMap;

use super::snapshot::{Node, NodeIndex};

/// The nodes by the value of one label: a zone, a rack, a host.
#[derive(Debug)]
pub(super) struct Topology {
    /// The label.
    pub(super) key: Box<str>,
    /// How many values it has.
    pub(super) domains: usize,
    /// The domain of each node; `None` where it lacks the label.
    by_node: Vec<Option<usize>>,
}

impl Topology {
    fn new(key: &str, nodes: &[Node]) -> Self {
        let mut known: HashMap<&str, usize> = HashMap::new();
        let by_node = nodes.iter().map(|node| {
            let value = node.labels.get(key)?;
            let next = known.len();
            Some(*known.entry(value).or_insert(next))
        });
        let by_node = by_node.collect();
        Self { key: Box::from(key), domains: known.len(), by_node }
    }

    /// The domain of a node.
    pub(super) fn domain(&self, node: NodeIndex) -> Option<usize> {
        self.by_node.get(node as usize).copied().flatten()
    }
}

/// The topologies in use, each computed once.
#[derive(Debug)]
pub(super) struct Topologies<'c> {
    nodes: &'c [Node],
    list: Vec<Topology>,
}

impl<'c> Topologies<'c> {
    /// No topologies yet.
    pub(super) const fn new(nodes: &'c [Node]) -> Self {
        Self { nodes, list: Vec::new() }
    }

    /// The index of a label's topology.
    pub(super) fn place(&mut self, key: &str) -> usize {
        if let Some(place) = self.list.iter().position(|topology| &*topology.key == key) {
            return place;
        }
        self.list.push(Topology::new(key, self.nodes));
        self.list.len().saturating_sub(1)
    }

    /// A topology by its index.
    pub(super) fn get(&self, place: usize) -> Option<&Topology> {
        self.list.get(place)
    }
}
