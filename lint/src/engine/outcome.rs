//! The results of a run, without their presentation.

use std::sync::Arc;

use daemonset_validation::peers::Peer;
use daemonset_validation::rules::{self, Check};
use daemonset_validation::together::{Companion, Uses};
use daemonset_validation::{Finding, Severity, Span};

use super::allow::{Allowances, By};
use super::applied::{Applied, Classes};
use super::bounded::{Bound, More, PRINTED};
use super::explain::Explanation;
use super::locate::Place;
use super::rendered::Rendered;
use super::role::Role;
use super::settings::Settings;

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

/// A finding that is not reported, because something allows it.
#[derive(Clone, Debug)]
pub struct Allowed {
    /// The finding.
    pub located: Located,
    /// What allows it.
    pub by: By,
    /// Why, if that is said.
    pub reason: Option<Box<str>>,
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
    /// The findings that are allowed.
    pub allowed: Vec<Allowed>,
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
            allowed: Vec::new(),
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
    /// Findings that belong to no object and are allowed.
    pub allowed: Vec<Allowed>,
    /// How many findings of `more` the baseline has.
    pub more_in_baseline: usize,
    /// What a configuration sets for the file.
    pub settings: Option<Arc<Settings>>,
    /// What allows findings, until all of them are known.
    pub allowances: Option<Box<Allowances>>,
    /// Why the file could not be read. If it is set, the command ends with exit code 2.
    pub unreadable: Option<String>,
    /// What the file is to the folder in which it was found.
    pub role: Role,
    /// How far it was judged.
    pub reading: Reading,
    /// Where its lines come from, if the text was rendered. The path is then that of the template.
    pub rendered: Option<Box<Rendered>>,
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
            rendered: None,
            more: Vec::new(),
            allowed: Vec::new(),
            more_in_baseline: 0,
            settings: None,
            allowances: None,
            applied: Vec::new(),
            companions: Vec::new(),
        }
    }

    /// The line of the file that this line of the text is; `None` if the text was rendered, and it is not known where the line stands in
    /// the template.
    pub fn line(&self, line: usize) -> Option<usize> {
        in_file(self.rendered.as_deref(), line)
    }

    /// `agent.yaml:9`; the path alone where the line is not known.
    pub fn at(&self, line: usize) -> String {
        at(&self.path, self.rendered.as_deref(), line)
    }

    /// The template of a document, where the path of the file does not say it.
    pub fn source_of<'r>(&self, document: &'r DocumentReport) -> Option<&'r str> {
        let source = document.source.as_deref()?;
        let within = source.split_once('/').map_or(source, |(_, within)| within);
        let is_said = self.rendered.is_some() && self.path.ends_with(within);
        (!is_said).then_some(source)
    }

    /// Gives the reasons of the previews the lines of the template. It is done once, after the text was judged for the last time.
    pub fn locate_reasons(&mut self) {
        let Some(rendered) = &self.rendered else { return };
        let explanations = self.documents.iter_mut().filter_map(|document| document.explanation.as_mut());
        for node in explanations.flat_map(|explanation| &mut explanation.nodes) {
            for reason in &mut node.reasons {
                reason.line = reason.line.and_then(|line| rendered.line(line));
            }
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

    /// The findings that people are shown, each with its object: those of the file itself, which have none, first.
    pub fn shown_with_objects(&self) -> impl Iterator<Item = (Option<&DocumentReport>, &Located)> {
        let of_objects = self
            .documents
            .iter()
            .flat_map(|document| document.findings.iter().map(move |located| (Some(document), located)));
        let all = self.findings.iter().map(|located| (None, located)).chain(of_objects);
        all.filter(|(_, located)| located.finding.is_shown())
    }

    /// The findings of the file that are allowed, those of the file itself first, each with its object.
    pub fn all_allowed(&self) -> impl Iterator<Item = (Option<&DocumentReport>, &Allowed)> {
        let of_objects = self
            .documents
            .iter()
            .flat_map(|document| document.allowed.iter().map(move |allowed| (Some(document), allowed)));
        self.allowed.iter().map(|allowed| (None, allowed)).chain(of_objects)
    }

    /// All findings of the file, those of the file itself first.
    pub fn all_findings(&self) -> impl Iterator<Item = &Located> {
        self.findings.iter().chain(self.documents.iter().flat_map(|document| &document.findings))
    }
}

fn in_file(rendered: Option<&Rendered>, line: usize) -> Option<usize> {
    rendered.map_or(Some(line), |rendered| rendered.line(line))
}

/// `agent.yaml:9` for a line of a text; the path alone where it is not known which line of the file that is.
pub(super) fn at(path: &str, rendered: Option<&Rendered>, line: usize) -> String {
    match in_file(rendered, line) {
        Some(line) => format!("{path}:{line}"),
        None => path.to_owned(),
    }
}
