//! The preview as a table: nodes that run first, then those that do not, each with its reason.

use std::io::{self, Write};

use crate::explain::{Explanation, NodeVerdict};
use crate::outcome::{DocumentReport, FileReport, Verdict};
use crate::report::{Style, counted};

/// Prints the preview of every DaemonSet.
pub(crate) fn write(files: &[FileReport], style: &Style, out: &mut dyn Write) -> io::Result<()> {
    for file in files {
        for document in file.documents.iter().filter(|document| document.is_daemon_set()) {
            let title = format!("{}/{}", document.namespace, document.name);
            writeln!(out, "{}   {}:{}", paint(&title, BOLD, style), file.path, document.line)?;
            match &document.explanation {
                Some(explanation) => table(file, explanation, style, out)?,
                None => refused(document, out)?,
            }
            writeln!(out)?;
        }
    }
    Ok(())
}

fn refused(document: &DocumentReport, out: &mut dyn Write) -> io::Result<()> {
    if document.verdict == Verdict::Rejected {
        writeln!(out, "rejected by the API server, so it runs nowhere: see the findings above")
    } else {
        writeln!(out, "not explained")
    }
}

fn table(file: &FileReport, explanation: &Explanation, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let counts = explanation.counts();
    let mut line = format!("runs on {} of {}", counts.runs, counted(counts.nodes, "node"));
    for (count, word) in [(counts.pending, "pending"), (counts.unknown, "unknown")] {
        if count > 0 {
            line.push_str(&format!(", {word} on {count}"));
        }
    }
    writeln!(out, "{line}\n")?;
    let mut nodes: Vec<&NodeVerdict> = explanation.nodes.iter().collect();
    nodes.sort_by_key(|node| rank(node.verdict));
    let width = nodes.iter().map(|node| node.name.chars().count()).max().unwrap_or_default().clamp(4, 40);
    // Two spaces in front, three between the columns, and the longest verdict's eleven characters and its three.
    let indent = width.saturating_add(2 + 3 + 11 + 2);
    let room = style.columns.saturating_sub(indent).max(24);
    writeln!(out, "  {:width$}   {:11}  WHY", "NODE", "VERDICT")?;
    for node in nodes {
        let mut lines = Vec::new();
        for reason in &node.reasons {
            let place = reason.line.map(|line| format!(" ({}:{line})", file.path)).unwrap_or_default();
            wrap(&format!("{}: {}{place}", reason.filter, reason.message), room, &mut lines);
            if let Some(suggestion) = &reason.suggestion {
                wrap(&format!("to run there: {suggestion}"), room, &mut lines);
            }
        }
        let mut lines = lines.iter();
        let verdict = format!("{:11}", words(node.verdict));
        let first = lines.next().map(String::as_str).unwrap_or_default();
        let row =
            format!("  {:width$}   {}  {first}", node.name, paint(&verdict, color(node.verdict), style));
        writeln!(out, "{}", row.trim_end())?;
        for line in lines {
            writeln!(out, "{:indent$}{line}", "")?;
        }
    }
    for note in &explanation.notes {
        let mut lines = Vec::new();
        wrap(&format!("note: {}", note.message), style.columns.saturating_sub(2).max(24), &mut lines);
        for line in lines {
            writeln!(out, "  {line}")?;
        }
    }
    Ok(())
}

const BOLD: &str = "1";

fn rank(verdict: &str) -> u8 {
    match verdict {
        "runs" => 0,
        "pending" => 1,
        "unknown" => 2,
        _ => 3,
    }
}

fn words(verdict: &str) -> &str {
    if verdict == "notWanted" { "not wanted" } else { verdict }
}

fn color(verdict: &str) -> &'static str {
    match verdict {
        "runs" => "32",
        "pending" => "33",
        "unknown" => "35",
        _ => "2",
    }
}

fn paint(text: &str, code: &str, style: &Style) -> String {
    if style.color { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
}

/// Breaks a sentence at spaces so that no line is longer than `room`, unless one word is.
fn wrap(sentence: &str, room: usize, lines: &mut Vec<String>) {
    let mut line = String::new();
    for word in sentence.split(' ') {
        let length = line.chars().count().saturating_add(1).saturating_add(word.chars().count());
        if !line.is_empty() && length > room {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines.push(line);
}
