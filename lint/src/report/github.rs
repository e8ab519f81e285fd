//! Workflow commands of GitHub Actions: each finding becomes an annotation of its line.
//!
//! GitHub keeps ten annotations of each type of a step. The first ten errors, warnings and notes are commands; the others are lines as in
//! `concise`, and a last line says how many they are.

use std::borrow::Cow;
use std::io::{self, Write};

use daemonset_validation::Severity;
use daemonset_validation::words::count::counted;
use daemonset_validation::words::names::folded;

use super::source_root::{SourcePath, SourceRoot};
use crate::ci::inert;
use crate::engine::Run;
use crate::engine::outcome::{DocumentReport, FileReport, Located};
use crate::report::concise;
use crate::report::finding::{About, At, headline};
use crate::shown::shown;
use crate::source::LineIndex;

/// How many annotations of each type GitHub keeps of a step.
const KEPT: usize = 10;

/// What becomes of the findings that are no annotations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Others {
    /// A line each.
    Lines,
    /// They are only counted: the log has them already.
    Counted,
}

/// Prints the findings as commands.
///
/// # Errors
///
/// If `out` cannot be written.
pub(crate) fn write(run: &Run<'_>, root: &SourceRoot, others: Others, out: &mut dyn Write) -> io::Result<()> {
    let mut annotated = [0_usize; 3];
    let mut left = [0_usize; 3];
    for file in &run.files {
        let mut lines = None;
        for (object, located) in file.shown_with_objects() {
            let lines = lines.get_or_insert_with(|| LineIndex::new(&file.text));
            let place = place(located.finding.severity);
            let Some(count) = annotated.get_mut(place) else { continue };
            if *count < KEPT {
                *count = count.saturating_add(1);
                writeln!(out, "{}", command(file, object, located, lines, root))?;
                continue;
            }
            add(&mut left, place, 1);
            if others == Others::Lines {
                let mut line = Vec::new();
                concise::line(file, located, lines, &mut line)?;
                out.write_all(inert(&String::from_utf8_lossy(&line)).as_bytes())?;
            }
        }
        file.more.iter().for_each(|more| add(&mut left, place(more.severity), more.count));
    }
    for error in &run.errors {
        writeln!(
            out,
            "::error title=cannot be checked::{}",
            data(&format!("{}: {}", error.path, error.message))
        )?;
    }
    rest(&left, out)
}

fn add(counts: &mut [usize; 3], place: usize, more: usize) {
    if let Some(count) = counts.get_mut(place) {
        *count = count.saturating_add(more);
    }
}

const fn place(severity: Severity) -> usize {
    match severity {
        Severity::Error => 0,
        Severity::Warning => 1,
        Severity::Info => 2,
    }
}

/// `12 more errors and 3 more notes are in the log without an annotation: GitHub keeps 10 of each type of a step`.
fn rest(left: &[usize; 3], out: &mut dyn Write) -> io::Result<()> {
    let words = ["more error", "more warning", "more note"];
    let parts: Vec<String> = left
        .iter()
        .zip(words)
        .filter(|(count, _)| **count > 0)
        .map(|(count, word)| counted(*count, word))
        .collect();
    if parts.is_empty() {
        return Ok(());
    }
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    writeln!(
        out,
        "daemonset-lint: {} without an annotation: GitHub keeps {KEPT} of each type of a step",
        folded(&parts)
    )
}

/// `::error file=agent.yaml,line=9,endLine=9,col=3,endColumn=11,title=api/unknown-field::unknown field "spec.replicas"`.
fn command(
    file: &FileReport,
    object: Option<&DocumentReport>,
    located: &Located,
    lines: &LineIndex,
    root: &SourceRoot,
) -> String {
    let finding = &located.finding;
    let word = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "notice",
    };
    let at = At::new(file, located, lines);
    let mut properties = Vec::new();
    let mut message = shown(&headline(located)).into_owned();
    match root.path(&file.path) {
        SourcePath::Below(path) | SourcePath::Elsewhere(path) => {
            properties.push(format!("file={}", property(&path)));
            if let Some(region) = at.region {
                properties.push(format!("line={},endLine={}", region.line, region.end_line));
                // Columns are only allowed within one line. The last one is inclusive.
                if region.line == region.end_line {
                    let last = region.end_column.saturating_sub(1).max(region.column);
                    properties.push(format!("col={},endColumn={last}", region.column));
                }
            }
        }
        // Nothing can be annotated.
        SourcePath::StandardInput => message = format!("{at}: {message}"),
    }
    let about = About::new(file, object, lines.line(located.place.exact.start as usize));
    properties.push(format!("title={}", property(&format!("{}{about}", finding.rule))));
    if let Some(help) = &finding.help {
        message.push_str("\nhelp: ");
        message.push_str(help);
    }
    format!("::{word} {}::{}", properties.join(","), data(&message))
}

/// The text as the value of a property.
fn property(text: &str) -> String {
    percent(&shown(text), &[':', ','])
}

/// The text as the message of a command. Line feeds stay what they are.
fn data(text: &str) -> String {
    let lines: Vec<Cow<'_, str>> = text.split('\n').map(shown).collect();
    percent(&lines.join("\n"), &[])
}

/// Encodes `%`, line ends and the characters that have a meaning there.
fn percent(text: &str, special: &[char]) -> String {
    let mut encoded = String::with_capacity(text.len());
    for character in text.chars() {
        if matches!(character, '%' | '\r' | '\n') || special.contains(&character) {
            encoded.push_str(&format!("%{:02X}", u32::from(character)));
        } else {
            encoded.push(character);
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_a_meaning_is_encoded() {
        assert_eq!(data("100 %: a,b\nc"), "100 %25: a,b%0Ac");
        assert_eq!(property("a:b,c%\n::error::x"), "a%3Ab%2Cc%25\\n%3A%3Aerror%3A%3Ax");
        assert_eq!(data("a\r\n::set-output name=x::y"), "a\\r%0A::set-output name=x::y");
    }
}
