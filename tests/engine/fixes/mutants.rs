//! Mistakes that are made in valid manifests, one, two or three in each, in several forms of text. `FIXES` is their number, `SEED` chooses them.
//!
//! Where `ORACLE_BIN` names the folder of the built oracles, the API server's own code judges each text before and after.

use std::fmt::Write as _;

use daemonset_lint::source::{Content, documents};
use daemonset_tests::differential::{Answer, Class, Oracle};
use daemonset_tests::mistakes::{document, mutants};
use daemonset_tests::random::Random;
use daemonset_tests::{root, setting};
use daemonset_validation::Server;

use super::kept::Case;

/// The mutants of a run without `FIXES`.
const FEW: u64 = 240;

#[test]
fn a_mended_mistake_is_one_less() {
    let mut bases = Vec::new();
    for entry in std::fs::read_dir(root().join("tests/engine/mistakes/base")).unwrap() {
        let path = entry.unwrap().path();
        bases.push((
            path.file_stem().unwrap().to_string_lossy().into_owned(),
            std::fs::read_to_string(&path).unwrap(),
        ));
    }
    bases.sort();
    let (seed, number) = (setting("SEED", 17), setting("FIXES", FEW));
    let first: Vec<Vec<_>> = bases.iter().map(|(_, text)| mutants(text)).collect();
    let mut texts = Vec::new();
    for case in 0..number {
        let mut random = Random::of_case(seed, case);
        let base = random.below(bases.len());
        let mut mutant = first[base][random.below(first[base].len())].clone();
        let mut kinds = mutant.kind.to_owned();
        for _ in 0..random.below(3) {
            let further = mutants(&mutant.text);
            if further.is_empty() {
                break;
            }
            mutant = further[random.below(further.len())].clone();
            write!(kinds, " + {}", mutant.kind).unwrap();
        }
        texts.push((format!("{} {case}: {kinds}", bases[base].0), in_form(&mutant.text, &mut random)));
    }
    hold(&texts);
}

/// The text in one of several forms: as it is, with comments, with other line breaks, as JSON.
fn in_form(text: &str, random: &mut Random) -> String {
    match random.below(5) {
        0 => text.to_owned(),
        1 | 2 => commented(text, random),
        3 => commented(text, random).replace('\n', "\r\n"),
        _ => {
            let tree = documents(text).find_map(|found| match found.content {
                Content::Tree(tree) => Some(tree),
                _ => None,
            });
            let json = tree.map(|tree| document(&tree, tree.root()).to_string());
            let value = json.and_then(|json| serde_json::from_str::<serde_json::Value>(&json).ok());
            value
                .map_or_else(|| text.to_owned(), |value| serde_json::to_string_pretty(&value).unwrap() + "\n")
        }
    }
}

/// The text with comments on lines and between them.
fn commented(text: &str, random: &mut Random) -> String {
    let mut new = String::new();
    let is_block = text.contains(": |") || text.contains(": >");
    for (number, line) in text.lines().enumerate() {
        let indent = line.len() - line.trim_start().len();
        if random.percent(10) && !is_block {
            writeln!(new, "{}# above {number}", " ".repeat(indent)).unwrap();
        }
        new.push_str(line);
        if random.percent(30) && !is_block && !line.trim().is_empty() {
            write!(new, "  # at {number}").unwrap();
        }
        new.push('\n');
    }
    new
}

/// Checks that the rules hold of every text, and what the server says of it.
pub fn hold(texts: &[(String, String)]) {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let part = texts.len().div_ceil(threads).max(1);
    let done: Vec<Done> = std::thread::scope(|scope| {
        let parts =
            texts.chunks(part).map(|part| scope.spawn(move || part.iter().map(one).collect::<Vec<_>>()));
        let parts: Vec<_> = parts.collect();
        parts.into_iter().flat_map(|part| part.join().unwrap()).collect()
    });
    let changed = |done: &&Done| done.changes.iter().any(|(before, after)| before != after);
    println!(
        "{} texts, {} mended, {} changes",
        done.len(),
        done.iter().filter(changed).count(),
        done.iter().map(|done| done.fixes).sum::<usize>()
    );
    let faults: Vec<&String> = done.iter().flat_map(|done| &done.faults).collect();
    assert!(
        faults.is_empty(),
        "{} faults, the first ones: {:#?}",
        faults.len(),
        faults.iter().take(5).collect::<Vec<_>>()
    );
    ask(&done);
}

struct Done {
    name: String,
    /// The text before and after, for safe fixes and for all.
    changes: Vec<(String, String)>,
    fixes: usize,
    faults: Vec<String>,
}

fn one((name, text): &(String, String)) -> Done {
    let mut done = Done { name: name.clone(), changes: Vec::new(), fixes: 0, faults: Vec::new() };
    for with_unsafe in [false, true] {
        let case = Case::new(text, with_unsafe);
        let word = if with_unsafe { "unsafe" } else { "safe" };
        done.faults
            .extend(case.faults().into_iter().map(|fault| format!("{name} ({word}): {fault}\n{text}")));
        done.fixes += case.mended.rules.values().sum::<usize>();
        if case.is_changed() {
            done.changes.push((text.clone(), case.mended.text));
        }
    }
    done
}

/// The documents of a stream that are DaemonSets, as the server reads them.
fn objects(text: &str) -> Vec<String> {
    documents(text)
        .filter_map(|found| match found.content {
            Content::Tree(tree) => Some(tree),
            _ => None,
        })
        .filter(|tree| tree.get_str(tree.root(), "kind") == Some("DaemonSet"))
        .map(|tree| document(&tree, tree.root()).to_string())
        .collect()
}

/// Asks the server about every text that changed.
fn ask(done: &[Done]) {
    let minor = Server::newest().minor();
    if !Oracle::is_built(minor) {
        println!("skipped: no oracle for {minor} in ORACLE_BIN");
        return;
    }
    let mut pairs = Vec::new();
    for done in done {
        for (before, after) in &done.changes {
            let (old, new) = (objects(before), objects(after));
            // What was no DaemonSet before has no answer to compare.
            if old.len() == new.len() {
                pairs.extend(
                    old.into_iter().zip(new).filter(|(old, new)| old != new).map(|pair| (&done.name, pair)),
                );
            }
        }
    }
    let question = |(id, text): (usize, &String)| serde_json::json!({ "id": id, "doc": text }).to_string();
    let texts: Vec<&String> = pairs.iter().flat_map(|(_, (old, new))| [old, new]).collect();
    let questions = texts.into_iter().enumerate().map(question).collect();
    let answers: Vec<Answer> = Oracle::ask_all(minor, "judge", questions).unwrap();
    let (mut further, mut fewer, mut same, mut valid) = (0, 0, 0, 0);
    let mut worse = Vec::new();
    for ((name, (old, new)), pair) in pairs.iter().zip(answers.chunks(2)) {
        let [before, after] = pair else { continue };
        valid += usize::from(after.valid);
        let (class, class_after) = (before.class(), after.class());
        let errors = |answer: &Answer| match answer.class() {
            Class::Strict => answer.strict.len() + answer.lenient_errors.len(),
            _ => answer.errors.len() + usize::from(!answer.decode.is_empty()),
        };
        // The server stops at what it cannot read: what it says once that is mended, it did not say before.
        if class_after > class {
            further += 1;
        } else if class_after == class && errors(after) < errors(before) {
            fewer += 1;
        } else if class_after == class && errors(after) == errors(before) {
            same += 1;
        } else {
            worse.push(format!("{name}\n{old}\n{before:?}\n{new}\n{after:?}"));
        }
    }
    println!(
        "{} texts asked: {further} get further at the server, {fewer} have fewer errors, {same} as many; {valid} are valid",
        pairs.len()
    );
    assert!(
        worse.is_empty(),
        "{} are worse, the first ones: {:#?}",
        worse.len(),
        worse.iter().take(3).collect::<Vec<_>>()
    );
}
