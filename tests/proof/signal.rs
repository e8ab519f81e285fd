//! The rules that are on say little of real manifests: most files that the server accepts have no finding. The manifests are others' work in
//! `../shared/corpus`, read in place; without it the test says that it is skipped.
//!
//! `SIGNAL=all` runs every rule, and `SIGNAL=RULE` one, and prints each finding with its place, to be read beside the file.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use daemonset_lint::engine::outcome::{FileReport, Verdict};
use daemonset_lint::engine::{Engine, Run};
use daemonset_tests::root;
use daemonset_validation::levels::Level;
use daemonset_validation::rules::Levels;

/// At least so many files of a hundred have no finding.
const CLEAN: usize = 60;

fn corpus() -> Option<PathBuf> {
    let folder = root().parent()?.join("shared/corpus");
    folder.is_dir().then_some(folder)
}

/// The files of which the server accepts every DaemonSet.
fn accepted(folder: &Path) -> Vec<String> {
    let verdicts = std::fs::read_to_string(folder.join("verdicts-1.37.jsonl")).unwrap();
    let mut files: BTreeMap<String, bool> = BTreeMap::new();
    for line in verdicts.lines() {
        let verdict: serde_json::Value = serde_json::from_str(line).unwrap();
        let file = verdict["file"].as_str().unwrap().to_owned();
        *files.entry(file).or_insert(true) &= verdict["valid"] == true;
    }
    files.into_iter().filter(|(_, valid)| *valid).map(|(file, _)| file).collect()
}

fn print(report: &FileReport) {
    for located in report.all_findings() {
        let line = report.text.get(..located.place.exact.start as usize).unwrap_or_default().lines().count();
        let finding = &located.finding;
        println!("{} {}:{line} {} {}", finding.rule, report.path, finding.field, finding.message);
    }
}

#[test]
fn most_real_manifests_have_no_finding() {
    let Some(folder) = corpus() else {
        println!("skipped: ../shared/corpus is absent");
        return;
    };
    let wanted = std::env::var("SIGNAL").ok();
    let levels = match wanted.as_deref() {
        None => Levels::default(),
        Some("all") => Levels::by(|_| Level::Warning),
        Some(id) => Levels::by(|rule| if rule.id == id { Level::Warning } else { Level::Off }),
    };
    let engine = Engine { levels, ..Engine::default() };
    let mut by_rule: BTreeMap<&str, (usize, BTreeSet<String>)> = BTreeMap::new();
    let mut counts = Vec::new();
    for file in accepted(&folder) {
        let bytes = std::fs::read(folder.join(&file)).unwrap();
        let run = Run::new(vec![engine.check(file.clone(), bytes)], &engine);
        let report = &run.files[0];
        // The recorder takes one version that no server serves; tests/proof/corpus.rs knows it.
        if report.documents.iter().any(|document| document.verdict == Verdict::Rejected) {
            continue;
        }
        if wanted.is_some() {
            print(report);
        }
        counts.push(report.all_findings().count());
        for located in report.all_findings() {
            let (findings, files) = by_rule.entry(located.finding.rule).or_default();
            *findings += 1;
            files.insert(file.clone());
        }
    }
    counts.sort_unstable();
    let (files, clean) = (counts.len(), counts.iter().filter(|count| **count == 0).count());
    for (rule, (findings, files)) in &by_rule {
        println!("{rule:<32} {findings:>4} findings in {:>3} files", files.len());
    }
    println!("{clean} of {files} files have no finding; median {}", counts[files / 2]);
    if wanted.is_none() {
        assert!(clean * 100 >= files * CLEAN, "{clean} of {files} files have no finding");
        assert!(counts[files / 2] <= 1, "the median is {}", counts[files / 2]);
    }
}
