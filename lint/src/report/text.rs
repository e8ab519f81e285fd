//! Findings for people: a frame of the text for each, and a line that sums up.

use std::fmt;
use std::io::{self, Write};

use daemonset_validation::Severity;
use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError, MietteSpanContents,
    SourceCode, SourceSpan, SpanContents,
};

use crate::outcome::{FileReport, Located, Summary};
use crate::report::{Style, counted};
use crate::source::LineIndex;

/// Prints every finding of every file.
pub(crate) fn findings(files: &[FileReport], style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let theme = if style.color { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
    let handler = GraphicalReportHandler::new_themed(theme)
        .with_width(style.columns)
        .with_links(false)
        // A field path stays in one piece, to be searched for and copied; it may be wider than the page.
        .with_break_words(false)
        .with_context_lines(1)
        .tab_width(2);
    let mut buffer = String::new();
    for file in files {
        let mut lines = None;
        for located in file.all_findings() {
            buffer.clear();
            let lines = lines.get_or_insert_with(|| LineIndex::new(&file.text));
            let report = Report { located, source: Source { name: &file.path, text: &file.text, lines } };
            if handler.render_report(&mut buffer, &report).is_err() {
                // A frame that cannot be drawn must not hide the finding.
                buffer = format!("{}: {}\n", file.path, located.finding.sentence());
            }
            out.write_all(buffer.trim_start_matches('\n').as_bytes())?;
            out.write_all(b"\n")?;
        }
    }
    Ok(())
}

/// The line that sums up.
pub(crate) fn summary(summary: &Summary, out: &mut dyn Write) -> io::Result<()> {
    let mut parts = Vec::new();
    for (count, word) in [(summary.errors, "error"), (summary.warnings, "warning"), (summary.infos, "remark")]
    {
        if count > 0 {
            parts.push(counted(count, word));
        }
    }
    let files = if parts.is_empty() { summary.files } else { summary.files_with_findings };
    let found = if parts.is_empty() { "no findings".to_owned() } else { parts.join(" and ") };
    let mut scope = counted(summary.daemon_sets, "DaemonSet");
    if summary.files > files {
        scope.push_str(&format!(" in {} read", counted(summary.files, "file")));
    }
    if summary.skipped > 0 {
        scope.push_str(&format!("; {} of other kinds skipped", counted(summary.skipped, "object")));
    }
    writeln!(out, "{found} in {} ({scope})", counted(files, "file"))
}

struct Report<'r> {
    located: &'r Located,
    source: Source<'r>,
}

impl fmt::Debug for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.located.finding.sentence())
    }
}

impl fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let finding = &self.located.finding;
        let sentence = finding.sentence();
        // The path is said once: many of the server's sentences hold it already.
        if self.source.text.is_empty() {
            write!(f, "{}: {sentence}", self.source.name)
        } else if finding.field.is_empty() || sentence.contains(finding.field.as_str()) {
            f.write_str(sentence)
        } else {
            write!(f, "{}: {sentence}", finding.field)
        }
    }
}

impl std::error::Error for Report<'_> {}

impl Diagnostic for Report<'_> {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(self.located.finding.rule))
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.located.finding.severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
            Severity::Info => miette::Severity::Advice,
        })
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.located.finding.help.as_ref().map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        if self.source.text.is_empty() { None } else { Some(&self.source) }
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let span = self.located.place.frame;
        let length = span.end.saturating_sub(span.start) as usize;
        let label = self.located.finding.label.as_ref().map(ToString::to_string);
        Some(Box::new(std::iter::once(LabeledSpan::new(label, span.start as usize, length))))
    }
}

/// A file as miette sees it. Its own source type scans from the start for every report; this one asks the line index.
struct Source<'s> {
    name: &'s str,
    text: &'s str,
    lines: &'s LineIndex,
}

impl SourceCode for Source<'_> {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let end = span.offset().saturating_add(span.len().saturating_sub(1));
        let (line, column) = self.lines.position(self.text, span.offset());
        let first = line.saturating_sub(before).max(1);
        let last = self.lines.line(end.max(span.offset())).saturating_add(after);
        // Without lines around it, what is asked for is the place itself, for the frame's title.
        let bare = before == 0 && after == 0;
        let start = if bare { span.offset() } else { self.lines.line_start(first) };
        let stop = self.lines.line_start(last.saturating_add(1)).min(self.text.len());
        let data = self.text.as_bytes().get(start..stop).ok_or(MietteError::OutOfBounds)?;
        Ok(Box::new(MietteSpanContents::new_named(
            self.name.to_owned(),
            data,
            SourceSpan::new(start.into(), data.len()),
            first.saturating_sub(1),
            if bare { column.saturating_sub(1) } else { 0 },
            last.saturating_sub(first).saturating_add(1),
        )))
    }
}
