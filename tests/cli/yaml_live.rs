//! Real documents, and thousands of small mutations of them, are read as the API machinery's own code reads them.
//!
//! `ORACLE_BIN` names the folder of the built oracles, `YAML_CORPUS` a folder of manifests, `YAML_MUTANTS` the number of mutations.
//! Without the oracle the test says that it is skipped.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::print_stdout
)]

use std::path::PathBuf;

use daemonset_tests::differential::Oracle;
use daemonset_tests::{go_json, root, setting};
use daemonset_validation::Server;
use serde_json::{Value, json};

/// What the reader is known to decide otherwise, as a share of the mutilations: granit-parser reads YAML 1.2.
const ALLOWED: f64 = 0.002;

/// Whether the oracle is to be asked. Then it must be there.
fn has_oracle() -> bool {
    let set = std::env::var_os("ORACLE_BIN").is_some();
    if !set {
        println!("skipped: ORACLE_BIN is not set");
    }
    set
}

fn ask(mode: &str, texts: &[String]) -> Vec<Value> {
    let questions = texts.iter().enumerate().map(|(id, text)| json!({ "id": id, "text": text }).to_string());
    Oracle::ask_all(Server::newest().minor(), mode, questions.collect()).unwrap()
}

fn corpus() -> Vec<String> {
    let folder = std::env::var_os("YAML_CORPUS").map_or_else(|| root().join("tests/tutorial"), PathBuf::from);
    let mut texts = Vec::new();
    let mut folders = vec![folder];
    while let Some(folder) = folders.pop() {
        let mut entries: Vec<_> =
            std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        entries.sort();
        for path in entries {
            if path.is_dir() {
                folders.push(path);
            } else if let Ok(text) = std::fs::read_to_string(&path) {
                texts.push(text);
            }
        }
    }
    texts
}

/// The documents of a stream as texts, each with a line feed at its end, as the machinery's reader gives them on.
fn documents(text: &str) -> Vec<String> {
    let mut documents = vec![String::new()];
    for line in text.lines() {
        if line.starts_with("---") {
            documents.push(String::new());
        } else if let Some(last) = documents.last_mut() {
            last.push_str(line);
            last.push('\n');
        }
    }
    documents.retain(|document| !document.trim().is_empty());
    documents
}

/// A small generator of numbers; the same numbers each time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(sides.max(1)).unwrap()).unwrap()
    }
}

const INSERTS: &[&str] = &[
    "\t", " ", "  ", ":", ": ", "- ", "-", "\"", "'", "{", "}", "[", "]", ",", "#", " #", "&a ", "*a", "!",
    "!!str ", "|", ">", "|-\n", "%", "@", "`", "?", "? ", "\n", "\n\n", "<<: ", "~", "0", "0x", "yes", "\\",
    "é", "...\n", "$", "=",
];

/// A document with one to three small mistakes in it.
fn mutilate(document: &str, dice: &mut Dice) -> String {
    let mut lines: Vec<String> = document.lines().map(str::to_owned).collect();
    for _ in 0..=dice.roll(3) {
        let number = dice.roll(lines.len());
        let Some(line) = lines.get(number).cloned() else { break };
        let places: Vec<usize> = line.char_indices().map(|(place, _)| place).chain([line.len()]).collect();
        let place = places[dice.roll(places.len())];
        let indentation = line.len() - line.trim_start().len();
        match dice.roll(9) {
            0 => lines[number] = format!(" {line}"),
            1 if indentation > 0 => lines[number] = line[1..].to_owned(),
            2 => lines.insert(number, line),
            3 => drop(lines.remove(number)),
            4 => lines[number] = format!("\t{}", line.trim_start()),
            5 if place < line.len() => {
                lines[number].remove(place);
            }
            6 => {
                let other = (number + 1) % lines.len();
                lines.swap(number, other);
            }
            7 if indentation > 0 => {
                let at = dice.roll(indentation);
                lines[number].replace_range(at..=at, "\t");
            }
            _ => lines[number].insert_str(place, INSERTS[dice.roll(INSERTS.len())]),
        }
        if lines.is_empty() {
            break;
        }
    }
    lines.join("\n") + "\n"
}

/// Where we and the oracle differ about a document, if we do.
fn difference(text: &str, truth: &Value) -> Option<String> {
    let ours = go_json::answer(text);
    let strict_truth = truth.get("strictError").is_none();
    match (truth.get("json").and_then(Value::as_str), ours) {
        (None, Err(_)) => None,
        (Some(theirs), Ok((ours, strict))) if theirs == ours && strict == strict_truth => None,
        (Some(theirs), Ok((ours, strict))) if theirs == ours => {
            Some(format!("strict: the oracle says {strict_truth}, we say {strict}"))
        }
        (Some(theirs), Ok((ours, _))) => Some(format!("values\n    oracle {theirs}\n    we     {ours}")),
        (Some(_), Err(message)) => Some(format!("we refuse: {message}")),
        (None, Ok(_)) => Some(format!("the oracle refuses: {}", truth["error"])),
    }
}

fn compare(name: &str, texts: &[String]) -> usize {
    let differing: Vec<_> = texts
        .iter()
        .zip(ask("yaml", texts))
        .filter_map(|(text, truth)| Some((text, difference(text, &truth)?)))
        .collect();
    let report = std::env::var_os("YAML_REPORT").map(PathBuf::from);
    if let Some(report) = report {
        let lines: String = differing
            .iter()
            .map(|(text, why)| json!({ "text": text, "why": why }).to_string() + "\n")
            .collect();
        std::fs::write(report.join(format!("{name}.jsonl")), lines).unwrap();
    }
    println!("{name}: {} of {} agree", texts.len() - differing.len(), texts.len());
    differing.len()
}

#[test]
fn documents_of_the_real_world_are_read_alike() {
    if !has_oracle() {
        return;
    }
    let texts: Vec<String> = corpus().iter().flat_map(|text| documents(text)).collect();
    assert_eq!(compare("documents", &texts), 0);
}

#[test]
fn mutilated_documents_are_read_alike() {
    if !has_oracle() {
        return;
    }
    let count = setting("YAML_MUTANTS", 2000);
    let texts: Vec<String> = corpus().iter().flat_map(|text| documents(text)).collect();
    let mut dice = Dice(0x2026_1124);
    let mutants: Vec<String> =
        (0..count).map(|_| mutilate(&texts[dice.roll(texts.len())], &mut dice)).collect();
    let differing = compare("mutants", &mutants);
    assert!((differing as f64) <= count as f64 * ALLOWED, "{differing} of {count} differ");
}

#[test]
fn streams_are_cut_alike() {
    if !has_oracle() {
        return;
    }
    let mut texts = corpus();
    let mut dice = Dice(0x2026_1125);
    let mutants: Vec<String> = texts.iter().map(|text| mutilate(text, &mut dice)).collect();
    texts.extend(mutants);
    let mut differing = 0;
    for (text, truth) in texts.iter().zip(ask("yamlstream", &texts)) {
        let theirs: Vec<_> =
            truth["documents"].as_array().unwrap().iter().map(|document| document["json"].as_str()).collect();
        let ours = go_json::stream(text);
        let ours: Vec<_> = ours.iter().map(|document| document.as_deref().ok()).collect();
        let alike = theirs.iter().zip(&ours).all(|(theirs, ours)| theirs.is_some() == ours.is_some());
        if !alike || theirs.len() != ours.len() {
            differing += 1;
            println!("oracle: {truth}\nwe: {:?}\n{:.300}", go_json::stream(text), text);
        }
    }
    println!("streams: {} of {} agree", texts.len() - differing, texts.len());
    assert!(differing as f64 <= texts.len() as f64 * 0.005, "{differing} of {} differ", texts.len());
}
