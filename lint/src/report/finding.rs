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

/// The place of a finding in its file. Line and column count from 1.
#[derive(Clone, Copy, Debug)]
pub(super) struct At<'r> {
    path: &'r str,
    line: usize,
    column: usize,
}

impl<'r> At<'r> {
    /// The place of a finding of this file. `lines` is the index of the file's text.
    pub(super) fn new(file: &'r FileReport, located: &Located, lines: &LineIndex) -> Self {
        let (line, column) = lines.position(&file.text, located.place.exact.start as usize);
        Self { path: &file.path, line, column }
    }
}

impl fmt::Display for At<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", shown(self.path), self.line, self.column)
    }
}

/// The object that a finding is about, where the path and the line do not tell: `DaemonSet kube-system/agent`, and the template that it
/// was rendered from.
#[derive(Clone, Copy, Debug)]
pub(super) struct About<'r> {
    object: Option<&'r DocumentReport>,
    source: Option<&'r str>,
}

impl<'r> About<'r> {
    /// What the finding of this object is about. A finding that belongs to no object is on the given line.
    pub(super) fn new(file: &'r FileReport, object: Option<&'r DocumentReport>, line: usize) -> Self {
        let is_named = is_standard_input(Path::new(&file.path)) || file.documents.len() > 1;
        let document = object.or_else(|| {
            let behind = file.documents.partition_point(|document| document.line <= line);
            file.documents.get(behind.checked_sub(1)?)
        });
        Self {
            object: object.filter(|_| is_named),
            source: document.and_then(|document| document.source.as_deref()),
        }
    }
}

impl fmt::Display for About<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(object) = self.object.filter(|object| !(object.kind.is_empty() && object.name.is_empty()))
        {
            let or =
                |text: &str, absent: &str| shown(if text.is_empty() { absent } else { text }).into_owned();
            let (kind, name) = (or(&object.kind, "object"), or(&object.name, "(no name)"));
            write!(f, " {kind} {}/{name}", shown(&object.namespace))?;
        }
        match self.source {
            Some(source) => write!(f, " (from {})", shown(source)),
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
