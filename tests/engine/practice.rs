//! The rules on practice find what the manifests of `practice/` say, at the lines that say it, and nothing else; a fix that a finding
//! carries takes the finding away and brings no other.
//!
//! A line that ends with `# finds: RULE` is the line of a finding of this rule; several rules are separated by commas.

use std::collections::BTreeSet;

use daemonset_lint::engine::Engine;
use daemonset_lint::source::{Content, LineIndex, documents};
use daemonset_tests::root;
use daemonset_validation::levels::Level;
use daemonset_validation::rules::{Family, Levels, RULES};
use daemonset_validation::{Finding, Server, ServerVerdict, Tree, check, edit, subjects};

fn levels() -> Levels {
    Levels::by(|rule| if rule.family == Family::Practice { Level::Warning } else { Level::Off })
}

fn manifests() -> Vec<(String, String)> {
    let folder = root().join("tests/engine/practice");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let name = |path: &std::path::Path| path.file_name().unwrap().to_str().unwrap().to_owned();
    files.iter().map(|path| (name(path), std::fs::read_to_string(path).unwrap())).collect()
}

/// The lines with the rules that are expected there.
fn expected(text: &str) -> BTreeSet<(usize, String)> {
    let mut found = BTreeSet::new();
    for (index, line) in text.lines().enumerate() {
        if let Some((_, rules)) = line.split_once("# finds: ") {
            found.extend(rules.split(", ").map(|rule| (index + 1, rule.trim().to_owned())));
        }
    }
    found
}

#[test]
fn each_finding_is_at_its_line() {
    let engine = Engine { levels: levels(), ..Engine::default() };
    let (mut faults, mut seen) = (Vec::new(), BTreeSet::new());
    for (name, text) in manifests() {
        let report = engine.check(name.clone(), text.clone().into_bytes());
        let lines = LineIndex::new(&text);
        let mut found = BTreeSet::new();
        for located in report.all_findings() {
            let line = lines.line(located.place.frame.start as usize);
            assert!(located.finding.help.is_some(), "{name}:{line}: {} has no help", located.finding.rule);
            if !found.insert((line, located.finding.rule.to_owned())) {
                faults.push(format!("{name}:{line}: {} stands there twice", located.finding.rule));
            }
        }
        let expected = expected(&text);
        faults.extend(
            expected.difference(&found).map(|(line, rule)| format!("{name}:{line}: {rule} is not found")),
        );
        faults.extend(
            found.difference(&expected).map(|(line, rule)| format!("{name}:{line}: {rule} is not expected")),
        );
        seen.extend(found.into_iter().map(|(_, rule)| rule));
    }
    assert!(faults.is_empty(), "{faults:#?}");
    let unseen: Vec<_> = RULES
        .iter()
        .filter(|rule| rule.family == Family::Practice && !seen.contains(rule.id))
        .map(|rule| rule.id)
        .collect();
    assert!(unseen.is_empty(), "no manifest has a finding of {unseen:?}");
}

fn findings(tree: &Tree<'_>) -> Vec<Finding> {
    let subject = &subjects(tree)[0];
    let checked = check(tree, subject, None, &Server::newest(), &levels());
    assert_eq!(checked.verdict, ServerVerdict::Accepted, "{:#?}", checked.findings);
    checked.findings
}

#[test]
fn each_fix_takes_its_finding_away_and_brings_no_other() {
    let mut fixes = BTreeSet::new();
    for (name, text) in manifests() {
        for document in documents(&text) {
            let Content::Tree(tree) = document.content else { panic!("{name} is broken") };
            let node = subjects(&tree)[0].node;
            let before = findings(&tree);
            for finding in &before {
                let Some(fix) = &finding.fix else { continue };
                let fixed = edit::apply(&tree, node, &fix.edits);
                let fixed = fixed.unwrap_or_else(|| panic!("{name}: {} cannot be fixed", finding.rule));
                let after = findings(&fixed);
                let is_new = |one: &&Finding| {
                    !before.iter().any(|old| {
                        old.rule == one.rule && (old.message == one.message || old.field == one.field)
                    })
                };
                let new: Vec<_> = after.iter().filter(is_new).collect();
                assert!(after.len() < before.len() && new.is_empty(), "{name}: {finding:#?} gives {new:#?}");
                fixes.insert(finding.rule);
            }
        }
    }
    assert!(fixes.len() >= 10, "{fixes:?}");
}
