//! The allowances of a text, and which findings they allow.

use std::collections::{HashMap, HashSet};

use daemonset_validation::{Anchor, FieldPath, PathSegment, Span, Subject, Value};

use super::words::{self, Named, Wrong};
use super::{ANNOTATION, By, lines};
use crate::engine::locate::{Manifest, Place};
use crate::source::LineIndex;
use crate::source::yaml::MARK;

/// The position of an object in its file: of its document, and in the document's list.
pub(super) type Position = (usize, Option<usize>);

/// One id in a comment or an annotation.
#[derive(Debug)]
pub(super) struct Allowance {
    pub(super) rule: &'static str,
    pub(super) by: By,
    pub(super) reason: Option<Box<str>>,
    /// Where the id is; of an annotation, its value.
    pub(super) place: Span,
    /// What it is about.
    pub(super) about: About,
    /// Whether the comment or annotation has other ids.
    pub(super) has_others: bool,
    /// The line of the comment or annotation.
    own: usize,
    /// The line of an earlier allowance of the same rule for the same line or object.
    pub(super) repeats: Option<usize>,
    /// Whether it has allowed a finding.
    pub(super) used: bool,
}

/// What an allowance is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum About {
    /// A line.
    Line(usize),
    /// Nothing: no line follows the comment.
    Nothing,
    /// An object.
    Object(Position),
}

/// What is wrong with a comment or an annotation.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) place: Span,
    pub(super) kind: FaultKind,
    /// The object whose annotation it is.
    pub(super) object: Option<Position>,
}

/// The kinds of faults.
#[derive(Debug)]
pub(super) enum FaultKind {
    /// An id that allows nothing.
    Id(Box<str>, Wrong),
    /// Another word than `allow`.
    Verb(Box<str>),
    /// There is no reason.
    NoReason(By),
    /// The annotation is on the pod template.
    OnTemplate,
}

/// The allowances of a text.
#[derive(Debug, Default)]
pub struct Allowances {
    pub(super) all: Vec<Allowance>,
    pub(super) faults: Vec<Fault>,
    /// The lines that stand for a whole object.
    pub(super) whole_lines: HashSet<usize>,
    by_line: HashMap<(usize, &'static str), usize>,
    by_object: HashMap<(Position, &'static str), usize>,
    rules: HashSet<&'static str>,
}

/// An object, and the lines that stand for the whole of it: its first one and that of its `kind`, and those of the list that it is in.
#[derive(Clone, Debug)]
pub struct Whole {
    position: Position,
    lines: Vec<usize>,
}

impl Whole {
    /// The object of a document of this position in the file.
    pub fn of(manifest: &Manifest<'_>, document: usize, subject: &Subject) -> Self {
        let tree = manifest.tree;
        let line = |offset: u32| manifest.lines.line(offset as usize);
        let mut lines = Vec::with_capacity(4);
        for node in [subject.node, tree.root()] {
            lines.push(line(tree.node(node).span.start));
            lines.extend(tree.entry(node, "kind").map(|kind| line(kind.key_span.start)));
        }
        lines.dedup();
        Self { position: (document, subject.item), lines }
    }
}

impl Allowances {
    /// Whether there is nothing to allow and nothing to say.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty() && self.faults.is_empty()
    }

    /// Whether a finding of the rule may be allowed.
    pub fn has(&self, rule: &str) -> bool {
        self.rules.contains(rule)
    }

    /// Adds the comments of a document.
    pub fn add_comments(&mut self, comments: &[Span], text: &str, lines: &LineIndex) {
        for (comment, line) in comments.iter().zip(lines::about(comments, text, lines)) {
            let whole = text.get(comment.start as usize..comment.end as usize).unwrap_or_default();
            let Some((_, said)) = whole.split_once(MARK) else { continue };
            let trimmed = said.trim();
            let verb = trimmed.split([' ', '\t', ',', ':']).next().unwrap_or_default();
            if verb != "allow" {
                let kind = FaultKind::Verb(verb.into());
                self.faults.push(Fault { place: *comment, kind, object: None });
                continue;
            }
            let behind = trimmed.get(verb.len()..).unwrap_or_default();
            let offset = whole.len().saturating_sub(said.trim_start().len()).saturating_add(verb.len());
            let about = line.map_or(About::Nothing, About::Line);
            let own = lines.line(comment.start as usize);
            let span = |at: usize, length: usize| {
                let start = (comment.start as usize).saturating_add(offset).saturating_add(at);
                let short = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX).min(comment.end);
                Span::new(short(start), short(start.saturating_add(length)))
            };
            self.add(behind, By::Comment, about, *comment, own, span);
        }
    }

    /// Adds the annotation of an object, if it has one.
    pub fn add_annotation(&mut self, manifest: &Manifest<'_>, document: usize, subject: &Subject) {
        let position = (document, subject.item);
        if let Some((value, span)) = annotation(manifest, subject, &["metadata", "annotations"]) {
            self.add_lines(value, position, span, manifest.lines.line(span.start as usize));
        }
        let of_template = ["spec", "template", "metadata", "annotations"];
        if let Some((_, span)) = annotation(manifest, subject, &of_template) {
            self.faults.push(Fault { place: span, kind: FaultKind::OnTemplate, object: Some(position) });
        }
    }

    fn add_lines(&mut self, value: &str, position: Position, place: Span, own: usize) {
        let said = value.lines().filter(|line| !line.trim().is_empty());
        let about = About::Object(position);
        let first = self.all.len();
        let mut count = 0_usize;
        for line in said {
            count = count.saturating_add(1);
            // The text of a value is not always as it is written, so all ids have its place.
            self.add(line, By::Annotation, about, place, own, |_, _| place);
        }
        match count {
            0 => self.add("", By::Annotation, about, place, own, |_, _| place),
            1 => {}
            _ => self.all.iter_mut().skip(first).for_each(|one| one.has_others = true),
        }
    }

    /// Adds what one line says. `own` is the number of this line; `span` gives the place of a part of it.
    fn add(
        &mut self,
        said: &str,
        by: By,
        about: About,
        whole: Span,
        own: usize,
        span: impl Fn(usize, usize) -> Span,
    ) {
        let words = words::read(said);
        let object = match about {
            About::Object(position) => Some(position),
            About::Line(_) | About::Nothing => None,
        };
        let has_others = words.ids.len() > 1;
        let mut allows = false;
        for (at, named) in words.ids {
            let rule = match named {
                Named::Rule(rule) => rule.id,
                Named::Wrong(word, wrong) => {
                    let place = if word.is_empty() { whole } else { span(at, word.len()) };
                    let kind = FaultKind::Id(word.into(), wrong);
                    self.faults.push(Fault { place, kind, object });
                    continue;
                }
            };
            allows = true;
            let index = self.all.len();
            let known = match about {
                About::Line(line) => *self.by_line.entry((line, rule)).or_insert(index),
                About::Object(position) => *self.by_object.entry((position, rule)).or_insert(index),
                About::Nothing => index,
            };
            let repeats = self.all.get(known).map(|first| first.own);
            self.rules.insert(rule);
            self.all.push(Allowance {
                rule,
                by,
                reason: words.reason.map(Box::from),
                place: span(at, rule.len()),
                about,
                has_others,
                own,
                repeats,
                used: false,
            });
        }
        if allows && words.reason.is_none() {
            self.faults.push(Fault { place: whole, kind: FaultKind::NoReason(by), object });
        }
    }

    /// Notes the lines of an object that stand for the whole of it.
    pub fn note(&mut self, object: &Whole) {
        self.whole_lines.extend(&object.lines);
    }

    /// What allows a finding of the rule at a place of the object, and its reason; `None` if nothing does.
    pub fn covering(
        &mut self,
        rule: &'static str,
        place: Place,
        object: &Whole,
        lines: &LineIndex,
    ) -> Option<(By, Option<Box<str>>)> {
        if !self.rules.contains(rule) {
            return None;
        }
        let own = [place.exact, place.frame].map(|span| lines.line(span.start as usize));
        let lines = own.into_iter().chain(object.lines.iter().copied());
        let of_line = lines.into_iter().find_map(|line| self.by_line.get(&(line, rule)));
        let index = of_line.or_else(|| self.by_object.get(&(object.position, rule))).copied()?;
        let allowance = self.all.get_mut(index)?;
        allowance.used = true;
        Some((allowance.by, allowance.reason.clone()))
    }
}

/// The text of the annotation below these fields of an object, and its place.
fn annotation<'m>(
    manifest: &Manifest<'m>,
    subject: &Subject,
    fields: &[&'static str],
) -> Option<(&'m str, Span)> {
    let tree = manifest.tree;
    let annotations = fields.iter().try_fold(subject.node, |node, field| tree.get(node, field))?;
    let Value::String(value) = tree.value(tree.get(annotations, ANNOTATION)?) else { return None };
    let path = path(fields);
    Some((value, manifest.place(&path, Anchor::Value).frame))
}

/// The path of the annotation below these fields.
pub(super) fn path(fields: &[&'static str]) -> FieldPath {
    let field = |name: &&'static str| PathSegment::Field((*name).into());
    let key = PathSegment::Key(ANNOTATION.into());
    FieldPath::from_segments(fields.iter().map(field).chain([key]).collect())
}
