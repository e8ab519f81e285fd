//! The preview as a table: first the nodes that run the pod, then the others with their reasons. Nodes with the same outcome for the same
//! reasons share a row.

use std::io::{self, Write};

use daemonset_validation::placement::{OutcomeKind, Reason};
use daemonset_validation::words::count::thousands;
use daemonset_validation::words::names;
use daemonset_validation::{Finding, Severity};

use super::groups::{self, Group};
use super::{rollout, stored, words};
use crate::engine::Run;
use crate::engine::explain::{ExplainedNode, Explanation};
use crate::engine::outcome::{DocumentReport, FileReport, Verdict};
use crate::report::Style;
use crate::shown::shown;

/// Prints the preview of every DaemonSet.
///
/// # Errors
///
/// If `out` cannot be written.
pub(crate) fn write(run: &Run<'_>, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    for file in &run.files {
        for document in file.documents.iter().filter(|document| document.is_daemon_set()) {
            let title = format!("{}/{}", document.namespace, document.name);
            let stored = document.explanation.as_ref().is_some_and(|one| one.comparison.is_some());
            let line = if stored { String::new() } else { format!(":{}", document.line) };
            writeln!(out, "{}   {}{line}", paint(&shown(&title), BOLD, style), shown(&file.path))?;
            match &document.explanation {
                Some(explanation) => table(file, document, explanation, style, out)?,
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

fn table(
    file: &FileReport,
    document: &DocumentReport,
    explanation: &Explanation,
    style: &Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    let counts = explanation.counts();
    let nodes = if counts.nodes == 1 { "node" } else { "nodes" };
    let mut line = format!("runs on {} of {} {nodes}", thousands(counts.runs), thousands(counts.nodes));
    for (count, word) in [(counts.pending, "pending"), (counts.unknown, "unknown")] {
        if count > 0 {
            line.push_str(&format!(", {word} on {}", thousands(count)));
        }
    }
    writeln!(out, "{line}\n")?;
    let (rows, left_out) = rows(file, explanation, style);
    let width = rows.iter().map(Row::width).max().unwrap_or_default().clamp(4, NAMES);
    // Two spaces, the names, three spaces, the verdict padded to eleven characters, two spaces.
    let indent = width.saturating_add(2 + 3 + 11 + 2);
    let room = style.columns.saturating_sub(indent).max(24);
    writeln!(out, "  {:width$}   {:11}  WHY", "NODE", "VERDICT")?;
    for row in rows {
        let (mut names, mut why) = (Vec::new(), Vec::new());
        wrap(row.names.iter().map(String::as_str), width, &mut names);
        for sentence in &row.sentences {
            wrap(sentence.split(' '), room, &mut why);
        }
        for line in 0..names.len().max(why.len()) {
            let name = names.get(line).map(String::as_str).unwrap_or_default();
            let verdict = if line == 0 { label(row.outcome) } else { "" };
            let verdict = format!("{verdict:11}");
            let verdict = if line == 0 { paint(&verdict, color(row.outcome), style) } else { verdict };
            let why = why.get(line).map(String::as_str).unwrap_or_default();
            if line > 0 && name.is_empty() {
                // A word that is too long for the column is moved to the left instead of being broken.
                let length = why.chars().count();
                let indent = indent.min(style.columns.saturating_sub(length)).max(2);
                writeln!(out, "{:indent$}{why}", "")?;
                continue;
            }
            writeln!(out, "{}", format!("  {name:width$}   {verdict}  {why}").trim_end())?;
        }
    }
    for (outcome, groups, nodes) in left_out {
        let more = format!(
            "… {} more nodes, {} for {} other reasons: --all-nodes prints them",
            thousands(nodes),
            label(outcome),
            thousands(groups)
        );
        let mut lines = Vec::new();
        wrap(more.split(' '), style.columns.saturating_sub(2), &mut lines);
        for line in lines {
            writeln!(out, "  {line}")?;
        }
    }
    let rollout =
        explanation.rollout.iter().map(|rollout| format!("rollout: {}", rollout::sentence(rollout)));
    let notes = document.notes().map(|located| note(&located.finding));
    for sentence in rollout.chain(notes) {
        let mut lines = Vec::new();
        wrap(shown(&sentence).split(' '), style.columns.saturating_sub(2).max(24), &mut lines);
        for line in lines {
            writeln!(out, "  {line}")?;
        }
    }
    stored::write(explanation, out)
}

/// `note: no pods were read …`. Warnings and errors have the rule's id, so that it can be looked up.
fn note(finding: &Finding) -> String {
    let help = finding.help.as_ref().map(|help| format!("; {help}")).unwrap_or_default();
    match finding.severity {
        Severity::Info => format!("note: {}{help}", finding.message),
        severity => format!("{}: {}{help} ({})", severity.as_str(), finding.message, finding.rule),
    }
}

/// The maximum width of the column of names. A longer name is printed in full.
const NAMES: usize = 40;

/// The names of a row with several nodes are broken into lines of this width, unless a name is longer.
const SHARED: usize = 24;

/// The maximum number of rows of one outcome; further rows are counted.
const ROWS: usize = 20;

struct Row {
    /// The names of the nodes.
    names: Vec<String>,
    outcome: OutcomeKind,
    sentences: Vec<String>,
}

impl Row {
    /// A row. Control characters in names and sentences are escaped, so that they cannot break or colour the row.
    fn new(names: &[String], outcome: OutcomeKind, sentences: impl Iterator<Item = String>) -> Self {
        Self {
            names: names.iter().map(|name| shown(name).into_owned()).collect(),
            outcome,
            sentences: sentences.map(|sentence| shown(&sentence).into_owned()).collect(),
        }
    }

    fn width(&self) -> usize {
        let lengths = || self.names.iter().map(|name| name.chars().count());
        let longest = lengths().max().unwrap_or_default();
        let all = lengths().fold(0_usize, |sum, length| sum.saturating_add(length).saturating_add(1));
        longest.max(all.saturating_sub(1).min(SHARED))
    }
}

/// The rows; and for each outcome with too many rows, how many groups were left out and how many nodes they have.
type Rows = (Vec<Row>, Vec<(OutcomeKind, usize, usize)>);

fn rows(file: &FileReport, explanation: &Explanation, style: &Style) -> Rows {
    if style.all_nodes {
        let mut nodes: Vec<&ExplainedNode> = explanation.nodes.iter().collect();
        nodes.sort_by_key(|node| rank(node.outcome));
        let row = |node: &&ExplainedNode| {
            let sentences = node.reasons.iter().flat_map(|located| {
                let message = words::message(&located.reason, &node.name).about(&node.name);
                let remedy = words::remedy(&located.reason, &node.name);
                let remedy = remedy.map(|remedy| remedy.about(&node.name));
                sentences(file, &located.reason, located.line, &message, remedy.as_deref())
            });
            let sentences = sentences.chain(groups::preemption(node.preemption.iter()));
            Row::new(std::slice::from_ref(&node.name), node.outcome, sentences)
        };
        return (nodes.iter().map(row).collect(), Vec::new());
    }
    let mut groups = groups::group(&explanation.nodes);
    groups.sort_by_key(|group| rank(group.outcome));
    let (mut rows, mut left_out) = (Vec::new(), Vec::new());
    for of_outcome in groups.chunk_by_mut(|one, other| one.outcome == other.outcome) {
        if of_outcome.len() > ROWS {
            of_outcome.sort_by_key(|group| std::cmp::Reverse(group.nodes.len()));
        }
        let (printed, rest) = of_outcome.split_at(of_outcome.len().min(ROWS));
        for group in printed {
            add(file, group, &mut rows);
        }
        if let Some(first) = rest.first() {
            let nodes = rest.iter().map(|group| group.nodes.len()).fold(0, usize::saturating_add);
            left_out.push((first.outcome, rest.len(), nodes));
        }
    }
    (rows, left_out)
}

fn add(file: &FileReport, group: &Group<'_>, rows: &mut Vec<Row>) {
    let names = group.names();
    let outcome = group.outcome;
    let reasons = group.reasons();
    if reasons.is_empty() && names.len() <= names::IN_FULL {
        // Without reasons, each node has a line of its own.
        let row = |name: &&str| Row::new(&[(*name).to_owned()], outcome, std::iter::empty());
        rows.extend(names.iter().map(row));
        return;
    }
    let sentences = reasons.iter().flat_map(|reason| {
        let first = reason.first;
        sentences(file, &first.reason, first.line, &reason.message, reason.remedy.as_deref())
    });
    rows.push(Row::new(&names::fold(&names), outcome, sentences.chain(group.preemption())));
}

fn sentences(
    file: &FileReport,
    reason: &Reason,
    line: Option<usize>,
    message: &str,
    remedy: Option<&str>,
) -> Vec<String> {
    let place = line.map(|line| format!(" ({}:{line})", file.path)).unwrap_or_default();
    let mut sentences = vec![format!("{}: {message}{place}", reason.filter.as_str())];
    sentences.extend(remedy.map(|remedy| format!("to run there: {remedy}")));
    sentences
}

const BOLD: &str = "1";

const fn rank(outcome: OutcomeKind) -> u8 {
    match outcome {
        OutcomeKind::Runs => 0,
        OutcomeKind::Pending => 1,
        OutcomeKind::Unknown => 2,
        OutcomeKind::NotWanted => 3,
    }
}

const fn label(outcome: OutcomeKind) -> &'static str {
    match outcome {
        OutcomeKind::NotWanted => "not wanted",
        other => other.as_str(),
    }
}

const fn color(outcome: OutcomeKind) -> &'static str {
    match outcome {
        OutcomeKind::Runs => "32",
        OutcomeKind::Pending => "33",
        OutcomeKind::Unknown => "35",
        OutcomeKind::NotWanted => "2",
    }
}

fn paint(text: &str, code: &str, style: &Style) -> String {
    if style.color { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
}

/// Breaks words into lines of at most `room` characters. A longer word has a line of its own.
fn wrap<'w>(words: impl IntoIterator<Item = &'w str>, room: usize, lines: &mut Vec<String>) {
    let mut line = String::new();
    for word in words {
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
