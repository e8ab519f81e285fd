//! What every report for people says of a finding: its place in a form that `grep`, terminals and editors recognize
//! (`path:line:column`), its object and its headline.

use std::borrow::Cow;
use std::fmt;
use std::path::Path;

use daemonset_validation::{Finding, Severity};

use crate::engine::outcome::{DocumentReport, FileReport, Located};
use crate::shown::shown;
use crate::source::LineIndex;
use crate::standard_input::is_standard_input;

/// The place of a finding in its file.
#[derive(Clone, Copy, Debug)]
pub(super) struct At<'r> {
    /// The file.
    pub(super) path: &'r str,
    /// The place in the file; `None` if the text was rendered, and it is not known where the line stands in the template.
    pub(super) region: Option<Region>,
}

/// A part of a file. Lines and columns count from 1, columns in characters; the end is exclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Region {
    pub(super) line: usize,
    pub(super) column: usize,
    pub(super) end_line: usize,
    pub(super) end_column: usize,
}

impl<'r> At<'r> {
    /// The place of a finding of this file. `lines` is the index of the file's text.
    pub(super) fn new(file: &'r FileReport, located: &Located, lines: &LineIndex) -> Self {
        Self { path: &file.path, region: region(file, located, lines) }
    }

    /// `9:3`; empty where the place is not known.
    pub(super) fn position(&self) -> String {
        self.region.map(|region| format!("{}:{}", region.line, region.column)).unwrap_or_default()
    }
}

fn region(file: &FileReport, located: &Located, lines: &LineIndex) -> Option<Region> {
    let exact = located.place.exact;
    let (line, column) = lines.position(&file.text, exact.start as usize);
    let (end_line, end_column) = lines.position(&file.text, exact.end as usize);
    let known = file.line(line)?;
    // The lines of a template between two known ones may be others than those of the text.
    let whole = line == end_line || file.rendered.is_none();
    Some(Region {
        line: known,
        column,
        end_line: if whole { file.line(end_line).unwrap_or(known) } else { known },
        end_column: if whole { end_column } else { column },
    })
}

impl fmt::Display for At<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.region {
            Some(Region { line, column, .. }) => write!(f, "{}:{line}:{column}", shown(self.path)),
            None => write!(f, "{}", shown(self.path)),
        }
    }
}

/// The object that a finding is about, where the path and the line do not tell: `DaemonSet kube-system/agent`, and the template that it
/// was rendered from.
#[derive(Clone, Copy, Debug)]
pub(super) struct About<'r> {
    object: Option<&'r DocumentReport>,
    source: Option<&'r str>,
    /// The line of the rendered text.
    rendered_line: Option<usize>,
}

impl<'r> About<'r> {
    /// What the finding of this object is about. A finding that belongs to no object is on the given line.
    pub(super) fn new(file: &'r FileReport, object: Option<&'r DocumentReport>, line: usize) -> Self {
        let is_named =
            is_standard_input(Path::new(&file.path)) || file.documents.len() > 1 || file.rendered.is_some();
        let document = object.or_else(|| {
            let behind = file.documents.partition_point(|document| document.line <= line);
            file.documents.get(behind.checked_sub(1)?)
        });
        Self {
            object: object.filter(|_| is_named),
            source: document.and_then(|document| file.source_of(document)),
            rendered_line: file.rendered.is_some().then_some(line),
        }
    }
}

impl fmt::Display for About<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(object) = self.object.filter(|object| has_name(object)) {
            write!(f, " {}", object_name(object))?;
        }
        if let Some(source) = self.source {
            write!(f, " (from {})", shown(source))?;
        }
        match self.rendered_line {
            Some(line) => write!(f, " (rendered line {line})"),
            None => Ok(()),
        }
    }
}

/// The severity in a text for people, where an information is a note.
pub(super) const fn severity(finding: &Finding) -> &'static str {
    match finding.severity {
        Severity::Info => "note",
        other => other.as_str(),
    }
}

/// The sentence of a finding, with the field that it is about. The field is said once: many of the server's messages contain it.
pub(super) fn headline(located: &Located) -> Cow<'_, str> {
    let (sentence, field) = (located.finding.sentence(), located.finding.place_name());
    if field.is_empty()
        || located.is_note()
        || located.finding.headline.is_some()
        || sentence.contains(field.as_ref())
    {
        Cow::Borrowed(sentence)
    } else {
        Cow::Owned(format!("{field}: {sentence}"))
    }
}

/// `DaemonSet kube-system/agent`, without characters that control a terminal.
pub(super) fn object_name(object: &DocumentReport) -> String {
    let or = |text: &str, absent: &str| shown(if text.is_empty() { absent } else { text }).into_owned();
    let (kind, name) = (or(&object.kind, "object"), or(&object.name, "(no name)"));
    format!("{kind} {}/{name}", shown(&object.namespace))
}

/// Whether the object has a name to tell it from others.
pub(super) const fn has_name(object: &DocumentReport) -> bool {
    !(object.kind.is_empty() && object.name.is_empty())
}
