//! What is to be said of the allowances of a text, when all its findings are known.

use std::collections::HashMap;

use daemonset_validation::rules::{Fixed, Levels, find};
use daemonset_validation::{Edit, FieldPath, Finding, Severity, Span};

use super::By;
use super::allowances::{About, Allowance, Allowances, Fault, FaultKind, Position, path};
use super::words::Wrong;
use crate::engine::bounded::Bound;
use crate::engine::locate::Place;
use crate::engine::outcome::{FileReport, Located, Verdict};
use crate::source::LineIndex;

const INVALID: &str = "invalid-allow";
const UNUSED: &str = "unused-allow";
const WITHOUT_REASON: &str = "allow-without-reason";

/// How a comment is written, and where a level is set.
const WRITE: &str = "write `# daemonset-lint: allow RULE, REASON`";
const EXCLUDE: &str =
    "correct it; what is not meant for the API server can be excluded in .daemonset-lint.yaml";

/// Adds the findings about the allowances of a file: `kept` of a rule, and how many others there are.
pub(in crate::engine) fn finish(report: &mut FileReport, levels: &Levels, kept: usize) {
    let Some(allowances) = report.allowances.take() else { return };
    let lines = LineIndex::new(&report.text);
    let mut found: Vec<(Option<usize>, Located)> = Vec::new();
    let mut bound = Bound::new(kept);
    let objects = Objects::of(report);
    let mut add =
        |rule: &'static str, place: Span, document: Option<usize>, make: &dyn Fn(Severity) -> Finding| {
            let Some(severity) = levels.of(rule).severity() else { return };
            // What is beyond the bound is counted only.
            if bound.passes_as(rule, severity) {
                let place = Place { exact: place, frame: place };
                found.push((document, Located { finding: make(severity), place }));
            }
        };
    for fault in &allowances.faults {
        let rule = match fault.kind {
            FaultKind::NoReason(_) => WITHOUT_REASON,
            _ => INVALID,
        };
        let document = match fault.object {
            Some(position) => objects.at(position),
            None => objects.on_line(lines.line(fault.place.start as usize)),
        };
        add(rule, fault.place, document, &|severity| of_fault(fault, rule, severity));
    }
    let mut elsewhere = None;
    for allowance in allowances.all.iter().filter(|one| !one.used) {
        let document = match allowance.about {
            About::Object(position) => objects.at(position),
            About::Line(line) => objects.on_line(line),
            About::Nothing => objects.on_line(lines.line(allowance.place.start as usize)),
        };
        if !document.is_some_and(|at| is_known_unused(allowance, at, report, levels)) {
            continue;
        }
        let elsewhere = elsewhere.get_or_insert_with(|| found_lines(report, &lines));
        let near = near(allowance, elsewhere);
        add(UNUSED, allowance.place, document, &|severity| unused(allowance, &allowances, near, severity));
    }
    report.more.extend(bound.rest());
    for (document, located) in found {
        match document.and_then(|at| report.documents.get_mut(at)) {
            Some(document) => document.findings.push(located),
            None => report.findings.push(located),
        }
    }
    for document in &mut report.documents {
        document.findings.sort_by_key(|located| located.place.exact.start);
    }
}

/// The objects of a file by their position and their line.
struct Objects {
    by_position: HashMap<Position, usize>,
    lines: Vec<usize>,
}

impl Objects {
    fn of(report: &FileReport) -> Self {
        let objects = report.documents.iter().enumerate();
        Self {
            by_position: objects.map(|(at, object)| ((object.index, object.item), at)).collect(),
            lines: report.documents.iter().map(|object| object.line).collect(),
        }
    }

    fn at(&self, position: Position) -> Option<usize> {
        self.by_position.get(&position).copied()
    }

    /// The object that a line belongs to.
    fn on_line(&self, line: usize) -> Option<usize> {
        self.lines.partition_point(|start| *start <= line).checked_sub(1)
    }
}

/// Whether it is certain that the allowance has nothing to allow: its rule was checked, and needs nothing but this file.
fn is_known_unused(allowance: &Allowance, document: usize, report: &FileReport, levels: &Levels) -> bool {
    let was_checked = report.documents.get(document).is_some_and(|one| one.verdict == Verdict::Accepted);
    let is_on = levels.of(allowance.rule).severity().is_some();
    let is_whole = report.more.iter().all(|more| more.rule != allowance.rule);
    was_checked && is_on && is_whole && find(allowance.rule).is_some_and(|rule| rule.is_of_one_file())
}

/// For each rule, the lines of its findings, sorted.
fn found_lines(report: &FileReport, lines: &LineIndex) -> HashMap<&'static str, Vec<usize>> {
    let mut found: HashMap<&'static str, Vec<usize>> = HashMap::new();
    for located in report.shown_findings() {
        let line = lines.line(located.place.exact.start as usize);
        found.entry(located.finding.rule).or_default().push(line);
    }
    found.values_mut().for_each(|lines| lines.sort_unstable());
    found
}

/// The line nearest to that of the allowance on which its rule finds something that is not allowed.
fn near(allowance: &Allowance, found: &HashMap<&'static str, Vec<usize>>) -> Option<usize> {
    let About::Line(line) = allowance.about else { return None };
    let lines = found.get(allowance.rule)?;
    let behind = lines.partition_point(|one| *one < line);
    let before = behind.checked_sub(1).and_then(|at| lines.get(at));
    [before, lines.get(behind)].into_iter().flatten().copied().min_by_key(|one| one.abs_diff(line))
}

fn unused(allowance: &Allowance, all: &Allowances, near: Option<usize>, severity: Severity) -> Finding {
    let Allowance { rule, by, has_others, repeats, about, .. } = allowance;
    let message = match (repeats, about) {
        (Some(line), _) => format!("`{rule}` is allowed here once more: line {line} allows it already"),
        (None, About::Nothing) => format!("`{rule}` is allowed here, but no line follows"),
        (None, About::Line(line)) if !all.whole_lines.contains(line) => {
            format!("`{rule}` is allowed here, but finds nothing on line {line}")
        }
        (None, _) => format!("`{rule}` is allowed here, but finds nothing in this object"),
    };
    let what = by.as_str();
    let help = match near.filter(|_| repeats.is_none()) {
        Some(line) => {
            format!("it finds something on line {line}: put the comment above that line, or at its end")
        }
        None if *has_others => format!("delete `{rule}` from the {what}"),
        None => format!("delete the {what}"),
    };
    let path = path_of(*by);
    let finding = Finding::new(UNUSED, severity, path.clone(), message).help(help);
    if *by == By::Annotation && !has_others {
        finding.fix(true, vec![Edit::Remove { path }])
    } else {
        finding
    }
}

/// The path of a finding about a comment, which no field has, or about the annotation.
fn path_of(by: By) -> FieldPath {
    if by == By::Annotation { path(&["metadata", "annotations"]) } else { FieldPath::document() }
}

fn of_fault(fault: &Fault, rule: &'static str, severity: Severity) -> Finding {
    let by = if fault.object.is_some() { By::Annotation } else { By::Comment };
    let write = if by == By::Annotation { "write `RULE, REASON`" } else { WRITE };
    let (message, help) = match &fault.kind {
        FaultKind::Verb(verb) if verb.is_empty() => ("the comment says nothing".to_owned(), WRITE.to_owned()),
        FaultKind::Verb(verb) => (format!("`{verb}` is not known here; only `allow` is"), WRITE.to_owned()),
        FaultKind::NoReason(by) => {
            (format!("the {} does not say why", by.as_str()), "add the reason behind a comma".to_owned())
        }
        FaultKind::OnTemplate => (
            "the annotation allows nothing here: it is read on the DaemonSet, not on the pod template"
                .to_owned(),
            "move it to `metadata.annotations`; on the template, each change of it would replace all pods"
                .to_owned(),
        ),
        FaultKind::Id(word, wrong) => of_id(word, *wrong, by, write),
    };
    let path = match fault.kind {
        FaultKind::OnTemplate => path(&["spec", "template", "metadata", "annotations"]),
        _ => path_of(by),
    };
    Finding::new(rule, severity, path, message).help(help)
}

fn of_id(word: &str, wrong: Wrong, by: By, write: &str) -> (String, String) {
    match wrong {
        Wrong::Nothing => (format!("the {} names no rule", by.as_str()), write.to_owned()),
        Wrong::Unknown(near) => {
            let help = match near {
                Some(near) => format!("did you mean `{near}`?"),
                None => "`daemonset-lint rules` lists the rules".to_owned(),
            };
            (format!("there is no rule `{word}`"), help)
        }
        Wrong::NoComma(id) => {
            (format!("no comma follows the rule `{id}`"), format!("put a comma behind it: `allow {id}, …`"))
        }
        Wrong::Pattern => (
            format!("`{word}` allows nothing: each rule has to be named"),
            "name the rules; .daemonset-lint.yaml sets the level of a whole family".to_owned(),
        ),
        Wrong::Fixed(Fixed::Verdict) => {
            (format!("`{word}` cannot be allowed: the API server rejects the object"), EXCLUDE.to_owned())
        }
        Wrong::Fixed(Fixed::Unread) => (
            format!("`{word}` cannot be allowed: there is no object that could be judged"),
            EXCLUDE.to_owned(),
        ),
        Wrong::OfAllow => (
            format!("`{word}` cannot be allowed: it is about allowances"),
            "set its level in .daemonset-lint.yaml".to_owned(),
        ),
    }
}
