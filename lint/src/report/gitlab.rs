//! Code Quality of GitLab: a JSON list with an entry for each finding.
//!
//! GitLab compares the fingerprints of two reports, and shows which findings a merge request adds and resolves.

use std::io::{self, Write};

use daemonset_validation::Severity;
use serde::Serialize;

use super::fingerprint::Fingerprints;
use super::source_root::SourceRoot;
use crate::engine::Run;
use crate::report::finding::{About, At, headline};
use crate::report::link;
use crate::shown::shown;
use crate::source::LineIndex;

#[derive(Serialize)]
struct Issue<'r> {
    r#type: &'static str,
    check_name: &'r str,
    description: String,
    content: Content,
    categories: [&'static str; 1],
    fingerprint: String,
    severity: &'static str,
    location: Location,
}

#[derive(Serialize)]
struct Content {
    body: String,
}

#[derive(Serialize)]
struct Location {
    path: String,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    end: Option<usize>,
}

/// Prints the findings.
///
/// # Errors
///
/// If `out` cannot be written.
pub(crate) fn write(run: &Run<'_>, root: &SourceRoot, out: &mut dyn Write) -> io::Result<()> {
    let mut issues = Vec::new();
    let mut fingerprints = Fingerprints::default();
    for file in &run.files {
        let lines = LineIndex::new(&file.text);
        for (object, located) in file.shown_with_objects() {
            let finding = &located.finding;
            let region = At::new(file, located, &lines).region;
            let about = About::new(file, object, lines.line(located.place.exact.start as usize));
            let help = finding.help.as_deref().map(|help| format!("help: {help}\n\n")).unwrap_or_default();
            issues.push(Issue {
                r#type: "issue",
                check_name: finding.rule,
                description: format!("{}{about}", shown(&headline(located))),
                content: Content { body: format!("{help}{}", link::of(finding.rule)) },
                categories: ["Bug Risk"],
                fingerprint: fingerprints.next(file, object, located),
                severity: severity(finding.severity),
                location: Location {
                    path: root.text(&file.path),
                    // A line must stand here. Of a template whose line is not known, it is the first.
                    lines: Lines {
                        begin: region.map_or(1, |region| region.line),
                        end: region.map(|region| region.end_line),
                    },
                },
            });
        }
    }
    serde_json::to_writer_pretty(&mut *out, &issues)?;
    writeln!(out)
}

const fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "critical",
        Severity::Warning => "minor",
        Severity::Info => "info",
    }
}
