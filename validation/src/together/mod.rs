//! What the other objects of the checked files mean to the DaemonSets among them: other workloads, autoscalers, disruption budgets, Services,
//! and what the pods refer to.
//!
//! An object becomes a few facts ([`Companion`]) while its file is parsed, and so does what a DaemonSet uses ([`Uses`]). This room decides
//! which of them belong together; the rules in `rules/together/` write the findings.

mod companion;
mod os;
pub(crate) mod references;
mod uses;

use std::collections::{HashMap, HashSet};

pub use companion::{Companion, Subject as BindingSubject, What};
pub use os::OperatingSystem;
pub(crate) use os::operating_system;
pub use uses::{Used, UsedKey, Uses};

use crate::peers::Peer;

/// A DaemonSet of the files, with what it uses.
#[derive(Clone, Copy, Debug)]
pub struct Member<'t> {
    /// Its namespace, name, selector, labels and file.
    pub peer: &'t Peer,
    /// What it uses.
    pub uses: &'t Uses,
}

/// The DaemonSets of the files beside the other objects of the files.
///
/// Objects belong together if they stand in one file, or were all named on the command line, or stand in one folder, unless an object
/// stands in several files: these are alternatives, each with the objects of its own file.
#[derive(Debug)]
pub struct Together<'t> {
    members: Vec<Member<'t>>,
    /// The number of each member's group.
    groups: Vec<usize>,
    /// What belongs to each group.
    objects: Vec<Vec<&'t Companion>>,
    /// The members of each group.
    places: Vec<Vec<usize>>,
    /// Whether the nodes are known, so that rules about previews tell what becomes of the pods.
    pub knows_nodes: bool,
}

/// In a group with more pairs of DaemonSets and other objects than this, a DaemonSet is compared with the objects of its own file only, so that the
/// work stays linear.
const MOST_PAIRS: usize = 100_000;

impl<'t> Together<'t> {
    /// The DaemonSets and the other objects, in the order of the files.
    pub fn new(members: Vec<Member<'t>>, companions: impl IntoIterator<Item = &'t Companion>) -> Self {
        let companions: Vec<&Companion> = companions.into_iter().collect();
        let by_file = files_for_themselves(&members, &companions);
        let group_of = |origin: &'t str, file: &'t str| {
            let folder = folder(file);
            if by_file.contains(folder) { (folder, file_of(origin)) } else { (folder, "") }
        };
        let mut numbers: HashMap<(&str, &str), usize> = HashMap::new();
        let mut places: Vec<Vec<usize>> = Vec::new();
        let mut groups = Vec::with_capacity(members.len());
        for (place, member) in members.iter().enumerate() {
            let next = numbers.len();
            let number = *numbers.entry(group_of(&member.peer.origin, &member.peer.file)).or_insert(next);
            groups.push(number);
            match places.get_mut(number) {
                Some(group) => group.push(place),
                None => places.push(vec![place]),
            }
        }
        let mut objects: Vec<Vec<&Companion>> = vec![Vec::new(); numbers.len()];
        for companion in companions {
            let number = numbers.get(&group_of(&companion.origin, &companion.file));
            if let Some(group) = number.and_then(|number| objects.get_mut(*number)) {
                group.push(companion);
            }
        }
        // An object that two files hold is one object.
        for group in &mut objects {
            let mut known = HashSet::new();
            group.retain(|one| known.insert((one.kind, &*one.namespace, &*one.name)));
        }
        for (group, members) in objects.iter_mut().zip(&places) {
            if group.len().saturating_mul(members.len()) > MOST_PAIRS {
                group.clear();
            }
        }
        Self { members, groups, objects, places, knows_nodes: false }
    }

    /// The DaemonSets, with their places.
    pub fn members(&self) -> impl Iterator<Item = (usize, Member<'t>)> {
        self.members.iter().copied().enumerate()
    }

    /// The other objects that belong to the DaemonSet at `place`.
    pub fn beside(&self, place: usize) -> &[&'t Companion] {
        let group = self.groups.get(place).and_then(|group| self.objects.get(*group));
        group.map(Vec::as_slice).unwrap_or_default()
    }

    /// The DaemonSets that belong to the one at `place`, itself among them.
    pub fn daemon_sets(&self, place: usize) -> impl Iterator<Item = Member<'t>> {
        let group = self.groups.get(place).and_then(|group| self.places.get(*group));
        group.into_iter().flatten().filter_map(|place| self.members.get(*place)).copied()
    }
}

/// The folders in which each file is for itself: an object stands in several files, or there is too much to compare.
fn files_for_themselves<'t>(members: &[Member<'t>], companions: &[&'t Companion]) -> HashSet<&'t str> {
    let mut first: HashMap<(&str, &str, &str), &str> = HashMap::new();
    let mut sizes: HashMap<&str, (usize, usize)> = HashMap::new();
    let mut found = HashSet::new();
    for Member { peer, .. } in members {
        let folder = folder(&peer.file);
        let size = sizes.entry(folder).or_default();
        size.0 = size.0.saturating_add(1);
        let file = file_of(&peer.origin);
        if *first.entry((folder, &peer.namespace, &peer.name)).or_insert(file) != file {
            found.insert(folder);
        }
    }
    let mut known: HashMap<(&str, &str, &str, &str), &str> = HashMap::new();
    for one in companions {
        let folder = folder(&one.file);
        let size = sizes.entry(folder).or_default();
        size.1 = size.1.saturating_add(1);
        let file = file_of(&one.origin);
        if *known.entry((folder, one.kind, &one.namespace, &one.name)).or_insert(file) != file {
            found.insert(folder);
        }
    }
    let large = sizes.iter().filter(|(_, (members, others))| members.saturating_mul(*others) > MOST_PAIRS);
    found.extend(large.map(|(folder, _)| *folder));
    found
}

/// The folder of a file that was found; empty for the top, and for files that were named.
fn folder(file: &str) -> &str {
    file.rsplit_once('/').map(|(folder, _)| folder).unwrap_or_default()
}

/// The file of an origin such as `agent.yaml:12`.
fn file_of(origin: &str) -> &str {
    origin.rsplit_once(':').map(|(file, _)| file).unwrap_or(origin)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peer(name: &str, file: &str) -> Peer {
        Peer {
            name: name.to_owned(),
            namespace: "default".to_owned(),
            file: file.to_owned(),
            origin: format!("{file}:1"),
            ..Peer::default()
        }
    }

    fn companion(name: &str, file: &str) -> Companion {
        Companion {
            kind: "Secret",
            namespace: "default".into(),
            namespace_is_written: false,
            name: name.into(),
            line: 9,
            origin: format!("{file}:9"),
            file: file.to_owned(),
            what: What::Named,
        }
    }

    fn beside(members: &[(&str, &str)], others: &[(&str, &str)]) -> Vec<Vec<String>> {
        let peers: Vec<Peer> = members.iter().map(|(name, file)| peer(name, file)).collect();
        let uses = Uses::default();
        let others: Vec<Companion> = others.iter().map(|(name, file)| companion(name, file)).collect();
        let members = peers.iter().map(|peer| Member { peer, uses: &uses }).collect();
        let together = Together::new(members, &others);
        let names = |place| together.beside(place).iter().map(|one| one.name.to_string()).collect();
        (0..peers.len()).map(names).collect()
    }

    #[test]
    fn what_stands_in_one_folder_belongs_together() {
        let found = beside(
            &[("a", "d/a.yaml"), ("b", "d/b.yaml"), ("c", "e/c.yaml")],
            &[("x", "d/x.yaml"), ("y", "e/y.yaml"), ("z", "f/z.yaml"), ("x", "f/x.yaml")],
        );
        assert_eq!(found, [vec!["x"], vec!["x"], vec!["y"]]);
    }

    #[test]
    fn alternatives_have_the_objects_of_their_own_file() {
        let found = beside(
            &[("a", "d/one.yaml"), ("a", "d/two.yaml")],
            &[("x", "d/one.yaml"), ("y", "d/two.yaml"), ("z", "d/other.yaml")],
        );
        assert_eq!(found, [vec!["x"], vec!["y"]]);
        let found = beside(
            &[("a", "d/one.yaml")],
            &[("x", "d/one.yaml"), ("y", "d/two.yaml"), ("y", "d/three.yaml")],
        );
        assert_eq!(found, [vec!["x"]]);
    }

    #[test]
    fn very_many_are_compared_within_their_files() {
        let files: Vec<String> = (0..400).map(|number| format!("d/{number}.yaml")).collect();
        let names: Vec<String> = (0..400).map(|number| format!("n{number}")).collect();
        let pairs: Vec<(&str, &str)> =
            names.iter().zip(&files).map(|(name, file)| (name.as_str(), file.as_str())).collect();
        let found = beside(&pairs, &pairs);
        assert!(found.iter().zip(&names).all(|(found, name)| found == std::slice::from_ref(name)));
    }
}
