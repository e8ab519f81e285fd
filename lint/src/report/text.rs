//! Findings for people: each with its lines of the text, and a summary at the end.

use std::fmt;
use std::io::{self, Write};

use daemonset_validation::Severity;
use daemonset_validation::words::count::counted;
use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, SourceCode};
use textwrap::{WordSeparator, WordSplitter};

use crate::engine::outcome::{FileReport, Located, Summary};
use crate::report::Style;
use crate::report::frame::Frame;
use crate::shown::{shown, shown_lines};
use crate::source::LineIndex;

/// Prints every finding of a file.
pub(crate) fn findings(file: &FileReport, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let theme = if style.color { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
    let handler = GraphicalReportHandler::new_themed(theme)
        .with_width(style.columns)
        .with_links(false)
        // A field path is not broken, so that it can be searched for and copied. It may be wider than the page.
        .with_break_words(false)
        // Names, ports and commands stay in one piece, to be searched for and copied.
        .with_word_splitter(WordSplitter::NoHyphenation)
        .with_word_separator(WordSeparator::AsciiSpace)
        .with_context_lines(1)
        .tab_width(2);
    let mut buffer = String::new();
    let mut lines = None;
    for located in file.framed() {
        buffer.clear();
        let lines = lines.get_or_insert_with(|| LineIndex::new(&file.text));
        let name = shown(&file.path).into_owned();
        let frame = (!file.text.is_empty()).then(|| Frame::new(name, &file.text, lines, located.place.frame));
        let report = Report { located, path: &file.path, frame };
        if handler.render_report(&mut buffer, &report).is_err() {
            // If the frame cannot be drawn, the finding is printed without it.
            plain(file, located, lines, out)?;
            continue;
        }
        out.write_all(buffer.trim_start_matches('\n').as_bytes())?;
        out.write_all(b"\n")?;
    }
    Ok(())
}

/// Prints every finding of a file in a line, without a frame.
pub(crate) fn plain_findings(file: &FileReport, out: &mut dyn Write) -> io::Result<()> {
    let lines = LineIndex::new(&file.text);
    file.framed().try_for_each(|located| plain(file, located, &lines, out))
}

fn plain(file: &FileReport, located: &Located, lines: &LineIndex, out: &mut dyn Write) -> io::Result<()> {
    let (line, column) = lines.position(&file.text, located.place.exact.start as usize);
    let sentence = located.finding.sentence();
    writeln!(out, "{}:{line}:{column}: {}", shown(&file.path), shown(sentence))
}

/// Prints the summary line.
pub(crate) fn summary(summary: &Summary, out: &mut dyn Write) -> io::Result<()> {
    let mut parts = Vec::new();
    for (count, word) in [(summary.errors, "error"), (summary.warnings, "warning"), (summary.infos, "note")] {
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
    path: &'r str,
    /// `None` if the file has no text.
    frame: Option<Frame>,
}

impl fmt::Debug for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.located.finding.sentence())
    }
}

impl fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let finding = &self.located.finding;
        let (sentence, field) = (shown(finding.sentence()), shown(&finding.field));
        // The path is printed once: many of the server's messages contain it.
        if self.frame.is_none() {
            write!(f, "{}: {sentence}", shown(self.path))
        } else if field.is_empty() || sentence.contains(field.as_ref()) {
            f.write_str(&sentence)
        } else {
            write!(f, "{field}: {sentence}")
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
        let help = self.located.finding.help.as_ref()?;
        Some(Box::new(shown_lines(help)))
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.frame.as_ref().map(|frame| frame as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let (start, length) = self.frame.as_ref()?.place();
        let label = self.located.finding.label.as_ref().map(|label| shown_lines(label).into_owned());
        Some(Box::new(std::iter::once(LabeledSpan::new(label, start, length))))
    }
}
