//! What nodes have in common and few other nodes have: the labels and taints by which a group of nodes can be named.

use std::cmp::Reverse;
use std::collections::HashMap;

use super::snapshot::{List, Node};

/// A label or a taint of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Trait<'s> {
    /// A label: key and value.
    Label(&'s str, &'s str),
    /// A taint: key and effect.
    Taint(&'s str, &'s str),
}

/// The traits of all nodes of a snapshot.
#[derive(Debug, Default)]
pub struct Traits<'s> {
    /// The traits that several nodes have, but not all.
    all: Vec<Trait<'s>>,
    /// For each trait its nodes, in ascending order.
    bearers: Vec<Vec<usize>>,
    /// For each node its traits, in ascending order.
    of_node: Vec<Vec<usize>>,
}

/// What a group of nodes shares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shared<'s> {
    /// One or two traits that every node of the group has.
    pub traits: Vec<Trait<'s>>,
    /// How many nodes of the snapshot have them all; at least as many as the group has.
    pub bearers: usize,
}

/// The number of traits that are tried in pairs.
const PAIRED: usize = 6;

impl<'s> Traits<'s> {
    /// The traits of these nodes.
    pub fn new(nodes: &'s List<Node>) -> Self {
        let mut numbers: HashMap<Trait<'s>, usize> = HashMap::new();
        let mut bearers: Vec<Vec<usize>> = Vec::new();
        for (index, node) in nodes.iter().enumerate() {
            let labels = node.labels.iter().map(|(key, value)| Trait::Label(key, value));
            let taints = node.taints.iter().map(|taint| Trait::Taint(&taint.key, &taint.effect));
            for found in labels.chain(taints) {
                let next = numbers.len();
                let number = *numbers.entry(found).or_insert(next);
                if number == bearers.len() {
                    bearers.push(Vec::new());
                }
                if let Some(bearers) = bearers.get_mut(number)
                    && bearers.last() != Some(&index)
                {
                    bearers.push(index);
                }
            }
        }
        // What one node has is its own, like its name, and what all nodes have distinguishes none.
        let mut kept: Vec<(Trait<'s>, Vec<usize>)> = Vec::new();
        let mut numbered: Vec<(Trait<'s>, usize)> = numbers.into_iter().collect();
        numbered.sort_unstable();
        for (one, number) in numbered {
            let bearers = bearers.get_mut(number).map(std::mem::take).unwrap_or_default();
            if bearers.len() > 1 && bearers.len() < nodes.len() {
                kept.push((one, bearers));
            }
        }
        let mut of_node = vec![Vec::new(); nodes.len()];
        for (number, (_, bearers)) in kept.iter().enumerate() {
            for node in bearers {
                if let Some(traits) = of_node.get_mut(*node) {
                    traits.push(number);
                }
            }
        }
        let (all, bearers) = kept.into_iter().unzip();
        Self { all, bearers, of_node }
    }

    /// The trait, or the two traits, that every node of the group has and the fewest other nodes have. `None` if twice as many nodes
    /// have them. `group` has the places of the nodes.
    pub fn shared(&self, group: &[usize]) -> Option<Shared<'s>> {
        let (first, rest) = group.split_first()?;
        let mut candidates: Vec<usize> = self.of_node.get(*first)?.clone();
        for node in rest {
            let own = self.of_node.get(*node)?;
            candidates.retain(|number| own.binary_search(number).is_ok());
            if candidates.is_empty() {
                return None;
            }
        }
        candidates.sort_by_key(|number| (self.count(*number), self.rank(*number)));
        let best = *candidates.first()?;
        let mut bearers = self.count(best);
        let mut numbers = vec![best];
        if bearers > group.len() {
            let (fewer, pair) = self.pair(&candidates);
            if fewer < bearers {
                (bearers, numbers) = (fewer, pair);
            }
        }
        if bearers >= group.len().saturating_mul(2) {
            return None;
        }
        let traits = numbers.iter().filter_map(|number| self.all.get(*number).copied()).collect();
        Some(Shared { traits, bearers })
    }

    /// The pair of these traits that the fewest nodes have, with their number.
    fn pair(&self, candidates: &[usize]) -> (usize, Vec<usize>) {
        let mut best = (usize::MAX, Vec::new());
        let few = candidates.get(..PAIRED).unwrap_or(candidates);
        for (place, one) in few.iter().enumerate() {
            for other in few.iter().skip(place.saturating_add(1)) {
                let both = self.nodes_of(*one).iter().filter(|node| {
                    self.of_node.get(**node).is_some_and(|own| own.binary_search(other).is_ok())
                });
                let count = both.count();
                if count < best.0 {
                    best = (count, vec![*one, *other]);
                }
            }
        }
        best
    }

    fn nodes_of(&self, number: usize) -> &[usize] {
        self.bearers.get(number).map(Vec::as_slice).unwrap_or_default()
    }

    fn count(&self, number: usize) -> usize {
        self.nodes_of(number).len()
    }

    /// Of traits that the same number of nodes have, the one with the lowest rank names them best.
    fn rank(&self, number: usize) -> (u8, Reverse<bool>, usize) {
        match self.all.get(number) {
            Some(Trait::Label(key, value)) => (rank_of_key(key), Reverse(!value.is_empty()), key.len()),
            Some(Trait::Taint(key, _)) => (6, Reverse(false), key.len()),
            None => (u8::MAX, Reverse(false), 0),
        }
    }
}

/// Pools are what people name nodes by; then roles, their own labels, and what Kubernetes says of a node.
fn rank_of_key(key: &str) -> u8 {
    let (domain, name) = key.rsplit_once('/').unwrap_or(("", key));
    let name = name.to_ascii_lowercase();
    if domain.starts_with("beta.") || domain.starts_with("failure-domain.beta.") {
        return 8;
    }
    if name.contains("pool") || name.contains("nodegroup") || name.contains("node-group") {
        return 0;
    }
    match (domain, name.as_str()) {
        ("node-role.kubernetes.io", _) | (_, "role") => 1,
        ("", _) => 2,
        (_, "instance-type") => 3,
        (_, "zone") => 4,
        (_, "arch" | "os") => 5,
        _ => 7,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matching::Labels;
    use k8s_openapi::api::core::v1::Taint;

    /// Nodes with the labels of a line each: `a=1 b=2`. A word with a `!` is a taint.
    fn shared(nodes: &[&str], group: &[usize]) -> Option<(String, usize)> {
        let one = |(index, words): (usize, &&str)| {
            let name = format!("n{index}");
            let mut labels = Labels::from([("kubernetes.io/hostname".to_owned(), name.clone())]);
            let mut taints = Vec::new();
            for word in words.split(' ') {
                match word.split_once('=') {
                    Some((key, value)) => _ = labels.insert(key.to_owned(), value.to_owned()),
                    None => taints.push(Taint {
                        key: word.trim_end_matches('!').to_owned(),
                        effect: "NoSchedule".to_owned(),
                        ..Taint::default()
                    }),
                }
            }
            Node {
                name: name.into(),
                labels,
                taints,
                unschedulable: false,
                allocatable: None,
                ready: None,
                declared_features: Box::default(),
            }
        };
        let nodes: List<Node> = nodes.iter().enumerate().map(one).collect();
        let shared = Traits::new(&nodes).shared(group)?;
        let one = |found: &Trait<'_>| match found {
            Trait::Label(key, value) => format!("{key}={value}"),
            Trait::Taint(key, _) => format!("{key}!"),
        };
        Some((shared.traits.iter().map(one).collect::<Vec<_>>().join(" "), shared.bearers))
    }

    fn found(text: &str, bearers: usize) -> Option<(String, usize)> {
        Some((text.to_owned(), bearers))
    }

    #[test]
    fn a_pool_names_its_nodes() {
        let nodes = ["pool=gpu gpu=true nvidia!", "pool=gpu gpu=true nvidia!", "pool=web", "pool=web"];
        assert_eq!(shared(&nodes, &[0, 1]), found("pool=gpu", 2));
        assert_eq!(shared(&nodes, &[2, 3]), found("pool=web", 2));
        assert_eq!(shared(&nodes, &[0, 2]), None);
        assert_eq!(shared(&["spot! os=l", "spot! os=l", "os=l"], &[0, 1]), found("spot!", 2));
    }

    #[test]
    fn the_fewest_other_nodes_count_more_than_the_pool() {
        let nodes = ["pool=a zone=x", "pool=a zone=x", "pool=a zone=y", "pool=a zone=y", "pool=b zone=z"];
        assert_eq!(shared(&nodes, &[0, 1]), found("zone=x", 2));
        let nodes = ["pool=a", "pool=a", "pool=a", "pool=b"];
        assert_eq!(shared(&nodes, &[0, 1]), found("pool=a", 3));
    }

    #[test]
    fn two_labels_name_what_one_does_not() {
        let nodes = ["pool=a zone=x", "pool=a zone=x", "pool=a zone=y", "pool=b zone=x", "pool=b zone=y"];
        assert_eq!(shared(&nodes, &[0, 1]), found("pool=a zone=x", 2));
    }

    #[test]
    fn what_all_or_one_have_names_no_group() {
        assert_eq!(shared(&["os=l", "os=l", "os=l"], &[0, 1]), None);
        let many = ["a=1", "a=1", "a=1", "a=1", "b=1"];
        assert_eq!(shared(&many, &[0, 1]), None);
        assert_eq!(shared(&many, &[]), None);
    }
}
