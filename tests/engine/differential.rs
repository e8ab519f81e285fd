//! Random DaemonSets get the verdicts that the servers' own code gave them. Cases and verdicts are in `corpus/recorded.jsonl`.
//!
//! The corpus has a case for everything that a server answered in a long run: each reason at each field, each kind of message and
//! warning. `UPDATE=1` records it again, where `ORACLE_BIN` names the folder of the built oracles. `tests/live.sh` compares fresh cases.

use std::collections::HashSet;
use std::path::PathBuf;

use daemonset_tests::cases::{Case, Generator};
use daemonset_tests::differential::{Answer, Difference, Oracle, compare, ours, question};
use daemonset_tests::json_read::read_json;
use daemonset_tests::{root, update};
use daemonset_validation::Server;
use serde_json::{Value, json};

/// The long run of which the corpus is an extract.
const SEED: u64 = 20_261_124;
const CASES: u64 = 60_000;

/// A larger document is passed over: another, smaller one says the same.
const LARGEST: usize = 4_000;

fn path() -> PathBuf {
    root().join("tests/corpus/recorded.jsonl")
}

/// A text without what differs from case to case: quoted parts, numbers and indexes.
fn kind_of(text: &str) -> String {
    let unquoted: Vec<&str> = text.split('"').step_by(2).collect();
    unquoted.join("\"").chars().filter(|character| !character.is_ascii_digit()).collect()
}

/// What an answer says that another case may have said before.
fn sayings(minor: &str, answer: &Answer) -> Vec<String> {
    let causes = answer.errors.iter().map(|cause| format!("{} {} {}", cause.kind, cause.field, cause.detail));
    let texts = answer.warnings.iter().chain(&answer.strict).chain([&answer.decode]).cloned();
    causes.chain(texts).map(|text| format!("{minor} {}", kind_of(&text))).collect()
}

fn ask(minor: &str, cases: &[Case]) -> Vec<Answer> {
    let questions = cases.iter().enumerate().map(|(number, case)| {
        let mut line = String::new();
        question(number as u64, case, &mut line);
        line.trim_end().to_owned()
    });
    Oracle::ask_all(minor, "judge", questions.collect()).unwrap()
}

fn document(json: &daemonset_tests::json::Json) -> String {
    let mut text = String::new();
    json.write(&mut text);
    text
}

fn record() {
    let newest = Server::supported().len() - 1;
    let generator = Generator::new(newest, Vec::new());
    let cases: Vec<Case> = (0..CASES).map(|number| generator.case(SEED, number)).collect();
    let answers: Vec<Vec<Answer>> = Server::supported().iter().map(|minor| ask(minor, &cases)).collect();
    let size =
        |case: &Case| document(&case.document).len() + case.old.as_ref().map_or(0, |old| document(old).len());
    let mut order: Vec<usize> = (0..cases.len()).filter(|case| size(&cases[*case]) <= LARGEST).collect();
    order.sort_by_key(|case| size(&cases[*case]));
    let mut said = HashSet::new();
    let mut text = String::new();
    for number in order {
        let given: Vec<&Answer> = answers.iter().map(|of_minor| &of_minor[number]).collect();
        if given.iter().any(|answer| !answer.panic.is_empty() || !answer.malformed.is_empty()) {
            continue;
        }
        let new: Vec<String> = Server::supported()
            .iter()
            .zip(&given)
            .flat_map(|(minor, answer)| sayings(minor, answer))
            .filter(|saying| !said.contains(saying))
            .collect();
        if new.is_empty() {
            continue;
        }
        said.extend(new);
        // Where a minor answers as the one before it, its answer is left out.
        let mut stored: Vec<Value> = Vec::new();
        for (position, answer) in given.iter().enumerate() {
            let same = position > 0 && *answer == given[position - 1];
            stored.push(if same { Value::Null } else { serde_json::to_value(answer).unwrap() });
        }
        let old = cases[number].old.as_ref().map(document);
        let line = json!({ "document": document(&cases[number].document), "old": old, "answers": stored });
        text.push_str(&format!("{line}\n"));
    }
    std::fs::write(path(), text).unwrap();
}

#[test]
fn recorded_answers_are_ours_too() {
    if update() && std::env::var_os("ORACLE_BIN").is_some() {
        record();
    }
    let recorded = std::fs::read_to_string(path()).unwrap();
    let mut count = 0;
    let mut differing = Vec::new();
    for line in recorded.lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        let old = line["old"].as_str().map(|text| read_json(text).unwrap());
        let case = Case { document: read_json(line["document"].as_str().unwrap()).unwrap(), old };
        let mut theirs = Answer::default();
        for (minor, answer) in Server::supported().iter().zip(line["answers"].as_array().unwrap()) {
            if !answer.is_null() {
                theirs = serde_json::from_value(answer.clone()).unwrap();
            }
            count += 1;
            let differences: Vec<Difference> =
                compare(&theirs, &ours(&case, &Server::of_version(minor).unwrap()));
            if let Some(first) = differences.iter().find(|difference| !difference.wording) {
                differing.push(format!("{minor} {first:?} {}", line["document"]));
            }
        }
    }
    assert!(differing.is_empty(), "{} of {count}: {:#?}", differing.len(), differing.first());
    assert!(count > 1_000, "only {count} answers are recorded");
    println!("{count} recorded answers agree");
}
