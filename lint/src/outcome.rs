//! What a run found, before anybody prints it.

use std::collections::BTreeMap;

use daemonset_validation::{Finding, Severity};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;

use crate::explain::Explanation;
use crate::locate::Place;

/// A finding and its place in the file's text.
#[derive(Clone, Debug)]
pub(crate) struct Located {
    /// What is to be said.
    pub(crate) finding: Finding,
    /// Where.
    pub(crate) place: Place,
}

/// What became of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The server would store it.
    Accepted,
    /// The server would refuse it.
    Rejected,
    /// Not a DaemonSet.
    Skipped,
    /// Not readable as YAML or JSON.
    Unreadable,
}

impl Verdict {
    /// The word in every report.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Rejected => "rejected",
            Self::Skipped => "skipped",
            Self::Unreadable => "unreadable",
        }
    }
}

/// What a DaemonSet selects, and the labels that its pods carry.
#[derive(Clone, Debug, Default)]
pub(crate) struct Selection {
    /// `spec.selector`.
    pub(crate) selector: LabelSelector,
    /// The template's labels.
    pub(crate) labels: BTreeMap<String, String>,
}

/// One object of a file.
#[derive(Debug)]
pub(crate) struct DocumentReport {
    /// Its document's place in the stream, from 0, empty documents counted.
    pub(crate) index: usize,
    /// Its place in the list that the document is, from 0.
    pub(crate) item: Option<usize>,
    /// The line on which it starts, from 1.
    pub(crate) line: usize,
    /// `apiVersion`.
    pub(crate) api_version: String,
    /// `kind`.
    pub(crate) kind: String,
    /// `metadata.namespace` or `default`.
    pub(crate) namespace: String,
    /// `metadata.name`.
    pub(crate) name: String,
    /// What became of it.
    pub(crate) verdict: Verdict,
    /// Whether it was judged as an update of a stored object.
    pub(crate) update: bool,
    /// What is to be said, in source order.
    pub(crate) findings: Vec<Located>,
    /// What it selects and what its pods carry, where the server knows the kind. The object itself is not kept: thousands of
    /// them would take much memory.
    pub(crate) selection: Option<Selection>,
    /// Where `spec.selector` stands, for findings that concern several documents.
    pub(crate) selector: Place,
    /// Where its pods would land, if that was asked and the server accepts it.
    pub(crate) explanation: Option<Explanation>,
}

impl DocumentReport {
    /// Whether it is a DaemonSet, well written or not.
    pub(crate) const fn is_daemon_set(&self) -> bool {
        matches!(self.verdict, Verdict::Accepted | Verdict::Rejected)
    }
}

/// One file.
#[derive(Debug)]
pub(crate) struct FileReport {
    /// The path as given or found, with `/`.
    pub(crate) path: String,
    /// The text, where a finding or an explanation points into it.
    pub(crate) text: String,
    /// The objects, in source order.
    pub(crate) documents: Vec<DocumentReport>,
    /// What belongs to no object.
    pub(crate) findings: Vec<Located>,
    /// Why the file could not be read at all; then the run ends with exit code 2.
    pub(crate) unreadable: Option<String>,
}

impl FileReport {
    /// All findings of the file, its own first.
    pub(crate) fn all_findings(&self) -> impl Iterator<Item = &Located> {
        self.findings.iter().chain(self.documents.iter().flat_map(|document| &document.findings))
    }
}

/// How much there was.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Summary {
    /// Files read.
    pub(crate) files: usize,
    /// Objects in them.
    pub(crate) documents: usize,
    /// DaemonSets among these.
    pub(crate) daemon_sets: usize,
    /// Findings of each severity.
    pub(crate) errors: usize,
    /// Warnings.
    pub(crate) warnings: usize,
    /// Remarks.
    pub(crate) infos: usize,
    /// Objects of other kinds.
    pub(crate) skipped: usize,
    /// Files with at least one finding.
    pub(crate) files_with_findings: usize,
}

impl Summary {
    /// Counts a run.
    pub(crate) fn of(files: &[FileReport]) -> Self {
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

    /// The gravest severity among the findings.
    pub(crate) const fn gravest(&self) -> Option<Severity> {
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
