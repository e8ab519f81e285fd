//! `validation/upstream.toml` has a row for every function of the server that handles a DaemonSet.
//!
//! `tests/oracle/reach` prints these functions, and the doc lines `Upstream:` in `validation/src` name the ones that we mirror. The
//! ledger must agree with both.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use daemonset_tests::root;

/// How the ledger accounts for a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Ported,
    NotApplicable,
    LeftOut,
    Missing,
}

/// The names that upstream declares, with their kind.
fn read_facts() -> BTreeMap<String, String> {
    let text = std::fs::read_to_string(root().join("tests/oracle/facts/functions.tsv")).unwrap();
    let rows = text.lines().map(|line| {
        let mut columns = line.split('\t');
        (columns.next().unwrap().to_owned(), columns.next().unwrap().to_owned())
    });
    rows.collect()
}

fn read_ledger() -> BTreeMap<String, Fate> {
    let text = std::fs::read_to_string(root().join("validation/upstream.toml")).unwrap();
    let mut ledger = BTreeMap::new();
    for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let (name, fate) = line.split_once(" = ").unwrap_or_else(|| panic!("not a row: {line}"));
        let name = name.trim_matches('"').to_owned();
        let fate = read_fate(fate).unwrap_or_else(|| panic!("not a fate: {line}"));
        assert_eq!(ledger.insert(name, fate), None, "there twice: {line}");
    }
    ledger
}

fn read_fate(text: &str) -> Option<Fate> {
    match text {
        "\"ported\"" => return Some(Fate::Ported),
        "\"missing\"" => return Some(Fate::Missing),
        _ => {}
    }
    let (fate, why) = text.strip_prefix("{ ")?.strip_suffix("\" }")?.split_once(" = \"")?;
    // A reason must have more than one word.
    let fate = match fate {
        "not-applicable" => Fate::NotApplicable,
        "left-out" => Fate::LeftOut,
        _ => return None,
    };
    why.contains(' ').then_some(fate)
}

/// Every name in a doc line `Upstream:`, which may continue on further lines, with a file that has it.
fn read_doc_lines(folder: &Path, named: &mut BTreeMap<String, String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read_doc_lines(&path, named);
            continue;
        }
        if path.extension().is_none_or(|extension| extension != "rs") {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let mut upstream = false;
        for line in text.lines().map(str::trim) {
            let doc = line.strip_prefix("/// ").or_else(|| line.strip_prefix("//! "));
            upstream = doc.is_some_and(|doc| upstream || doc.starts_with("Upstream:"));
            // The names are between backquotes: the odd pieces.
            let names =
                doc.filter(|_| upstream).into_iter().flat_map(|doc| doc.split('`').skip(1).step_by(2));
            named.extend(names.map(|name| (name.to_owned(), path.display().to_string())));
        }
    }
}

/// The package of a qualified name, up to the first dot.
fn package(name: &str) -> &str {
    name.split_once('.').map_or("", |(package, _)| package)
}

#[test]
fn every_reachable_function_has_a_row() {
    let (facts, ledger) = (read_facts(), read_ledger());
    let mut faults = Vec::new();
    for (name, _) in facts.iter().filter(|(_, kind)| *kind == "function") {
        if !ledger.contains_key(name) {
            faults.push(format!("{name} is reachable and has no row"));
        }
    }
    for (name, fate) in &ledger {
        if facts.get(name).is_none_or(|kind| kind != "function") {
            faults.push(format!("{name} has a row and is not reachable"));
        }
        if *fate == Fate::Missing {
            faults.push(format!("{name} is missing"));
        }
    }
    let count = |wanted| ledger.values().filter(|fate| **fate == wanted).count();
    println!(
        "{} functions: {} ported, {} not applicable, {} left out, {} missing",
        ledger.len(),
        count(Fate::Ported),
        count(Fate::NotApplicable),
        count(Fate::LeftOut),
        count(Fate::Missing)
    );
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn the_code_names_every_ported_function() {
    let (facts, ledger) = (read_facts(), read_ledger());
    let mut named = BTreeMap::new();
    read_doc_lines(&root().join("validation/src"), &mut named);
    let mut faults = Vec::new();
    for (name, fate) in &ledger {
        if *fate == Fate::Ported && !named.contains_key(name) {
            faults.push(format!("{name} is ported, but no doc line names it"));
        }
    }
    let packages: BTreeSet<&str> = facts.keys().map(|name| package(name)).collect();
    // Admission and placement deal with the pods of a DaemonSet, so they also name functions that handle pods.
    let of_pods = ["validation/src/admission/", "validation/src/placement/"];
    let counts = |file: &str| !of_pods.iter().any(|room| file.contains(room));
    let named = named.iter().filter(|(_, file)| counts(file));
    for (name, file) in named.filter(|(name, _)| packages.contains(package(name))) {
        match facts.get(name).map(String::as_str) {
            Some("function") if ledger.get(name) == Some(&Fate::Ported) => {}
            Some("function") => {
                faults.push(format!("{file} names {name}, which is not ported in the ledger"))
            }
            // Types, constants and tables may be named and are not counted.
            Some(_) => {}
            None => faults.push(format!("{file} names {name}, which is not reachable")),
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}
