//! `--fix` mends what it says, and nothing else: each case beside this file, thousands of mistakes, and real manifests.
//!
//! A case of `cases/` is a text, what is made of it, and how many fixes of each rule that takes. `␍` is a carriage return; `⌁` at the end
//! takes the line break before it away. `UPDATE=1` records the results again.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::print_stdout
)]

mod growth;
mod kept;
mod mutants;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use daemonset_lint::engine::Engine;
use daemonset_lint::fix::mend_text;
use daemonset_tests::{compare_with_file, root};

use kept::Case;

/// The kinds of findings that the issue of fixes asks for.
const KINDS: usize = 25;

fn written(text: &str) -> String {
    text.replace("␍", "\r").replace("\n⌁\n", "")
}

fn shown(text: &str) -> String {
    let text = text.replace('\r', "␍");
    if text.ends_with('\n') { text } else { format!("{text}\n⌁\n") }
}

/// The title and options of a case, and its text.
fn cases(text: &str) -> Vec<(&str, &str)> {
    text.split("=== ")
        .filter(|part| !part.trim().is_empty())
        .map(|part| part.split_once('\n').unwrap())
        .collect()
}

#[test]
fn each_case_is_mended_as_recorded() {
    let mut kinds: BTreeSet<String> = BTreeSet::new();
    let mut faults = Vec::new();
    let mut files: Vec<_> = std::fs::read_dir(root().join("tests/engine/fixes/cases")).unwrap().collect();
    files.sort_by_key(|entry| entry.as_ref().unwrap().path());
    for entry in files {
        let path = entry.unwrap().path();
        let recorded = std::fs::read_to_string(&path).unwrap();
        let mut now = String::new();
        for (title, body) in cases(&recorded) {
            let before = body.split("\n>>> ").next().unwrap().trim_end_matches('\n').to_owned() + "\n";
            let text = written(&before);
            let with_unsafe = title.ends_with(" [unsafe]");
            let case = Case::new(&text, with_unsafe);
            faults.extend(case.faults().into_iter().map(|fault| format!("{title}: {fault}")));
            let mended = &case.mended;
            let rules: Vec<String> =
                mended.rules.iter().map(|(rule, count)| format!("{count} {rule}")).collect();
            write!(now, "=== {title}\n{before}>>> ").unwrap();
            if rules.is_empty() {
                now.push_str("nothing\n\n");
            } else {
                writeln!(now, "{}\n{}", rules.join(", "), shown(&mended.text)).unwrap();
                kinds.insert(title.to_owned());
            }
        }
        compare_with_file(&path, &(now.trim_end_matches('\n').to_owned() + "\n"));
    }
    assert!(faults.is_empty(), "{faults:#?}");
    assert!(kinds.len() >= KINDS, "{} kinds of findings", kinds.len());
}

/// The rules of the tests hold on real manifests, too.
#[test]
fn real_manifests_keep_what_is_not_mended() {
    let folder = root().parent().unwrap().join("shared/corpus/manifests");
    if !folder.is_dir() {
        println!("skipped: {} is absent", folder.display());
        return;
    }
    let mut texts = Vec::new();
    let mut folders = vec![folder];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if let Ok(text) = std::fs::read_to_string(&path) {
                texts.push((path.display().to_string(), text));
            }
        }
    }
    texts.sort();
    mutants::hold(&texts);
}

/// Nothing is made of what cannot be read.
#[test]
fn what_is_no_manifest_stays() {
    for text in ["", "a: [", "{{ if }}\nkind: DaemonSet\n", "- a\n- b\n", "\u{FEFF}", "kind: DaemonSet"] {
        let mended = mend_text("m.yaml", text, false, &Engine::default());
        assert_eq!(mended.text, text);
    }
}
