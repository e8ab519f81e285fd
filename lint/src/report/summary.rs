//! The last line of the text report: what was found, in how much.

use std::collections::HashSet;
use std::io::{self, Write};

use daemonset_validation::Severity;
use daemonset_validation::words::count::{counted, thousands};
use daemonset_validation::words::names::folded;

use crate::engine::Run;
use crate::engine::outcome::FileReport;
use crate::engine::summary::Summary;
use crate::report::explain::notes::is_about_snapshot;

/// The numbers of the line: a fact of the cluster that is said of every DaemonSet counts once.
pub(crate) fn of(run: &Run<'_>) -> Summary {
    let mut summary = run.summary();
    let mut known = HashSet::new();
    for located in run.files.iter().flat_map(FileReport::all_findings) {
        let finding = &located.finding;
        if is_about_snapshot(finding) && !known.insert((finding.rule, finding.sentence())) {
            let count = match finding.severity {
                Severity::Error => &mut summary.errors,
                Severity::Warning => &mut summary.warnings,
                Severity::Info => &mut summary.infos,
            };
            *count = count.saturating_sub(1);
        }
    }
    summary
}

/// Prints the line. `unread` is the number of paths that could not be checked; if there are any, a run without findings is not called
/// clean, and if nothing else was checked, there is no line.
pub(crate) fn write(summary: &Summary, unread: usize, out: &mut dyn Write) -> io::Result<()> {
    let mut parts = Vec::new();
    for (count, word) in [(summary.errors, "error"), (summary.warnings, "warning"), (summary.infos, "note")] {
        if count > 0 {
            parts.push(counted(count, word));
        }
    }
    if unread > 0 && summary.files == 0 {
        return Ok(());
    }
    let not_all = if unread > 0 {
        format!("{} could not be checked; ", counted(unread, "path"))
    } else {
        String::new()
    };
    let files = if parts.is_empty() { summary.files } else { summary.files_with_findings };
    let found = if parts.is_empty() {
        "no findings".to_owned()
    } else {
        folded(&parts.iter().map(String::as_str).collect::<Vec<_>>())
    };
    writeln!(out, "{not_all}{found} in {} ({})", counted(files, "file"), scope(summary, files))
}

/// What was read, and what of it was not judged.
fn scope(summary: &Summary, files: usize) -> String {
    let mut scope = counted(summary.daemon_sets, "DaemonSet");
    if summary.parts > 0 {
        let patches =
            if summary.parts == 1 { "1 patch".to_owned() } else { format!("{} patches", summary.parts) };
        scope.push_str(&format!(" and {patches}"));
    }
    if summary.files > files {
        scope.push_str(&format!(" in {} read", counted(summary.files, "file")));
    }
    let mut rest = Vec::new();
    for (count, what, behind) in [
        (summary.skipped, "object", " of other kinds skipped"),
        (summary.excluded, "file", " excluded"),
        (summary.templates, "template", " not rendered"),
        (summary.placeholders, "placeholder", " not judged"),
    ] {
        if count > 0 {
            rest.push(format!("{}{behind}", counted(count, what)));
        }
    }
    let without = summary.without_daemon_set.saturating_add(summary.unparsable);
    if without > 0 {
        let broken = match summary.unparsable {
            0 => String::new(),
            count => format!(", {count} of which cannot be parsed"),
        };
        rest.push(format!("{} without a DaemonSet{broken}", counted(without, "file")));
    }
    for (count, behind) in [(summary.allowed, "allowed"), (summary.in_baseline, "in the baseline")] {
        if count > 0 {
            rest.push(format!("{} {behind}", thousands(count)));
        }
    }
    for part in rest {
        scope.push_str("; ");
        scope.push_str(&part);
    }
    scope
}
