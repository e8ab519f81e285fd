//! JUnit's XML: a test suite for each file, a test case for each DaemonSet in it.
//!
//! A test case fails if the DaemonSet has findings that count for `--fail-on`. Its other findings are in its output. Many readers show only
//! one failure of a test case, so that one has all findings.

use std::collections::HashMap;
use std::io::{self, Write};

use daemonset_validation::Severity;
use daemonset_validation::words::count::counted;

use crate::engine::Run;
use crate::engine::outcome::{DocumentReport, FileReport, Located, Reading, Verdict};
use crate::report::concise;
use crate::report::finding::{headline, object_name};
use crate::shown::{shown, shown_lines};
use crate::source::LineIndex;

/// The result of a test case.
enum Outcome {
    Passed,
    Skipped(&'static str),
    Failed {
        message: String,
        kind: &'static str,
        text: String,
    },
    /// It could not be tested.
    Error(String),
}

struct Case {
    name: String,
    outcome: Outcome,
    /// The findings that do not count.
    output: String,
}

struct Suite {
    name: String,
    cases: Vec<Case>,
}

impl Suite {
    fn count(&self, is: impl Fn(&Outcome) -> bool) -> usize {
        self.cases.iter().filter(|case| is(&case.outcome)).count()
    }

    fn failures(&self) -> usize {
        self.count(|outcome| matches!(outcome, Outcome::Failed { .. }))
    }

    fn errors(&self) -> usize {
        self.count(|outcome| matches!(outcome, Outcome::Error(_)))
    }

    fn skipped(&self) -> usize {
        self.count(|outcome| matches!(outcome, Outcome::Skipped(_)))
    }
}

/// Prints the findings. Those from the severity `from` on are failures.
///
/// # Errors
///
/// If `out` cannot be written.
pub(crate) fn write(run: &Run<'_>, from: Severity, out: &mut dyn Write) -> io::Result<()> {
    let mut suites: Vec<Suite> = run.files.iter().filter_map(|file| suite(file, from)).collect();
    suites.extend(run.errors.iter().map(|error| Suite {
        name: error.path.clone(),
        cases: vec![Case {
            name: FILE.to_owned(),
            outcome: Outcome::Error(error.message.clone()),
            output: String::new(),
        }],
    }));
    let sum = |of: fn(&Suite) -> usize| suites.iter().map(of).sum::<usize>();
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    writeln!(
        out,
        "<testsuites name=\"daemonset-lint\" tests=\"{}\" failures=\"{}\" errors=\"{}\">",
        sum(|suite| suite.cases.len()),
        sum(Suite::failures),
        sum(Suite::errors),
    )?;
    for suite in &suites {
        write_suite(suite, out)?;
    }
    writeln!(out, "</testsuites>")
}

/// The test case for what belongs to the file and to no object in it.
const FILE: &str = "the file";

fn suite(file: &FileReport, from: Severity) -> Option<Suite> {
    let lines = LineIndex::new(&file.text);
    let mut cases = Vec::new();
    let own: Vec<&Located> = file.findings.iter().filter(|located| located.finding.is_shown()).collect();
    if let Some(reason) = &file.unreadable {
        let outcome = Outcome::Error(format!("cannot be read: {reason}"));
        cases.push(Case { name: FILE.to_owned(), outcome, output: String::new() });
    } else if matches!(file.reading, Reading::Template(_)) {
        let mut case = case(FILE.to_owned(), file, &own, from, &lines);
        if matches!(case.outcome, Outcome::Passed) {
            case.outcome = Outcome::Skipped("the template has to be rendered first");
        }
        cases.push(case);
    } else if !own.is_empty() {
        cases.push(case(FILE.to_owned(), file, &own, from, &lines));
    }
    let mut names: HashMap<String, usize> = HashMap::new();
    for document in file.documents.iter().filter(|document| is_tested(document)) {
        let findings: Vec<&Located> =
            document.findings.iter().filter(|located| located.finding.is_shown()).collect();
        let mut name = object_name(document);
        let count = names.entry(name.clone()).or_default();
        *count = count.saturating_add(1);
        if *count > 1 {
            name.push_str(&format!(" ({count})"));
        }
        cases.push(case(name, file, &findings, from, &lines));
    }
    (!cases.is_empty()).then(|| Suite { name: file.path.clone(), cases })
}

fn is_tested(document: &DocumentReport) -> bool {
    document.is_daemon_set() || document.verdict == Verdict::Part || !document.findings.is_empty()
}

fn case(name: String, file: &FileReport, findings: &[&Located], from: Severity, lines: &LineIndex) -> Case {
    let counts = |located: &&&Located| located.finding.severity >= from;
    let failures: Vec<&Located> = findings.iter().filter(counts).copied().collect();
    let others = findings.iter().filter(|located| !counts(located));
    let output = others.map(|located| text(file, located, lines)).collect();
    let outcome = match failures.as_slice() {
        [] => Outcome::Passed,
        [first, rest @ ..] => {
            let more = match rest.len() {
                0 => String::new(),
                count => format!(" (and {})", counted(count, "more finding")),
            };
            Outcome::Failed {
                message: format!("{}{more}", headline(first)),
                kind: first.finding.rule,
                text: failures.iter().map(|located| text(file, located, lines)).collect(),
            }
        }
    };
    Case { name, outcome, output }
}

/// The finding as a line of `concise`, with its help below.
fn text(file: &FileReport, located: &Located, lines: &LineIndex) -> String {
    let mut line = Vec::new();
    // Writing to memory does not fail.
    _ = concise::line(file, located, lines, &mut line);
    let mut text = String::from_utf8_lossy(&line).into_owned();
    if let Some(help) = &located.finding.help {
        text.push_str(&format!("  help: {}\n", shown_lines(help)));
    }
    text
}

fn write_suite(suite: &Suite, out: &mut dyn Write) -> io::Result<()> {
    let name = attribute(&suite.name);
    writeln!(
        out,
        "  <testsuite name=\"{name}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\" file=\"{name}\">",
        suite.cases.len(),
        suite.failures(),
        suite.errors(),
        suite.skipped(),
    )?;
    for case in &suite.cases {
        write!(out, "    <testcase name=\"{}\" classname=\"{name}\"", attribute(&case.name))?;
        if matches!(case.outcome, Outcome::Passed) && case.output.is_empty() {
            writeln!(out, "/>")?;
            continue;
        }
        writeln!(out, ">")?;
        match &case.outcome {
            Outcome::Passed => {}
            Outcome::Skipped(message) => writeln!(out, "      <skipped message=\"{message}\"/>")?,
            Outcome::Error(message) => writeln!(out, "      <error message=\"{}\"/>", attribute(message))?,
            Outcome::Failed { message, kind, text } => writeln!(
                out,
                "      <failure message=\"{}\" type=\"{kind}\">{}</failure>",
                attribute(message),
                content(text)
            )?,
        }
        if !case.output.is_empty() {
            writeln!(out, "      <system-out>{}</system-out>", content(&case.output))?;
        }
        writeln!(out, "    </testcase>")?;
    }
    writeln!(out, "  </testsuite>")
}

/// The text as the value of an attribute, on one line.
fn attribute(text: &str) -> String {
    escaped(&shown(text))
}

/// The text between tags.
fn content(text: &str) -> String {
    escaped(&shown_lines(text))
}

/// Escapes markup, and replaces what no XML document may have, not even as a reference.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&apos;"),
            '\t' | '\n' | '\r' => escaped.push(character),
            '\0'..='\u{1F}' | '\u{FFFE}' | '\u{FFFF}' => escaped.push('\u{FFFD}'),
            _ => escaped.push(character),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_no_markup() {
        assert_eq!(attribute("a\"<b>&'\n"), "a&quot;&lt;b&gt;&amp;&apos;\\n");
        assert_eq!(content("]]>\nx\u{FFFE}\0"), "]]&gt;\nx\u{FFFD}\\u0000");
    }
}
