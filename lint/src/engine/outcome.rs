//! The results of a run, without their presentation.

use daemonset_validation::peers::Peer;
use daemonset_validation::rules::{self, Check};
use daemonset_validation::{Finding, Severity};

use super::explain::Explanation;
use super::locate::Place;

/// A finding and its place in the file's text.
#[derive(Clone, Debug)]
pub struct Located {
    /// The finding.
    pub finding: Finding,
    /// Its place.
    pub place: Place,
}

impl Located {
    /// Whether it is about the preview as a whole rather than about a line of the manifest.
    pub fn is_note(&self) -> bool {
        match rules::find(self.finding.rule).map(|rule| &rule.check) {
            Some(Check::Preview(_)) => true,
            Some(Check::Peers(_)) => self.finding.severity == Severity::Info,
            _ => false,
        }
    }
}

/// The result for a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The server would store it.
    Accepted,
    /// The server would refuse it.
    Rejected,
    /// Not a DaemonSet.
    Skipped,
    /// Not readable as YAML or JSON, or no object: kubectl refuses it.
    Unreadable,
}

impl Verdict {
    /// The word in every report.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Rejected => "rejected",
            Self::Skipped => "skipped",
            Self::Unreadable => "unreadable",
        }
    }
}

/// One object of a file.
#[derive(Debug)]
pub struct DocumentReport {
    /// The position of its document in the file, from 0, with empty documents counted.
    pub index: usize,
    /// Its position in the document's list, from 0; `None` if the document is not a list.
    pub item: Option<usize>,
    /// The line on which it starts, from 1.
    pub line: usize,
    /// The template that it was rendered from, as Helm names it.
    pub source: Option<String>,
    /// `apiVersion`.
    pub api_version: String,
    /// `kind`.
    pub kind: String,
    /// `metadata.namespace` or `default`.
    pub namespace: String,
    /// `metadata.name`.
    pub name: String,
    /// The result.
    pub verdict: Verdict,
    /// Whether it was judged as an update of a stored object.
    pub update: bool,
    /// The findings, in the order of the text.
    pub findings: Vec<Located>,
    /// The parts that are compared with other DaemonSets. The object itself is not kept: thousands of them would take much memory.
    pub peer: Option<Peer>,
    /// The preview, if there is a cluster and the server accepts the object.
    pub explanation: Option<Explanation>,
}

impl DocumentReport {
    /// The report of a document that cannot be read.
    pub const fn unreadable(index: usize, line: usize) -> Self {
        Self {
            index,
            item: None,
            line,
            source: None,
            api_version: String::new(),
            kind: String::new(),
            namespace: String::new(),
            name: String::new(),
            verdict: Verdict::Unreadable,
            update: false,
            findings: Vec::new(),
            peer: None,
            explanation: None,
        }
    }

    /// The findings that are shown with a frame, at their place in the text.
    pub fn framed(&self) -> impl Iterator<Item = &Located> {
        self.findings.iter().filter(|located| self.explanation.is_none() || !located.is_note())
    }

    /// The findings that are shown below the preview.
    pub fn notes(&self) -> impl Iterator<Item = &Located> {
        self.findings.iter().filter(|located| located.is_note())
    }

    /// Whether it is a DaemonSet, accepted or rejected.
    pub const fn is_daemon_set(&self) -> bool {
        matches!(self.verdict, Verdict::Accepted | Verdict::Rejected)
    }
}

/// One file.
#[derive(Debug)]
pub struct FileReport {
    /// The path as given or found, with `/`.
    pub path: String,
    /// The text, where a finding or an explanation points into it.
    pub text: String,
    /// The objects, in source order.
    pub documents: Vec<DocumentReport>,
    /// Findings that belong to no object.
    pub findings: Vec<Located>,
    /// Why the file could not be read. If it is set, the command ends with exit code 2.
    pub unreadable: Option<String>,
}

impl FileReport {
    /// A report without findings.
    pub const fn empty(path: String) -> Self {
        Self { path, text: String::new(), documents: Vec::new(), findings: Vec::new(), unreadable: None }
    }

    /// The findings that are shown with a frame, each with its object: those of the file itself, which have none, first.
    pub fn framed(&self) -> impl Iterator<Item = (Option<&DocumentReport>, &Located)> {
        let of_objects = self
            .documents
            .iter()
            .flat_map(|document| document.framed().map(move |located| (Some(document), located)));
        self.findings.iter().map(|located| (None, located)).chain(of_objects)
    }

    /// All findings of the file, those of the file itself first.
    pub fn all_findings(&self) -> impl Iterator<Item = &Located> {
        self.findings.iter().chain(self.documents.iter().flat_map(|document| &document.findings))
    }
}

/// The numbers of files, objects and findings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Files read.
    pub files: usize,
    /// Objects in them.
    pub documents: usize,
    /// DaemonSets among these.
    pub daemon_sets: usize,
    /// Errors.
    pub errors: usize,
    /// Warnings.
    pub warnings: usize,
    /// Notes.
    pub infos: usize,
    /// Objects of other kinds.
    pub skipped: usize,
    /// Files with at least one finding.
    pub files_with_findings: usize,
}

impl Summary {
    /// Counts a run.
    pub fn of(files: &[FileReport]) -> Self {
        let mut summary = Self { files: files.len(), ..Self::default() };
        let add = |count: &mut usize| *count = count.saturating_add(1);
        for file in files {
            for document in &file.documents {
                add(&mut summary.documents);
                if document.is_daemon_set() {
                    add(&mut summary.daemon_sets);
                }
                if document.verdict == Verdict::Skipped {
                    add(&mut summary.skipped);
                }
            }
            for located in file.all_findings() {
                match located.finding.severity {
                    Severity::Error => add(&mut summary.errors),
                    Severity::Warning => add(&mut summary.warnings),
                    Severity::Info => add(&mut summary.infos),
                }
            }
            if file.all_findings().next().is_some() {
                add(&mut summary.files_with_findings);
            }
        }
        summary
    }

    /// The highest severity among the findings.
    pub const fn highest_severity(&self) -> Option<Severity> {
        if self.errors > 0 {
            Some(Severity::Error)
        } else if self.warnings > 0 {
            Some(Severity::Warning)
        } else if self.infos > 0 {
            Some(Severity::Info)
        } else {
            None
        }
    }
}
