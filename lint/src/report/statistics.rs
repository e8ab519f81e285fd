//! `--statistics`: how many findings each rule has, in how many files.

use std::collections::BTreeMap;
use std::io::{self, Write};

use daemonset_validation::Severity;
use daemonset_validation::rules::find;
use daemonset_validation::words::count::thousands;

use super::Style;
use crate::engine::Run;

#[derive(Default)]
struct Row {
    count: usize,
    files: usize,
}

/// Prints the table: what is heaviest first, then what is most frequent. Without findings there is none.
///
/// # Errors
///
/// If `out` cannot be written.
pub(crate) fn write(run: &Run<'_>, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let mut rows: BTreeMap<(&str, Severity), Row> = BTreeMap::new();
    for file in &run.files {
        let mut of_file: BTreeMap<(&str, Severity), usize> = BTreeMap::new();
        let shown = file.shown_findings().map(|located| (located.finding.rule, located.finding.severity, 1));
        let more = file.more.iter().map(|more| (more.rule, more.severity, more.count));
        for (rule, severity, count) in shown.chain(more) {
            let sum = of_file.entry((rule, severity)).or_default();
            *sum = sum.saturating_add(count);
        }
        for (key, count) in of_file {
            let row = rows.entry(key).or_default();
            row.count = row.count.saturating_add(count);
            row.files = row.files.saturating_add(1);
        }
    }
    if rows.is_empty() {
        return Ok(());
    }
    let mut rows: Vec<((&str, Severity), Row)> = rows.into_iter().collect();
    rows.sort_by(|((one_rule, one), a), ((other_rule, other), b)| {
        other.cmp(one).then(b.count.cmp(&a.count)).then(one_rule.cmp(other_rule))
    });
    let cells: Vec<[String; 4]> = rows
        .iter()
        .map(|((rule, severity), row)| {
            [thousands(row.count), thousands(row.files), word(*severity).to_owned(), (*rule).to_owned()]
        })
        .collect();
    let head = ["COUNT", "FILES", "LEVEL", "RULE"];
    let width = |column: usize| {
        let cells = cells.iter().filter_map(|row| row.get(column)).map(String::len);
        cells.chain(head.get(column).map(|head| head.len())).max().unwrap_or_default()
    };
    let [count, files, level, rule] = [0, 1, 2, 3].map(width);
    // The summary is last, so that a narrow terminal wraps nothing else.
    writeln!(
        out,
        "{:>count$}  {:>files$}  {:<level$}  {:<rule$}  WHAT IT FINDS",
        head[0], head[1], head[2], head[3]
    )?;
    for ([a, b, c, d], ((id, severity), _)) in cells.iter().zip(&rows) {
        let (on, off) = colors(*severity, style);
        let summary = find(id).map(|rule| rule.summary).unwrap_or_default();
        let line = format!("{a:>count$}  {b:>files$}  {on}{c:<level$}{off}  {d:<rule$}  {summary}");
        writeln!(out, "{}", line.trim_end())?;
    }
    writeln!(out)
}

const fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Info => "note",
        other => other.as_str(),
    }
}

const fn colors(severity: Severity, style: &Style) -> (&'static str, &'static str) {
    match severity {
        _ if !style.color => ("", ""),
        Severity::Error => ("\x1b[31m", "\x1b[0m"),
        Severity::Warning => ("\x1b[33m", "\x1b[0m"),
        Severity::Info => ("\x1b[36m", "\x1b[0m"),
    }
}
