//! The results of a run, without their presentation.

use daemonset_validation::peers::Peer;
use daemonset_validation::rules::{self, Check};
use daemonset_validation::together::{Companion, Uses};
use daemonset_validation::{Finding, Severity, Span};

use super::applied::{Applied, Classes};
use super::bounded::{Bound, More, PRINTED};
use super::explain::Explanation;
use super::locate::Place;
use super::role::Role;

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
            Some(Check::Preview(_) | Check::Snapshot(_)) => true,
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
    /// A DaemonSet with placeholders, and otherwise without an error: what the server says depends on what they are filled in with.
    Unfilled,
    /// A patch of a DaemonSet, judged as a part.
    Part,
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
            Self::Unfilled => "unfilled",
            Self::Part => "part",
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
    /// Whether the objects that were given as stored ones have one of its namespace and name.
    pub matched: bool,
    /// Of a DaemonSet, the classes that it names.
    pub(super) classes: Option<Classes>,
    /// The findings, in the order of the text.
    pub findings: Vec<Located>,
    /// How many more findings there would be if placeholders were values.
    pub placeholders: usize,
    /// The parts that are compared with other DaemonSets. The object itself is not kept: thousands of them would take much memory.
    pub peer: Option<Box<Peer>>,
    /// What it uses of the other objects of the files, where it is compared with others.
    pub uses: Option<Box<Uses>>,
    /// The preview, if there is a cluster and the server accepts the object.
    pub explanation: Option<Box<Explanation>>,
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
            matched: false,
            classes: None,
            findings: Vec::new(),
            placeholders: 0,
            peer: None,
            uses: None,
            explanation: None,
        }
    }

    /// The findings that are shown with a frame, at their place in the text.
    pub fn framed(&self) -> impl Iterator<Item = &Located> {
        let shown = self.findings.iter().filter(|located| located.finding.is_shown());
        shown.filter(|located| self.explanation.is_none() || !located.is_note())
    }

    /// The findings that are shown below the preview.
    pub fn notes(&self) -> impl Iterator<Item = &Located> {
        self.findings.iter().filter(|located| located.is_note())
    }

    /// Whether it is a DaemonSet that is judged as a whole.
    pub const fn is_daemon_set(&self) -> bool {
        matches!(self.verdict, Verdict::Accepted | Verdict::Rejected | Verdict::Unfilled)
    }
}

/// How far a file was judged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reading {
    /// All of it.
    #[default]
    Whole,
    /// Not parsed: no DaemonSet can stand in it.
    WithoutDaemonSet,
    /// It cannot be parsed, and as far as can be seen it holds no DaemonSet.
    Unparsable,
    /// It is a template that holds a DaemonSet, whose kind stands at the place.
    Template(Span),
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
    /// The objects that concern DaemonSets, until all files are judged.
    pub applied: Vec<Applied>,
    /// The objects that may mean something to the DaemonSets of the files.
    pub companions: Vec<Companion>,
    /// Findings that are counted only, because there are very many of their rule.
    pub more: Vec<More>,
    /// Why the file could not be read. If it is set, the command ends with exit code 2.
    pub unreadable: Option<String>,
    /// What the file is to the folder in which it was found.
    pub role: Role,
    /// How far it was judged.
    pub reading: Reading,
}

impl FileReport {
    /// A report without findings.
    pub const fn empty(path: String) -> Self {
        Self {
            path,
            text: String::new(),
            documents: Vec::new(),
            findings: Vec::new(),
            unreadable: None,
            role: Role::Whole,
            reading: Reading::Whole,
            more: Vec::new(),
            applied: Vec::new(),
            companions: Vec::new(),
        }
    }

    /// The findings that are printed with a frame, each with its object, and the numbers of those that are not printed.
    pub fn printed(&self) -> (Vec<(Option<&DocumentReport>, &Located)>, Vec<More>) {
        let mut bound = Bound::new(PRINTED);
        let printed = self.framed().filter(|(_, located)| bound.passes(&located.finding)).collect();
        self.more.iter().for_each(|more| bound.add(more));
        (printed, bound.rest())
    }

    /// The findings that are shown with a frame, each with its object: those of the file itself, which have none, first.
    pub fn framed(&self) -> impl Iterator<Item = (Option<&DocumentReport>, &Located)> {
        let of_objects = self
            .documents
            .iter()
            .flat_map(|document| document.framed().map(move |located| (Some(document), located)));
        self.findings.iter().map(|located| (None, located)).chain(of_objects)
    }

    /// The findings that people are shown: without those that follow from another one.
    pub fn shown_findings(&self) -> impl Iterator<Item = &Located> {
        self.all_findings().filter(|located| located.finding.is_shown())
    }

    /// All findings of the file, those of the file itself first.
    pub fn all_findings(&self) -> impl Iterator<Item = &Located> {
        self.findings.iter().chain(self.documents.iter().flat_map(|document| &document.findings))
    }
}
