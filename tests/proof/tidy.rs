//! The structure that ARCHITECTURE.md describes, checked in the source files.

mod circles;
mod sentences;
mod table;

use std::path::{Path, PathBuf};

use daemonset_tests::root;
use daemonset_validation::Server;

/// No file of code is longer than this.
const LINES: usize = 600;

fn files(folder: &str, extension: &str) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut pending = vec![root().join(folder)];
    while let Some(folder) = pending.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && !path.ends_with("target") {
                pending.push(path);
            } else if path.extension().is_some_and(|found| found == extension) {
                let text = std::fs::read_to_string(&path).unwrap();
                found.push((path, text));
            }
        }
    }
    found.sort();
    found
}

fn shown(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).display().to_string()
}

/// The code in front of a file's own tests.
fn product(text: &str) -> &str {
    text.split("#[cfg(test)]").next().unwrap_or_default()
}

const CRATES: &[&str] = &["validation/src", "lint/src", "webhook/src", "certs/src"];

fn product_files() -> Vec<(PathBuf, String)> {
    CRATES.iter().flat_map(|folder| files(folder, "rs")).collect()
}

#[test]
fn files_are_short_and_say_what_they_are_for() {
    let mut faults = Vec::new();
    for (path, text) in product_files().into_iter().chain(files("tests", "rs")) {
        let lines = text.lines().count();
        if lines > LINES {
            faults.push(format!("{} has {lines} lines", shown(&path)));
        }
        if !text.starts_with("//! ") {
            faults.push(format!("{} does not begin with a sentence about itself", shown(&path)));
        }
    }
    for (path, text) in files("tests/oracle", "go") {
        if text.lines().count() > LINES {
            faults.push(format!("{} is too long", shown(&path)));
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn a_minor_of_kubernetes_is_named_in_one_place() {
    let mut faults = Vec::new();
    for (path, text) in product_files() {
        if path.ends_with("validation/src/minors.rs") {
            continue;
        }
        for (number, line) in product(&text).lines().enumerate() {
            // Comments and help texts may tell of the past; only the minors that we imitate would be a hidden rule.
            let code = line.split("//").next().unwrap_or_default();
            for minor in Server::supported() {
                if code.contains(minor) {
                    faults.push(format!("{}:{} names {minor}", shown(&path), number + 1));
                }
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn the_validation_crate_does_no_io() {
    let manifest = std::fs::read_to_string(root().join("validation/Cargo.toml")).unwrap();
    for dependency in ["tokio", "clap", "granit", "kube.", "kube ", "miette", "axum", "rayon", "serde_json"] {
        assert!(!manifest.contains(dependency), "validation depends on {dependency}");
    }
    let mut faults = Vec::new();
    for (path, text) in files("validation/src", "rs") {
        for forbidden in [
            "std::fs",
            "std::net",
            "std::process",
            "std::env",
            "std::thread",
            "std::io",
            "std::time",
            "println!",
        ] {
            if product(&text).contains(forbidden) {
                faults.push(format!("{} uses {forbidden}", shown(&path)));
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

/// Which rooms of the validation crate a room may use, besides itself and the leaves at the root of the crate.
const ROOMS: &[(&str, &[&str])] = &[
    ("content", &[]),
    ("quantity", &[]),
    ("generated", &[]),
    ("matching", &["content", "quantity"]),
    ("apiserver", &["content", "quantity", "matching", "generated"]),
    ("admission", &["apiserver", "content", "matching", "quantity"]),
    ("placement", &["admission", "content", "matching", "quantity"]),
    ("peers", &["admission", "content", "matching", "placement"]),
    ("together", &["matching", "peers", "placement"]),
    // Words for data. What decides must not use them.
    ("words", &["admission", "matching", "placement"]),
    ("rules", &["admission", "matching", "peers", "placement", "quantity", "together", "words"]),
    // Where a FieldError becomes a Finding: it has to know both.
    ("help", &["apiserver", "content", "generated", "quantity"]),
];

#[test]
fn rooms_of_the_validation_crate_know_only_what_they_may() {
    let mut faults = Vec::new();
    for (room, allowed) in ROOMS {
        for (path, text) in files("validation/src", "rs") {
            let relative = shown(&path);
            let own = relative.strip_prefix("validation/src/").unwrap_or_default();
            if !(own.starts_with(&format!("{room}/")) || own == format!("{room}.rs")) {
                continue;
            }
            for (other, _) in ROOMS {
                if other != room
                    && !allowed.contains(other)
                    && product(&text).contains(&format!("crate::{other}"))
                {
                    faults.push(format!("{relative} knows {other}"));
                }
            }
            if product(&text).contains("crate::check") {
                faults.push(format!("{relative} knows the façade"));
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn crates_point_inwards() {
    for (folder, forbidden) in [
        ("validation", &["daemonset-lint", "daemonset-webhook", "daemonset-certs"][..]),
        ("lint", &["daemonset-webhook", "daemonset-certs"][..]),
        ("webhook", &["daemonset-lint"][..]),
    ] {
        let manifest = std::fs::read_to_string(root().join(folder).join("Cargo.toml")).unwrap();
        let dependencies = manifest.split("[dependencies]").nth(1).unwrap_or_default();
        for other in forbidden {
            assert!(!dependencies.contains(other), "{folder} depends on {other}");
        }
    }
}

#[test]
fn there_is_one_tls_provider() {
    let lock = std::fs::read_to_string(root().join("Cargo.lock")).unwrap();
    for unwanted in ["aws-lc-rs", "openssl", "native-tls"] {
        assert!(!lock.contains(&format!("name = \"{unwanted}\"")), "{unwanted} came into the tree");
    }
}

#[test]
fn nothing_is_left_unfinished() {
    let marks = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("dbg", "!("), concat!("#[ign", "ore")];
    let mut faults = Vec::new();
    for (path, text) in product_files().into_iter().chain(files("tests", "rs")) {
        for mark in marks {
            if text.contains(mark) {
                faults.push(format!("{} holds {mark}", shown(&path)));
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}
