//! Findings that concern several documents at once.

use daemonset_validation::placement::{Party, facts};
use daemonset_validation::rules::overlapping_selectors::{self, MOST_NAMED, Selecting};
use daemonset_validation::{Anchor, FieldPath, Finding, Server, Severity};

use crate::explain::Cluster;
use crate::outcome::{DocumentReport, FileReport, Located};

/// Adds what can only be seen with all the files at hand.
pub(crate) fn check(files: &mut [FileReport]) {
    let found: Vec<(usize, usize, Located)> = overlapping(files);
    for (file, document, located) in found {
        if let Some(report) = files.get_mut(file).and_then(|file| file.documents.get_mut(document)) {
            report.findings.push(located);
            report.findings.sort_by_key(|located| located.place.exact.start);
        }
    }
}

/// Adds to the previews what the DaemonSets mean to each other and to those in the cluster.
pub(crate) fn note(files: &mut [FileReport], cluster: &Cluster, server: &Server) {
    let explanations =
        files.iter().flat_map(|file| &file.documents).filter_map(|one| one.explanation.as_ref());
    let parties: Vec<&Party> = explanations.map(|explanation| &explanation.party).collect();
    let found = facts(&parties, &cluster.snapshot, server);
    let documents = files.iter_mut().flat_map(|file| &mut file.documents);
    let explanations = documents.filter_map(|document| document.explanation.as_mut());
    for (explanation, notes) in explanations.zip(found) {
        explanation.notes.extend(notes);
    }
}

struct One<'r> {
    file: usize,
    document: usize,
    path: &'r str,
    report: &'r DocumentReport,
}

fn overlapping(files: &[FileReport]) -> Vec<(usize, usize, Located)> {
    let mut ones = Vec::new();
    let mut selecting = Vec::new();
    for (file, report) in files.iter().enumerate() {
        for (document, report) in report.documents.iter().enumerate() {
            let Some(selection) = &report.selection else { continue };
            let path = files.get(file).map(|file| file.path.as_str()).unwrap_or_default();
            ones.push(One { file, document, path, report });
            selecting.push(Selecting {
                namespace: &report.namespace,
                name: &report.name,
                selector: &selection.selector,
                labels: &selection.labels,
            });
        }
    }
    let found = overlapping_selectors::find(&selecting);
    let mut findings = Vec::new();
    for (one, others) in ones.iter().zip(found) {
        if others.is_empty() {
            continue;
        }
        let named = others.iter().filter_map(|place| ones.get(*place));
        let names: Vec<String> = named
            .map(|other| format!("{} ({}:{})", other.report.name, other.path, other.report.line))
            .collect();
        let more = if names.len() == MOST_NAMED { " and perhaps more" } else { "" };
        let message = format!(
            "the selector also matches the pods of {}{more} in namespace {}: their pods can be confused",
            names.join(", "),
            one.report.namespace
        );
        let path = FieldPath::of(&["spec", "selector"]);
        let finding = Finding::new(overlapping_selectors::RULE.id, Severity::Warning, path, message)
            .at(Anchor::Key)
            .help("give each DaemonSet a label of its own, in its selector and in its template");
        findings.push((one.file, one.document, Located { finding, place: one.report.selector }));
    }
    findings
}
