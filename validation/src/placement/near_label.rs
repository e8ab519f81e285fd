//! Labels that nodes carry and that a selector probably means.
//!
//! Only slips of the pen count: `genral` for `general`, `nodepool` for `node-pool`, an old name of a label. `east` for `west` and `pool-1`
//! for `pool-2` are other values, and `gpu` is not `cpu`.

use std::collections::{BTreeMap, BTreeSet};

use super::snapshot::{List, Node};

/// A label that nodes carry.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct NearLabel {
    /// Its key.
    pub key: Box<str>,
    /// Its value; `None` where any value is meant.
    pub value: Option<Box<str>>,
    /// How many nodes have it.
    pub nodes: usize,
}

/// Keys that were renamed: the old one, and the one that nodes have now.
const RENAMED: &[(&str, &str)] = &[
    ("beta.kubernetes.io/arch", "kubernetes.io/arch"),
    ("beta.kubernetes.io/instance-type", "node.kubernetes.io/instance-type"),
    ("beta.kubernetes.io/os", "kubernetes.io/os"),
    ("failure-domain.beta.kubernetes.io/region", "topology.kubernetes.io/region"),
    ("failure-domain.beta.kubernetes.io/zone", "topology.kubernetes.io/zone"),
    ("node-role.kubernetes.io/controlplane", "node-role.kubernetes.io/control-plane"),
    ("node-role.kubernetes.io/master", "node-role.kubernetes.io/control-plane"),
];

/// The label that `key` with one of the values probably means; without values any value of the key is meant. `None` where a node has what
/// is written, so that it is no slip.
pub(super) fn near_label(nodes: &List<Node>, key: &str, wanted: &[&str]) -> Option<NearLabel> {
    let mut of_key: BTreeMap<&str, usize> = BTreeMap::new();
    for value in nodes.iter().filter_map(|node| node.labels.get(key)) {
        let count = of_key.entry(value).or_default();
        *count = count.saturating_add(1);
    }
    let is_carried = if wanted.is_empty() {
        !of_key.is_empty()
    } else {
        wanted.iter().any(|value| of_key.contains_key(value))
    };
    if is_carried {
        return None;
    }
    let value = wanted.iter().find_map(|wanted| most(&of_key, |value| is_slip(wanted, value)));
    if let Some((value, nodes)) = value {
        return Some(NearLabel { key: key.into(), value: Some(value.into()), nodes });
    }
    if !of_key.is_empty() {
        return None;
    }
    near_key(nodes, key, wanted)
}

/// The same where no node has the key: of the keys that it may be, the one whose value is wanted and that most nodes have.
fn near_key(nodes: &List<Node>, key: &str, wanted: &[&str]) -> Option<NearLabel> {
    let keys: BTreeSet<&str> = nodes.iter().flat_map(|node| node.labels.keys().map(String::as_str)).collect();
    let is_renamed = |other: &str| RENAMED.contains(&(key, other));
    let near: Vec<&str> =
        keys.into_iter().filter(|other| is_renamed(other) || is_slip_of_key(key, other)).collect();
    let mut counts: BTreeMap<(&str, Option<&str>), usize> = BTreeMap::new();
    for node in nodes {
        for key in &near {
            let Some(value) = node.labels.get(*key) else { continue };
            let is_meant = |wanted: &&str| *wanted == value || is_slip(wanted, value);
            let value = match wanted {
                [] => None,
                _ if wanted.iter().any(is_meant) => Some(value.as_str()),
                // The role is in the key, and its value differs between installers.
                _ if key.starts_with("node-role.kubernetes.io/") => Some(value.as_str()),
                _ => continue,
            };
            let count = counts.entry((key, value)).or_default();
            *count = count.saturating_add(1);
        }
    }
    let ((key, value), nodes) = counts.into_iter().max_by_key(|(_, nodes)| *nodes)?;
    Some(NearLabel { key: key.into(), value: value.map(Into::into), nodes })
}

/// The entry that most nodes have, of those that `holds`.
fn most<'v>(counts: &BTreeMap<&'v str, usize>, holds: impl Fn(&str) -> bool) -> Option<(&'v str, usize)> {
    let found = counts.iter().filter(|(value, _)| holds(value));
    found.max_by_key(|(_, nodes)| **nodes).map(|(value, nodes)| (*value, *nodes))
}

/// The longest word that is compared, in bytes: no label's value is longer.
const LONGEST: usize = 63;

/// Whether a key is a misspelling of another: of its name, of its prefix, or with another prefix.
fn is_slip_of_key(written: &str, other: &str) -> bool {
    let parts = |key: &'_ str| match key.rsplit_once('/') {
        Some((prefix, name)) => (prefix.to_owned(), name.to_owned()),
        None => (String::new(), key.to_owned()),
    };
    let ((prefix, name), (other_prefix, other_name)) = (parts(written), parts(other));
    let same_name = plain(&name) == plain(&other_name);
    if prefix == other_prefix {
        return same_name || is_slip(&name, &other_name);
    }
    // A role is often written without its prefix, and the prefix of a domain is often misspelt.
    same_name && (prefix.is_empty() || other_prefix.is_empty() || is_slip(&prefix, &other_prefix))
}

/// Lowercase, without what separates words.
fn plain(word: &str) -> String {
    word.chars().filter(|c| !matches!(c, '-' | '_' | '.')).flat_map(char::to_lowercase).collect()
}

/// Whether a word is probably a misspelling of another one.
fn is_slip(written: &str, other: &str) -> bool {
    if written == other || written.len() > LONGEST || other.len() > LONGEST {
        return false;
    }
    let (written, other) = (written.trim(), other.trim());
    if plain(written) == plain(other) {
        return true;
    }
    let digits = |word: &str| word.chars().filter(char::is_ascii_digit).collect::<String>();
    if digits(written) != digits(other) {
        return false;
    }
    let (written, other): (Vec<char>, Vec<char>) =
        (written.to_lowercase().chars().collect(), other.to_lowercase().chars().collect());
    let shorter = written.len().min(other.len());
    let distance = strsim::generic_damerau_levenshtein(&written, &other);
    if written.len() == other.len() {
        let differing: Vec<usize> = (0..)
            .zip(written.iter().zip(&other))
            .filter(|(_, (one, two))| one != two)
            .map(|(at, _)| at)
            .collect();
        return match differing.as_slice() {
            // One letter for another is a slip inside a word. At its ends it tells one value from the next: `zone-a`, `zone-b`.
            [at] => shorter >= 5 && *at > 0 && at.saturating_add(1) < written.len(),
            // Two letters that changed places.
            [one, two] => distance == 1 && one.saturating_add(1) == *two && shorter >= 3,
            _ => false,
        };
    }
    (shorter >= 4 && distance == 1) || (shorter >= 6 && distance == 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nodes(labels: &[&[(&str, &str)]]) -> List<Node> {
        let node = |labels: &&[(&str, &str)]| Node {
            labels: labels.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect(),
            ..Node::default()
        };
        labels.iter().map(node).collect()
    }

    #[test]
    fn slips_are_told_from_other_values() {
        for (written, other) in [
            ("genral", "general"),
            ("gernal", "general"),
            ("generla", "general"),
            ("General", "general"),
            ("compute_optimized", "compute-optimized"),
            ("wroker", "worker"),
            ("warker", "worker"),
            ("productoin", "production"),
            ("sds", "ssd"),
        ] {
            assert!(is_slip(written, other), "{written} {other}");
        }
        for (written, other) in [
            ("gpu", "cpu"),
            ("sdd", "ssd"),
            ("ssd", "hdd"),
            ("zone-a", "zone-b"),
            ("eu-west-1", "eu-east-1"),
            ("pool-1", "pool-2"),
            ("pool-1", "pool-11"),
            ("m5.large", "m6.large"),
            ("prod", "test"),
            ("infra", "infra-gpu"),
            ("true", "false"),
            ("amd64", "arm64"),
        ] {
            assert!(!is_slip(written, other), "{written} {other}");
        }
    }

    #[test]
    fn a_label_that_nodes_carry_is_found_by_value_or_by_key() {
        let cluster = nodes(&[
            &[("pool", "general"), ("kubernetes.io/os", "linux"), ("example.com/disk", "ssd")],
            &[("pool", "general"), ("kubernetes.io/os", "linux"), ("node-role.kubernetes.io/worker", "")],
            &[("pool", "infra"), ("node-role.kubernetes.io/control-plane", "")],
        ]);
        let near = |key: &str, wanted: &[&str]| {
            let near = near_label(&cluster, key, wanted)?;
            Some((near.key.to_string(), near.value.map(|value| value.to_string()), near.nodes))
        };
        let found = |key: &str, value: &str, nodes| Some((key.to_owned(), Some(value.to_owned()), nodes));
        assert_eq!(near("pool", &["genral"]), found("pool", "general", 2));
        assert_eq!(near("poool", &["general"]), found("pool", "general", 2));
        assert_eq!(near("Pool", &["infra"]), found("pool", "infra", 1));
        assert_eq!(near("disk", &["ssd"]), found("example.com/disk", "ssd", 1));
        assert_eq!(near("beta.kubernetes.io/os", &["linux"]), found("kubernetes.io/os", "linux", 2));
        assert_eq!(near("kubernets.io/os", &["linux"]), found("kubernetes.io/os", "linux", 2));
        assert_eq!(
            near("node-role.kubernetes.io/master", &["true"]),
            found("node-role.kubernetes.io/control-plane", "", 1)
        );
        assert_eq!(
            near("node-role.kubernetes.io/wroker", &[]),
            Some(("node-role.kubernetes.io/worker".to_owned(), None, 1))
        );
        // A node has it, or nothing is near.
        assert_eq!(near("pool", &["infra"]), None);
        assert_eq!(near("pool", &["gpu"]), None);
        assert_eq!(near("zone", &["a"]), None);
        assert_eq!(near("pool", &[]), None);
    }
}
