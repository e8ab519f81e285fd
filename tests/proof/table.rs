//! `tests/README.md` names every test, program and script of this folder, and nothing that is not there.

use std::collections::BTreeSet;

use daemonset_tests::root;

/// The names and files of all targets of a kind of target, from `tests/Cargo.toml`.
fn targets(manifest: &str, kind: &str) -> Vec<(String, String)> {
    let value = |table: &str, key: &str| -> String {
        let line = table.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(" = "));
        line.unwrap_or_else(|| panic!("a {kind} without {key}: {table}")).trim_matches('"').to_owned()
    };
    let head = format!("[[{kind}]]\n");
    let tables = manifest.split(&head).skip(1);
    tables.map(|table| (value(table, "name"), value(table, "path"))).collect()
}

/// The scripts of a folder below `tests/`, by their path there.
fn scripts(folder: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(root().join("tests").join(folder)).unwrap() {
        let entry = entry.unwrap();
        let path = format!("{folder}{}", entry.file_name().to_string_lossy());
        if entry.file_type().unwrap().is_dir() {
            found.extend(scripts(&format!("{path}/")));
        } else if path.ends_with(".sh") {
            found.push(path);
        }
    }
    found
}

#[test]
fn the_readme_names_what_is_there() {
    let read = |path: &str| std::fs::read_to_string(root().join("tests").join(path)).unwrap();
    let (readme, manifest) = (read("README.md"), read("Cargo.toml"));
    let rows = readme.lines().filter_map(|line| line.strip_prefix("| `")?.strip_suffix(" |"));
    let (mut named, mut faults) = (BTreeSet::new(), Vec::new());
    for row in rows {
        let cells: Vec<&str> = row.split('|').map(|cell| cell.trim().trim_matches('`')).collect();
        let script = cells[0].ends_with(".sh");
        let name = if script { cells[0].to_owned() } else { format!("{} in {}", cells[0], cells[1]) };
        if cells.iter().any(|cell| cell.is_empty()) {
            faults.push(format!("the row of {name} has an empty cell"));
        }
        if !named.insert(name.clone()) {
            faults.push(format!("{name} has two rows"));
        }
    }
    let targets = [targets(&manifest, "test"), targets(&manifest, "bin")].concat();
    let targets = targets.into_iter().map(|(name, path)| format!("{name} in {path}"));
    let there: BTreeSet<String> = targets.chain(scripts("")).collect();
    faults.extend(there.difference(&named).map(|name| format!("no row for {name}")));
    faults.extend(named.difference(&there).map(|name| format!("a row for {name}, which is not there")));
    assert!(faults.is_empty(), "{faults:#?}");
}
