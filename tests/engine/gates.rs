//! The feature gates of `validation/src/gates.rs` have the defaults that the servers report.
//!
//! `oracle constants` prints the facts, one file for each minor.

use std::collections::BTreeMap;

use daemonset_tests::root;
use daemonset_validation::{Gate, Server};

/// The default of each gate that a minor knows.
fn read_facts(minor: &str) -> BTreeMap<String, bool> {
    let text = std::fs::read_to_string(root().join(format!("tests/oracle/facts/gates-{minor}.tsv"))).unwrap();
    let rows = text.lines().map(|line| {
        let mut columns = line.split('\t');
        (columns.next().unwrap().to_owned(), columns.next().unwrap() == "true")
    });
    rows.collect()
}

#[test]
fn every_gate_has_the_servers_default() {
    let mut removed: BTreeMap<Gate, bool> = BTreeMap::new();
    for minor in Server::supported() {
        let server = Server::of_version(minor).unwrap();
        let facts = read_facts(minor);
        for gate in Gate::ALL {
            // A gate that a minor does not know is either too new, and off, or was removed after it was locked.
            let expected = facts.get(&gate.to_string()).or(removed.get(gate)).copied().unwrap_or(false);
            assert_eq!(server.enabled(*gate), expected, "{gate} in {minor}");
            removed.insert(*gate, expected);
        }
    }
}

#[test]
fn every_gate_exists_and_the_list_is_sorted() {
    let minors: Vec<_> = Server::supported().iter().map(|minor| read_facts(minor)).collect();
    for gate in Gate::ALL {
        let name = gate.to_string();
        assert!(minors.iter().any(|facts| facts.contains_key(&name)), "no server knows {name}");
    }
    let names: Vec<String> = Gate::ALL.iter().map(|gate| gate.to_string().to_lowercase()).collect();
    assert!(names.is_sorted(), "the gates are sorted by name");
}
