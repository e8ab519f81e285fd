//! What the product says of a text, and what it says once its advice is followed.

use std::collections::BTreeMap;

use daemonset_lint::engine::Engine;
use daemonset_lint::source::{Content, LineIndex, documents};
use daemonset_validation::levels::Level;
use daemonset_validation::rules::{Family, Levels, Rule};
use daemonset_validation::{Edit, Finding, Severity};

use super::follow::{document, follow};
use crate::json::Json;

/// What is said of a text.
#[derive(Debug)]
pub struct Judged {
    /// The findings that people are shown, each with its line and what follows from its advice.
    pub shown: Vec<Shown>,
    /// The number of all findings.
    pub all: usize,
}

/// A finding that people are shown.
#[derive(Debug)]
pub struct Shown {
    /// The finding.
    pub finding: Finding,
    /// Its line.
    pub line: usize,
    /// Whether its fix leaves fewer findings and no others; `None` if it has no fix.
    pub helps: Option<bool>,
}

/// Checks what the server says. The rules on practice only read what the server can decode, and speak of the values that stand for a
/// mistake here.
fn engine() -> Engine<'static> {
    let is_off = |rule: &Rule| matches!(rule.family, Family::Practice | Family::Scheduling);
    let levels = Levels::by(|rule| if is_off(rule) { Level::Off } else { rule.level });
    Engine { levels, ..Engine::default() }
}

/// Judges a text that holds one object.
pub fn judge(text: &str) -> Judged {
    let report = engine().check("m.yaml".to_owned(), text.as_bytes().to_vec());
    let lines = LineIndex::new(text);
    let object = documents(text).find_map(|found| match found.content {
        Content::Tree(tree) => Some(document(&tree, tree.root())),
        _ => None,
    });
    let before = object.as_ref().map(findings);
    let all: Vec<_> = report.all_findings().collect();
    let helps = |finding: &Finding, line: usize| {
        let fix = finding.fix.as_ref()?;
        let (object, before) = (object.as_ref()?, before.as_ref()?);
        if let [Edit::Separate { .. }] = fix.edits.as_slice() {
            let mut divided: Vec<&str> = text.lines().collect();
            divided.insert(line.saturating_sub(1).min(divided.len()), "---");
            let after = findings_of("m.yaml", &(divided.join("\n") + "\n"));
            return Some(fewer(&findings_of("m.yaml", text), &after));
        }
        let Some(after) = follow(object, &fix.edits) else { return Some(false) };
        Some(fewer(before, &findings(&after)))
    };
    let shown = all
        .iter()
        .filter(|located| located.finding.is_shown() && located.finding.severity == Severity::Error);
    let shown = shown.map(|located| {
        let line = lines.line(located.place.frame.start as usize);
        Shown { line, helps: helps(&located.finding, line), finding: located.finding.clone() }
    });
    Judged { shown: shown.collect(), all: all.len() }
}

/// The findings of an object, each with how often it is there.
fn findings(object: &Json) -> BTreeMap<String, usize> {
    findings_of("m.json", &object.to_string())
}

fn findings_of(name: &str, text: &str) -> BTreeMap<String, usize> {
    let report = engine().check(name.to_owned(), text.as_bytes().to_vec());
    let mut found = BTreeMap::new();
    for located in report.all_findings() {
        let finding = &located.finding;
        let text = format!("{} {} {}", finding.rule, finding.field, finding.server_sentence());
        *found.entry(text).or_insert(0) += 1;
    }
    found
}

/// Whether there are fewer findings and no new ones.
fn fewer(before: &BTreeMap<String, usize>, after: &BTreeMap<String, usize>) -> bool {
    let count = |findings: &BTreeMap<String, usize>| findings.values().sum::<usize>();
    let known = after.iter().all(|(text, count)| before.get(text).is_some_and(|known| known >= count));
    known && count(after) < count(before)
}
