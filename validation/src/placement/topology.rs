//! Topology domains: the nodes by the values of a label.

use std::collections::{HashMap, HashSet};

use super::snapshot::{NodeIndex, Snapshot};

/// The nodes by the value of one label: a zone, a rack, a host.
#[derive(Debug)]
pub(super) struct Topology {
    /// The label.
    pub(super) key: Box<str>,
    /// How many values it has.
    pub(super) domains: usize,
    /// The domain of each node, or [`NO_DOMAIN`]. Empty where no node has the label.
    by_node: Vec<u32>,
}

/// The node lacks the label.
const NO_DOMAIN: u32 = u32::MAX;

impl Topology {
    fn new(key: &str, snapshot: &Snapshot) -> Self {
        let mut known: HashMap<&str, u32> = HashMap::new();
        let by_node = snapshot.nodes().iter().map(|node| {
            let Some(value) = node.labels.get(key) else { return NO_DOMAIN };
            let next = u32::try_from(known.len()).unwrap_or(NO_DOMAIN);
            *known.entry(value).or_insert(next)
        });
        let by_node = by_node.collect();
        let domains = known.len();
        Self { key: Box::from(key), domains, by_node: if domains == 0 { Vec::new() } else { by_node } }
    }

    /// The domain of a node.
    pub(super) fn domain(&self, node: NodeIndex) -> Option<usize> {
        let domain = self.by_node.get(node as usize).copied().filter(|domain| *domain != NO_DOMAIN);
        domain.and_then(|domain| usize::try_from(domain).ok())
    }

    /// Whether no node has the label.
    pub(super) const fn is_nowhere(&self) -> bool {
        self.domains == 0
    }
}

/// The topologies in use, each computed once.
#[derive(Debug)]
pub(super) struct Topologies<'c> {
    snapshot: &'c Snapshot,
    list: Vec<Topology>,
    by_key: HashMap<Box<str>, usize>,
    /// The labels that nodes have, read when many topologies are asked for: most of them are of no node then.
    keys: Option<HashSet<&'c str>>,
}

/// With so many topologies the labels of all nodes are read.
const MANY: usize = 16;

impl<'c> Topologies<'c> {
    /// No topologies yet.
    pub(super) fn new(snapshot: &'c Snapshot) -> Self {
        Self { snapshot, list: Vec::new(), by_key: HashMap::new(), keys: None }
    }

    /// The index of a label's topology.
    pub(super) fn place(&mut self, key: &str) -> usize {
        if let Some(place) = self.by_key.get(key) {
            return *place;
        }
        let made = if self.is_of_a_node(key) {
            Topology::new(key, self.snapshot)
        } else {
            Topology { key: Box::from(key), domains: 0, by_node: Vec::new() }
        };
        let place = self.list.len();
        self.list.push(made);
        self.by_key.insert(Box::from(key), place);
        place
    }

    fn is_of_a_node(&mut self, key: &str) -> bool {
        if self.list.len() < MANY {
            return true;
        }
        let nodes = self.snapshot.nodes();
        let keys = self.keys.get_or_insert_with(|| {
            nodes.iter().flat_map(|node| node.labels.keys().map(String::as_str)).collect()
        });
        keys.contains(key)
    }

    /// A topology by its index.
    pub(super) fn get(&self, place: usize) -> Option<&Topology> {
        self.list.get(place)
    }
}
