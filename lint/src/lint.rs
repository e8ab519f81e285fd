//! One file: from its text to what there is to say about it.

use daemonset_validation::{
    Anchor, FieldPath, Finding, Server, Severity, Subject, SubjectKind, Tree, check, subjects,
};

use crate::against::StoredObjects;
use crate::explain::{Cluster, Explanation, Manifest};
use crate::files::{Input, reason};
use crate::locate::{Place, locate};
use crate::outcome::{DocumentReport, FileReport, Located, Selection, Verdict};
use crate::source::{self, Content, LineIndex, SyntaxError};

/// What a run asks of each file.
#[derive(Debug)]
pub(crate) struct Settings<'s> {
    /// Whose verdict is wanted.
    pub(crate) server: Server,
    /// The cluster to explain against.
    pub(crate) cluster: Option<&'s Cluster>,
    /// The objects as they are stored now.
    pub(crate) stored: Option<&'s StoredObjects>,
}

/// Reads a file; standard input is read by the caller, once.
pub(crate) fn read(input: &Input) -> Result<Vec<u8>, String> {
    match input {
        Input::Stdin => Ok(Vec::new()),
        Input::File(path) => std::fs::read(path).map_err(|error| reason(&error)),
    }
}

/// Judges a file's bytes.
pub(crate) fn lint(path: String, bytes: Result<Vec<u8>, String>, settings: &Settings<'_>) -> FileReport {
    let empty = FileReport {
        path,
        text: String::new(),
        documents: Vec::new(),
        findings: Vec::new(),
        unreadable: None,
    };
    let bytes = match bytes {
        Ok(bytes) => bytes,
        Err(reason) => {
            let message = format!("cannot be read: {reason}");
            let finding = Finding::new("file/unreadable", Severity::Error, FieldPath::document(), message);
            let findings = vec![Located { finding, place: Place::default() }];
            return FileReport { findings, unreadable: Some(reason), ..empty };
        }
    };
    match source::decode(bytes) {
        Ok(text) => judge(FileReport { text, ..empty }, settings),
        Err(error) => FileReport { findings: vec![syntax(error)], ..empty },
    }
}

fn syntax(error: SyntaxError) -> Located {
    let finding = Finding::new(error.rule, Severity::Error, FieldPath::document(), error.message);
    let finding = match error.help {
        Some(help) => finding.help(help),
        None => finding,
    };
    Located { finding, place: Place { exact: error.span, frame: error.span } }
}

fn judge(mut report: FileReport, settings: &Settings<'_>) -> FileReport {
    let text = std::mem::take(&mut report.text);
    let lines = LineIndex::new(&text);
    for document in source::documents(&text) {
        let line = lines.line(document.start);
        match document.content {
            Content::Empty => {}
            Content::Broken(error) => {
                report.documents.push(unreadable(document.index, line));
                // A template gives one finding for the file, however many of its documents do not parse.
                let known = report.findings.iter().any(|located| located.finding.message == error.message);
                if !(error.whole_file && known) {
                    report.findings.push(syntax(error));
                }
            }
            Content::Tree(tree) => {
                let position = Position { index: document.index, text: &text, lines: &lines };
                for subject in subjects(&tree) {
                    report.documents.push(object(&tree, &subject, &position, settings));
                }
            }
        }
    }
    report.text = text;
    report
}

struct Position<'p> {
    index: usize,
    text: &'p str,
    lines: &'p LineIndex,
}

fn unreadable(index: usize, line: usize) -> DocumentReport {
    DocumentReport {
        index,
        item: None,
        line,
        api_version: String::new(),
        kind: String::new(),
        namespace: String::new(),
        name: String::new(),
        verdict: Verdict::Unreadable,
        update: false,
        findings: Vec::new(),
        selection: None,
        selector: Place::default(),
        explanation: None,
    }
}

fn object(tree: &Tree<'_>, subject: &Subject, at: &Position<'_>, settings: &Settings<'_>) -> DocumentReport {
    let start = tree.node(subject.node).span.start as usize;
    let mut report = DocumentReport {
        api_version: subject.api_version.clone(),
        kind: subject.kind.clone(),
        namespace: subject.namespace.clone(),
        name: subject.name.clone(),
        item: subject.item,
        verdict: Verdict::Skipped,
        ..unreadable(at.index, at.lines.line(start))
    };
    if subject.classify() == SubjectKind::Other {
        return report;
    }
    let stored = settings.stored.and_then(|stored| stored.find(subject));
    report.update = stored.is_some();
    let checked = match stored {
        Some(stored) => stored.with(|stored| check(tree, subject, stored, &settings.server)),
        None => check(tree, subject, None, &settings.server),
    };
    report.verdict = match checked.verdict {
        daemonset_validation::ServerVerdict::Accepted => Verdict::Accepted,
        daemonset_validation::ServerVerdict::Rejected => Verdict::Rejected,
    };
    let mut findings: Vec<Located> = checked
        .findings
        .into_iter()
        .map(|finding| {
            let place = locate(tree, subject.node, &finding.path, finding.anchor, at.text);
            Located { finding, place }
        })
        .collect();
    findings.sort_by_key(|located| located.place.exact.start);
    report.findings = findings;
    let selector = FieldPath::of(&["spec", "selector"]);
    report.selector = locate(tree, subject.node, &selector, Anchor::Key, at.text);
    if let (Verdict::Accepted, Some(cluster), Some(daemon_set)) =
        (report.verdict, settings.cluster, &checked.daemon_set)
    {
        let manifest = Manifest { tree, root: subject.node, text: at.text, lines: at.lines };
        report.explanation = Some(Explanation::new(daemon_set, cluster, &settings.server, &manifest));
    }
    report.selection = checked.daemon_set.map(|daemon_set| Selection {
        selector: daemon_set.spec.selector,
        labels: daemon_set.spec.template.metadata.and_then(|metadata| metadata.labels).unwrap_or_default(),
    });
    report
}
