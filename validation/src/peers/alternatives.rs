//! Alternatives: DaemonSets of a folder of which only one is ever applied.
//!
//! A repository holds more than what one cluster runs: examples, tests, versions, an overlay for each cluster. Two DaemonSets that were
//! found in a folder are taken to be applied together, unless
//!
//! - one is in an example, a test or a version, and the other is outside of it. An example or test is a folder (or file) in a folder with
//!   such a name; a version is a folder named by a number;
//! - both are in overlays, and these differ: folders in a folder `overlays`, `clusters` or `environments`, or folders named `prod`,
//!   `staging` and the like;
//! - they are in one folder, in which one of them stands in several files, and both ask the same of their nodes: then the files are variants,
//!   and not for different nodes of one cluster;
//! - they are in different folders, and one of them also stands beside the other: then that one goes with it;
//! - they are in different folders, and each of them stands in several: then each folder is a variant of its own.
//!
//! Files that are named on the command line are always applied together.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::{Peer, Peers};

/// Words in the name of a folder whose children are examples or tests, each for itself.
const TRIALS: &[&str] = &[
    "example",
    "examples",
    "sample",
    "samples",
    "demo",
    "demos",
    "tutorial",
    "tutorials",
    "scenario",
    "scenarios",
    "test",
    "tests",
    "testing",
    "testdata",
    "e2e",
    "fixture",
    "fixtures",
    "golden",
    "goldens",
    "archive",
    "archived",
    "deprecated",
    "legacy",
    "versions",
    "releases",
    "variants",
    "docs",
    "documentation",
];

/// Words in the name of a folder whose children are overlays.
const OVERLAYS: &[&str] =
    &["overlay", "overlays", "clusters", "environments", "environment", "envs", "env", "stages", "tenants"];

/// Names of folders that are overlays themselves.
const STAGES: &[&str] = &[
    "prod",
    "production",
    "staging",
    "stage",
    "preprod",
    "dev",
    "devel",
    "development",
    "qa",
    "uat",
    "test",
    "local",
];

/// Where each DaemonSet stands, by namespace and name.
#[derive(Debug, Default)]
pub struct Alternatives<'p> {
    folders: HashMap<(&'p str, &'p str), BTreeSet<&'p str>>,
    /// Those that stand in several files of a folder, with the folder.
    repeated: HashSet<(&'p str, &'p str, &'p str)>,
}

impl<'p> Alternatives<'p> {
    /// The folders of the DaemonSets that were found.
    pub(super) fn of(peers: &'p Peers<'_>) -> Self {
        let mut folders: HashMap<(&str, &str), BTreeSet<&str>> = HashMap::new();
        let mut files: HashMap<(&str, &str, &str), &str> = HashMap::new();
        let mut repeated = HashSet::new();
        let checked = (0..peers.checked()).filter_map(|place| peers.get(place));
        for peer in checked.filter(|peer| !peer.file.is_empty()) {
            let of_file = folder(&peer.file);
            folders.entry((&peer.namespace, &peer.name)).or_default().insert(of_file);
            let key = (peer.namespace.as_str(), peer.name.as_str(), of_file);
            if *files.entry(key).or_insert(peer.file.as_str()) != peer.file {
                repeated.insert(key);
            }
        }
        Self { folders, repeated }
    }

    fn folders_of<'s>(&'s self, peer: &'s Peer) -> Option<&'s BTreeSet<&'s str>> {
        self.folders.get(&(peer.namespace.as_str(), peer.name.as_str()))
    }

    /// Whether the two may be applied together.
    pub(super) fn are_together(&self, one: &Peer, other: &Peer) -> bool {
        if one.file.is_empty() || other.file.is_empty() || one.file == other.file {
            return true;
        }
        if trial(&one.file) != trial(&other.file) {
            return false;
        }
        let overlays = (overlay(&one.file), overlay(&other.file));
        if let (Some(of_one), Some(of_other)) = overlays
            && of_one != of_other
        {
            return false;
        }
        let (of_one, of_other) = (folder(&one.file), folder(&other.file));
        if of_one == of_other {
            let is_repeated = |peer: &Peer| self.repeated.contains(&(&*peer.namespace, &*peer.name, of_one));
            return one.asked != other.asked || !(is_repeated(one) || is_repeated(other));
        }
        let (Some(ones), Some(others)) = (self.folders_of(one), self.folders_of(other)) else { return true };
        let goes_with_another = ones.contains(of_other) || others.contains(of_one);
        !goes_with_another && (ones.len() == 1 || others.len() == 1)
    }
}

/// The folder of a file; empty for the top.
fn folder(file: &str) -> &str {
    file.rsplit_once('/').map(|(folder, _)| folder).unwrap_or_default()
}

/// The path of the innermost example, test or version that holds the file.
fn trial(file: &str) -> Option<&str> {
    let of_version = up_to(file, 0, is_version);
    let of_trial = up_to(file, 1, |name| has_word(name, TRIALS));
    of_version.into_iter().chain(of_trial).max_by_key(|path| path.len())
}

/// The path of the innermost overlay that holds the file.
fn overlay(file: &str) -> Option<&str> {
    let of_stage = up_to(file, 0, |name| STAGES.contains(&name));
    let of_overlay = up_to(file, 1, |name| has_word(name, OVERLAYS));
    of_stage.into_iter().chain(of_overlay).max_by_key(|path| path.len())
}

/// The path up to `below` parts under the last folder for whose name `is_meant` is true.
fn up_to(file: &str, below: usize, is_meant: impl Fn(&str) -> bool) -> Option<&str> {
    let parts: Vec<&str> = file.split('/').collect();
    let folders = parts.get(..parts.len().saturating_sub(1)).unwrap_or_default();
    let last = folders.iter().rposition(|name| is_meant(&name.to_ascii_lowercase()))?;
    let parts = parts.get(..=last.saturating_add(below))?;
    let length =
        parts.iter().fold(0_usize, |length, part| length.saturating_add(part.len()).saturating_add(1));
    file.get(..length.saturating_sub(1))
}

fn has_word(name: &str, words: &[&str]) -> bool {
    name.split(|one: char| !one.is_ascii_alphanumeric()).any(|word| words.contains(&word))
}

/// Whether the name is that of a version: `v1.34.0`, `1.2`, `v2`.
fn is_version(name: &str) -> bool {
    let number = name.strip_prefix('v').unwrap_or(name);
    let is_marked = number.len() < name.len() || number.contains('.');
    is_marked
        && number
            .split(['.', '-'])
            .next()
            .is_some_and(|first| !first.is_empty() && first.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether the first two of the files are taken to be applied together. A file has one DaemonSet of the given name; a name that ends
    /// in `@` and a word asks for other nodes.
    fn together(files: &[(&str, &str)]) -> bool {
        let peer = |file: &str, name: &str| {
            let (name, asked) = name.split_once('@').unwrap_or((name, ""));
            Peer {
                name: name.to_owned(),
                file: file.to_owned(),
                asked: asked.len() as u64,
                ..Peer::default()
            }
        };
        let peers: Vec<Peer> = files.iter().map(|(file, name)| peer(file, name)).collect();
        let peers: Vec<&Peer> = peers.iter().collect();
        match peers.as_slice() {
            [one, other, ..] => {
                Alternatives::of(&Peers::without_cluster(peers.clone())).are_together(one, other)
            }
            _ => false,
        }
    }

    #[test]
    fn what_one_cluster_runs_is_compared() {
        for files in [
            &[("", "a"), ("examples/b.yaml", "b")][..],
            &[("apps/a/ds.yaml", "a"), ("apps/b/ds.yaml", "b")],
            &[("deploy/node.yaml", "a"), ("deploy/node-windows.yaml", "b")],
            &[("examples/one/a.yaml", "a"), ("examples/one/b.yaml", "b")],
            &[("base/a.yaml", "a"), ("overlays/prod/b.yaml", "b")],
            &[("clusters/prod/a.yaml", "a"), ("clusters/prod/apps/b.yaml", "b")],
            &[("all/a.yaml", "a"), ("x/b.yaml", "b"), ("y/b.yaml", "b")],
            &[("d/a-1.yaml", "a"), ("d/b-1.yaml", "b@win"), ("d/a-2.yaml", "a"), ("d/b-2.yaml", "b@win")],
            &[("d/a.yaml", "a"), ("d/b.yaml", "b"), ("e/a.yaml", "x")],
        ] {
            assert!(together(files), "{files:?}");
        }
    }

    #[test]
    fn alternatives_are_not() {
        for files in [
            &[("examples/a.yaml", "a"), ("examples/b.yaml", "b")][..],
            &[("my-examples/one/ds.yaml", "a"), ("my-examples/two/ds.yaml", "b")],
            &[("deploy/a.yaml", "a"), ("test/b.yaml", "b")],
            &[("deploy/v1.33.0/a.yaml", "a"), ("deploy/v1.34.0/b.yaml", "b")],
            &[("deploy/a.yaml", "a"), ("deploy/v1/b.yaml", "b")],
            &[("overlays/prod/a.yaml", "a"), ("overlays/dev/b.yaml", "b")],
            &[("prod/a.yaml", "a"), ("staging/b.yaml", "b")],
            &[("d/es.yaml", "a"), ("d/gcs.yaml", "a-gcs"), ("d/syslog.yaml", "a")],
            &[("x/a.yaml", "a"), ("y/b.yaml", "b"), ("y/a.yaml", "a")],
            &[("x/a.yaml", "a"), ("y/b.yaml", "b"), ("z/a.yaml", "a"), ("w/b.yaml", "b")],
        ] {
            assert!(!together(files), "{files:?}");
        }
    }
}
