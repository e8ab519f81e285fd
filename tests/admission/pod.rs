//! The pods that the controller makes of random DaemonSets are stored, changed and refused as the servers' own code does it.
//!
//! The recorded answers are in `corpus/pod.jsonl`: one for each sentence and each kind of change that a long run saw. Where
//! `ORACLE_BIN` names the folder of the built oracles, fresh cases are compared as well (`CASES`, 20,000 accepted ones by default;
//! `SEED`), and `UPDATE=1` records again.

use std::collections::{BTreeMap, HashSet};
use std::path::PathBuf;

use daemonset_tests::admission::pod::{Theirs, difference, ours, question, stored};
use daemonset_tests::admission::pod_cases::document;
use daemonset_tests::cases::Generator;
use daemonset_tests::differential::Oracle;
use daemonset_tests::json::Json;
use daemonset_tests::json_read::read_json;
use daemonset_tests::{root, setting, update};
use daemonset_validation::Server;
use k8s_openapi::api::apps::v1::DaemonSet;
use serde_json::{Value, json};

/// How many documents are asked about at once.
const BATCH: usize = 10_000;
const RECORDED_SEED: u64 = 1;
/// From so many accepted cases a minor the recorded ones are taken.
const RECORDED_OF: u64 = 20_000;
/// A longer document is not recorded: a shorter one says the same.
const LARGEST: usize = 3_000;

fn path() -> PathBuf {
    root().join("tests/corpus/pod.jsonl")
}

/// A batch of accepted cases, from this number on, and the number behind them.
fn batch(
    generator: &Generator,
    server: &Server,
    seed: u64,
    mut number: u64,
) -> (Vec<(Json, DaemonSet)>, u64) {
    let mut cases = Vec::with_capacity(BATCH);
    while cases.len() < BATCH {
        let document = document(generator, seed, number);
        number += 1;
        if let Some(daemon_set) = stored(&document, server) {
            cases.push((document, daemon_set));
        }
    }
    (cases, number)
}

fn ask(minor: &str, cases: &[(Json, DaemonSet)]) -> Vec<Theirs> {
    let questions = cases.iter().enumerate().map(|(number, (document, _))| question(number as u64, document));
    Oracle::ask_all(minor, "pod", questions.collect()).unwrap()
}

/// A text without what differs from case to case: quoted parts, numbers and indexes.
fn kind_of(text: &str) -> String {
    let unquoted: Vec<&str> = text.split('"').step_by(2).collect();
    unquoted.join("\"").chars().filter(|character| !character.is_ascii_digit()).collect()
}

fn generator(minor: &str) -> Generator {
    let position = Server::supported().iter().position(|one| *one == minor).unwrap();
    Generator::new(position, Vec::new())
}

fn record() {
    let mut text = String::new();
    for minor in Server::supported() {
        let (generator, server) = (generator(minor), Server::of_version(minor).unwrap());
        let mut kinds: HashSet<String> = HashSet::new();
        let (mut number, mut count, mut stored_pods) = (0, 0, 0);
        while count < RECORDED_OF {
            let (cases, next) = batch(&generator, &server, RECORDED_SEED, number);
            number = next;
            count += cases.len() as u64;
            for ((document, _), theirs) in cases.iter().zip(ask(minor, &cases)) {
                let document = document.to_string();
                let new = if theirs.refusal.is_empty() {
                    stored_pods += 1;
                    stored_pods % 300 == 1
                } else {
                    document.len() < LARGEST && {
                        let (single, refusal) = (theirs.errors.len() == 1, kind_of(&theirs.refusal));
                        let fields: Vec<bool> =
                            theirs.errors.iter().map(|error| kinds.insert(kind_of(&error.field))).collect();
                        fields.contains(&true) || single && kinds.insert(refusal)
                    }
                };
                if new && document.len() < LARGEST {
                    let line = json!({ "minor": minor, "document": document, "answer": theirs });
                    text.push_str(&format!("{line}\n"));
                }
            }
        }
    }
    std::fs::write(path(), text).unwrap();
}

#[test]
fn recorded_answers_are_ours_too() {
    if update() && std::env::var_os("ORACLE_BIN").is_some() {
        record();
    }
    let recorded = std::fs::read_to_string(path()).unwrap();
    let mut counts: BTreeMap<String, (u64, u64)> = BTreeMap::new();
    let mut differing = Vec::new();
    for line in recorded.lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        let minor = line["minor"].as_str().unwrap();
        let server = Server::of_version(minor).unwrap();
        let document = read_json(line["document"].as_str().unwrap()).unwrap();
        let theirs: Theirs = serde_json::from_value(line["answer"].clone()).unwrap();
        let daemon_set = stored(&document, &server).unwrap_or_else(|| panic!("not accepted: {document}"));
        let (kept, refused) = counts.entry(minor.to_owned()).or_default();
        *kept += u64::from(theirs.refusal.is_empty());
        *refused += u64::from(!theirs.refusal.is_empty());
        differing.extend(difference(&theirs, &ours(&daemon_set, &server), &server));
    }
    assert!(differing.is_empty(), "{}: {}", differing.len(), differing[0]);
    for minor in Server::supported() {
        let (kept, refused) = counts[*minor];
        assert!(kept > 20 && refused > 20, "{minor}: {kept} stored and {refused} refused pods are recorded");
    }
    println!("{counts:?} recorded pods agree");
}

#[test]
fn fresh_answers_are_ours_too() {
    let (wanted, seed) = (setting("CASES", 20_000), setting("SEED", 7));
    for minor in Server::supported() {
        if !Oracle::is_built(minor) {
            println!("skipped for {minor}: ORACLE_BIN does not name the oracle's folder");
            continue;
        }
        let (generator, server) = (generator(minor), Server::of_version(minor).unwrap());
        let (mut number, mut count, mut refused) = (0, 0, 0);
        let (mut differing, mut kinds) = (0_u64, BTreeMap::new());
        while count < wanted {
            let (cases, next) = batch(&generator, &server, seed, number);
            number = next;
            for ((document, daemon_set), theirs) in cases.iter().zip(ask(minor, &cases)) {
                count += 1;
                refused += u64::from(!theirs.refusal.is_empty());
                if let Some(words) = difference(&theirs, &ours(daemon_set, &server), &server) {
                    kinds.entry(kind_of(&words)).or_insert_with(|| format!("{words}\n  {document}"));
                    differing += 1;
                }
            }
        }
        println!(
            "{minor}: {count} accepted templates of {number}, {refused} with pods that are refused, {differing} differ"
        );
        let shown: Vec<&String> = kinds.values().take(5).collect();
        assert!(differing == 0, "{minor}, seed {seed}: {differing} of {count} differ: {shown:#?}");
        assert!(refused * 50 > count, "{minor}: only {refused} of {count} pods are refused");
    }
}
