//! Findings for people: each with its lines of the text, and a summary at the end.
//!
//! The first line of a finding is never wrapped. It has the severity, the rule and the place, so that it can be searched for and clicked.

use std::fmt;
use std::io::{self, Write};

use daemonset_validation::words::count::thousands;
use daemonset_validation::{Finding, Severity};
use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, SourceCode};
use textwrap::{WordSeparator, WordSplitter};

use crate::engine::bounded::More;
use crate::engine::outcome::{DocumentReport, FileReport, Located};
use crate::report::finding::{About, At, headline, severity};
use crate::report::frame::Frame;
use crate::report::{Style, concise, link};
use crate::shown::{shown, shown_lines};
use crate::source::LineIndex;

/// Prints every finding of a file.
pub(crate) fn findings(file: &FileReport, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let handler = handler(style);
    let mut buffer = String::new();
    let mut lines = None;
    let (printed, more) = file.printed();
    for (object, located) in printed {
        buffer.clear();
        let lines = lines.get_or_insert_with(|| LineIndex::new(&file.text));
        first_line(file, object, located, lines, style, out)?;
        let width = style.is_wrapped().then_some(style.columns);
        let frame =
            (!file.text.is_empty()).then(|| Frame::new(&file.text, lines, located.place.frame, width));
        let report = Report { located, frame, width };
        if handler.render_report(&mut buffer, &report).is_err() {
            // If the frame cannot be drawn, the finding is printed without it.
            writeln!(out, "  {}\n", shown(&headline(located)))?;
            continue;
        }
        out.write_all(buffer.as_bytes())?;
        server_line(&located.finding, style, out)?;
        out.write_all(b"\n")?;
    }
    more.iter().try_for_each(|more| writeln!(out, "{}\n", counted_only(file, more)))
}

/// `error[api/unknown-field] agent.yaml: and 15,900 more of this rule`, for findings that are not printed.
fn counted_only(file: &FileReport, more: &More) -> String {
    let count = thousands(more.count);
    format!("{}[{}] {}: and {count} more of this rule", more.severity.as_str(), more.rule, shown(&file.path))
}

fn handler(style: &Style) -> GraphicalReportHandler {
    let theme = match (style.ascii, style.color) {
        (false, true) => GraphicalTheme::unicode(),
        (false, false) => GraphicalTheme::unicode_nocolor(),
        (true, true) => GraphicalTheme::ascii(),
        (true, false) => GraphicalTheme::none(),
    };
    GraphicalReportHandler::new_themed(theme)
        .with_width(style.columns)
        .with_wrap_lines(style.is_wrapped())
        .with_links(false)
        // The first line has the place.
        .without_primary_span_start()
        // A field path is not broken, so that it can be searched for and copied. It may be wider than the page.
        .with_break_words(false)
        // Names, ports and commands stay in one piece, to be searched for and copied.
        .with_word_splitter(WordSplitter::NoHyphenation)
        .with_word_separator(WordSeparator::AsciiSpace)
        .with_context_lines(1)
        .tab_width(2)
}

/// The minimum width of a note below a place, in columns.
const NOTE: usize = 24;

/// Lines of this width. Names, ports and commands stay in one piece, to be searched for and copied.
fn wrapping<'o>(width: usize) -> textwrap::Options<'o> {
    textwrap::Options::new(width)
        .break_words(false)
        .word_splitter(WordSplitter::NoHyphenation)
        .word_separator(WordSeparator::AsciiSpace)
}

/// `error[api/unknown-field] agent.yaml:9:3`, and the object if the file has several.
fn first_line(
    file: &FileReport,
    object: Option<&DocumentReport>,
    located: &Located,
    lines: &LineIndex,
    style: &Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    let (rule, word) = (located.finding.rule, severity(&located.finding));
    let (on, off) = match located.finding.severity {
        _ if !style.color => ("", ""),
        Severity::Error => ("\x1b[1;31m", "\x1b[0m"),
        Severity::Warning => ("\x1b[1;33m", "\x1b[0m"),
        Severity::Info => ("\x1b[1;36m", "\x1b[0m"),
    };
    let at = At::new(file, located, lines);
    let about = About::new(file, object, lines.line(located.place.exact.start as usize));
    let linked = if style.links { link::osc8(&link::of(rule), rule) } else { rule.to_owned() };
    writeln!(out, "{on}{word}[{linked}]{off} {at}{about}")
}

/// The server's own text, if the headline is another one: the text to search the web for.
fn server_line(finding: &Finding, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    // "Required value" says nothing more.
    let is_bare = finding.rule == "api/required" && finding.whole.as_deref() == Some(&*finding.message);
    if is_bare
        || finding.headline.as_ref().is_none_or(|headline| headline.contains(finding.server_sentence()))
    {
        return Ok(());
    }
    let (on, off) = if style.color { ("\x1b[2m", "\x1b[0m") } else { ("", "") };
    let message = shown(finding.server_sentence());
    let text = if style.is_wrapped() {
        let options = wrapping(style.columns.saturating_sub(2));
        let options = options.initial_indent("  server: ").subsequent_indent("          ");
        textwrap::fill(&message, options)
    } else {
        format!("  server: {message}")
    };
    writeln!(out, "{on}{text}{off}")
}

/// Prints every finding of a file in a line, without a frame.
pub(crate) fn plain_findings(file: &FileReport, out: &mut dyn Write) -> io::Result<()> {
    let lines = LineIndex::new(&file.text);
    file.framed().try_for_each(|(_, located)| concise::line(file, located, &lines, out))
}

/// What is below the first line.
struct Report<'r> {
    located: &'r Located,
    /// `None` if the file has no text.
    frame: Option<Frame>,
    /// `None` if lines are not wrapped.
    width: Option<usize>,
}

impl fmt::Debug for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.located.finding.sentence())
    }
}

impl fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&shown(&headline(self.located)))
    }
}

impl std::error::Error for Report<'_> {}

impl Diagnostic for Report<'_> {
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
        let frame = self.frame.as_ref()?;
        let (start, length) = frame.place();
        let label = self.located.finding.label.as_ref().map(|label| {
            let label = shown_lines(label);
            let room = self.width.map(|width| frame.room_for_note(width).max(NOTE));
            match room {
                Some(room) => textwrap::fill(&label, wrapping(room)),
                None => label.into_owned(),
            }
        });
        Some(Box::new(std::iter::once(LabeledSpan::new(label, start, length))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Engine;

    /// What is printed of a manifest with two mistakes, in a file of this name.
    fn printed(path: &str, style: &Style) -> String {
        let text = "apiVersion: apps/v1\nkind: DaemonSet\nmetadata: { name: agent }\nspec: { replicas: 1, template: { spec: { hostNetwork: 'no' } } }\n";
        let file = Engine::default().check(path.to_owned(), text.into());
        let mut out = Vec::new();
        assert!(findings(&file, style, &mut out).is_ok());
        String::from_utf8_lossy(&out).into_owned()
    }

    const PIPE: Style =
        Style { color: false, columns: Style::UNWRAPPED, ascii: false, all: false, only: None, links: false };

    #[test]
    fn the_first_line_is_whole_at_every_width() {
        let long = format!("{}agent.yaml", "folder with spaces/".repeat(20));
        for (path, shown) in [
            ("agent.yaml", "agent.yaml"),
            (&long, &long),
            ("a\n\x1b[2J\u{202e}.yaml", "a\\n\\u001b[2J\\u202e.yaml"),
        ] {
            let first = format!("error[api/unknown-field] {shown}:4:9");
            for columns in [20, 40, 80, Style::UNWRAPPED] {
                let text = printed(path, &Style { columns, ..PIPE });
                assert!(text.lines().any(|line| line == first), "{text}");
                let text = printed(path, &Style { columns, color: true, ..PIPE });
                let first = format!("\x1b[1;31merror[api/unknown-field]\x1b[0m {shown}:4:9");
                assert!(text.lines().any(|line| line == first), "{text}");
            }
        }
    }

    #[test]
    fn every_finding_has_a_first_line_and_a_pipe_has_a_line_for_each_sentence() {
        let text = printed("agent.yaml", &PIPE);
        let count = |start: &str| text.lines().filter(|line| line.starts_with(start)).count();
        assert!(count("error[") >= 2, "{text}");
        assert_eq!(count("error["), count("  × "), "{text}");
        assert_eq!(count("  │"), 0, "{text}");
    }

    #[test]
    fn a_rule_is_a_link_where_the_terminal_makes_links() {
        let text = printed("agent.yaml", &Style { links: true, ..PIPE });
        let address = link::of("api/unknown-field");
        let first = format!("error[\x1b]8;;{address}\x1b\\api/unknown-field\x1b]8;;\x1b\\] agent.yaml:4:9");
        assert!(text.lines().any(|line| line == first), "{text}");
        assert!(!printed("agent.yaml", &PIPE).contains('\x1b'));
    }

    #[test]
    fn a_frame_of_a_dumb_terminal_is_drawn_in_ascii() {
        let text = printed("agent.yaml", &Style { columns: 80, ascii: true, ..PIPE });
        // Sentences may have other characters.
        assert!(text.lines().filter(|line| !line.starts_with("  help: ")).all(str::is_ascii), "{text}");
    }
}
