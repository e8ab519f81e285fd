//! Makes the report of a file that was found in a folder. Most files of a repository hold no DaemonSet, so what cannot hold one is not
//! parsed, and what cannot be parsed is a finding only if it holds one.

use daemonset_validation::Span;

use super::companions::{OtherFile, of_other_file};
use super::context::Engine;
use super::judge::judge_bytes;
use super::origin::Origin;
use super::outcome::{FileReport, Reading};
use super::placeholder::is_placeholder;
use super::role::Role;
use crate::source::letters::{kind_in_broken, kind_in_template, may_hold_daemon_set};

/// The report of the bytes of a file with the given role.
pub(super) fn judge_found(path: String, bytes: Vec<u8>, role: Role, engine: &Engine<'_>) -> FileReport {
    let skipped = |path, reading| FileReport { role, reading, ..FileReport::empty(path) };
    if role == Role::Template && is_template(&bytes) {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        return match kind_in_template(&text) {
            Some(place) => FileReport { text, ..skipped(path, Reading::Template(span(place))) },
            None => skipped(path, Reading::WithoutDaemonSet),
        };
    }
    if !engine.strict_files && !may_hold_daemon_set(&bytes) {
        let OtherFile { applied, companions } = of_other_file(&bytes, role, engine);
        return FileReport { applied, companions, ..skipped(path, Reading::WithoutDaemonSet) };
    }
    // The text of bytes that are no text is not kept.
    let holds_in_bytes = std::str::from_utf8(&bytes).is_err() && {
        let letters: Vec<u8> = bytes.iter().copied().filter(|byte| *byte != 0).collect();
        kind_in_broken(&String::from_utf8_lossy(&letters)).is_some()
    };
    let report = FileReport { role, ..judge_bytes(path, Ok(bytes), role, Origin::Walked, engine) };
    if report.findings.is_empty() { report } else { with_its_own(report, holds_in_bytes, engine) }
}

/// Whether a text of a chart has expressions. A text without any is rendered as it is.
fn is_template(bytes: &[u8]) -> bool {
    memchr::memmem::find(bytes, b"{{").is_some()
}

fn span(place: std::ops::Range<usize>) -> Span {
    let short = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
    Span::new(short(place.start), short(place.end))
}

/// Keeps the findings about a text that cannot be parsed only if it holds a DaemonSet and is no template.
fn with_its_own(mut report: FileReport, holds_in_bytes: bool, engine: &Engine<'_>) -> FileReport {
    let template = kind_in_template(&report.text);
    if let Some(place) = template.filter(|_| is_unfilled(&report) || has_control_line(&report.text)) {
        report.findings.clear();
        report.more.clear();
        report.reading = Reading::Template(span(place));
        return report;
    }
    let holds = holds_in_bytes
        || report.documents.iter().any(|document| document.is_daemon_set() || !document.findings.is_empty())
        || kind_in_broken(&report.text).is_some()
            && !(is_unfilled(&report) || has_control_line(&report.text));
    if !holds && !engine.strict_files {
        report.findings.clear();
        report.more.clear();
        report.reading = Reading::Unparsable;
    }
    report
}

/// Whether a line is an instruction of a template, so that what cannot be parsed before or behind it is one, too.
fn has_control_line(text: &str) -> bool {
    const WORDS: [&str; 9] =
        ["if ", "else", "end", "range ", "with ", "define ", "include ", "template ", "/*"];
    text.lines().map(str::trim).any(|line| {
        let inside = line.strip_prefix("{{").map(|inside| inside.trim_start_matches('-').trim_start());
        line.starts_with("{%")
            || inside.is_some_and(|inside| WORDS.iter().any(|word| inside.starts_with(word)))
    })
}

/// Whether the text cannot be parsed because it is a template, or because a placeholder stands where YAML allows none.
fn is_unfilled(report: &FileReport) -> bool {
    report.findings.iter().all(|located| {
        let start = located.place.exact.start as usize;
        let before = report.text.get(..start).unwrap_or_default();
        let line = before.rfind('\n').map_or(0, |end| end.saturating_add(1));
        let line = report.text.get(line..).unwrap_or_default().lines().next().unwrap_or_default();
        located.finding.rule == "file/template"
            || located.finding.rule == "file/syntax" && is_placeholder(line)
    })
}
