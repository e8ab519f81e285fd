//! Quotas take as many random pods as the servers' own code does, and say the same to the next one.
//!
//! The recorded answers are in `corpus/quota.jsonl`. Where `ORACLE_BIN` names the folder of the built oracles, fresh cases are compared
//! as well (`CASES`, 50,000 by default; `SEED`), and `UPDATE=1` records again.

use std::collections::{BTreeMap, HashSet};
use std::path::PathBuf;

use daemonset_tests::admission::quota::{Answer, Case, case, ours, question};
use daemonset_tests::differential::Oracle;
use daemonset_tests::{root, setting, update};
use daemonset_validation::Server;
use serde_json::{Value, json};

/// How many cases are asked about at once.
const BATCH: u64 = 25_000;
/// From so many cases a minor the recorded ones are taken.
const RECORDED_OF: u64 = 25_000;
const RECORDED_SEED: u64 = 1;
/// How many are recorded a minor.
const RECORDED: usize = 120;

fn path() -> PathBuf {
    root().join("tests/corpus/quota.jsonl")
}

fn ask(minor: &str, first: u64, cases: &[Case]) -> Vec<Answer> {
    let questions = cases.iter().zip(first..).map(|(case, number)| question(number, case)).collect();
    let answers: Vec<Answer> = Oracle::ask_all(minor, "quota", questions).unwrap();
    answers.into_iter().map(Answer::bare).collect()
}

/// What the sentence is about, without its amounts.
fn kind_of(answer: &Answer) -> String {
    let words = answer.refusal.chars().filter(|one| !one.is_ascii_digit());
    format!("{} {}", answer.taken.min(1), words.collect::<String>())
}

fn record() {
    let mut text = String::new();
    for minor in Server::supported() {
        let cases: Vec<Case> = (0..RECORDED_OF).map(|number| case(RECORDED_SEED, number)).collect();
        let mut kinds = HashSet::new();
        for (case, theirs) in cases.iter().zip(ask(minor, 0, &cases)) {
            if kinds.len() < RECORDED && kinds.insert(kind_of(&theirs)) {
                let line = json!({ "minor": minor, "case": case, "answer": theirs });
                text.push_str(&format!("{line}\n"));
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
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    for line in recorded.lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        let minor = line["minor"].as_str().unwrap();
        let case: Case = serde_json::from_value(line["case"].clone()).unwrap();
        let theirs: Answer = serde_json::from_value(line["answer"].clone()).unwrap();
        let server = Server::of_version(minor).unwrap();
        assert_eq!(ours(&case, &server), theirs, "{minor}: {}", line["case"]);
        *counts.entry(minor.to_owned()).or_default() += 1;
    }
    for minor in Server::supported() {
        assert!(counts[*minor] > 100, "{minor}: only {} answers are recorded", counts[*minor]);
    }
    println!("{counts:?} recorded answers agree");
}

#[test]
fn fresh_answers_are_ours_too() {
    let (wanted, seed) = (setting("CASES", 50_000), setting("SEED", 7));
    for minor in Server::supported() {
        if !Oracle::is_built(minor) {
            println!("skipped for {minor}: ORACLE_BIN does not name the oracle's folder");
            continue;
        }
        let server = Server::of_version(minor).unwrap();
        let (mut count, mut differing, mut none, mut some) = (0_u64, 0_u64, 0_u64, 0_u64);
        let mut kinds: BTreeMap<String, String> = BTreeMap::new();
        while count < wanted {
            let cases: Vec<Case> = (count..count + BATCH).map(|number| case(seed, number)).collect();
            for (case, theirs) in cases.iter().zip(ask(minor, count, &cases)) {
                none += u64::from(theirs.taken == 0);
                some += u64::from(theirs.taken > 0 && !theirs.refusal.is_empty());
                let ours = ours(case, &server);
                if ours != theirs {
                    differing += 1;
                    let words = || format!("theirs {theirs:?}\nours {ours:?}\n{}", json!(case));
                    kinds.entry(kind_of(&theirs)).or_insert_with(words);
                }
            }
            count += BATCH;
        }
        println!("{minor}: {count} cases, {none} take no pod, {some} take some, {differing} differ");
        let shown: Vec<&String> = kinds.values().take(5).collect();
        assert!(differing == 0, "{minor}, seed {seed}: {differing} of {count} differ: {shown:#?}");
        assert!(none * 10 > count && some * 10 > count, "{minor}: {none} none and {some} some of {count}");
    }
}
