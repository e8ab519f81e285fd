//! Findings for `grep` and editors: one on each line, which is never wrapped.
//!
//! `path:line:column: severity: message [rule]`

use std::io::{self, Write};

use crate::engine::outcome::{FileReport, Located};
use crate::report::finding::{At, headline};
use crate::shown::shown;
use crate::source::LineIndex;

/// Prints every finding of a file, those about a preview as well. Of a rule with very many, the rest is counted on one line.
///
/// # Errors
///
/// If `out` cannot be written.
pub(crate) fn findings(file: &FileReport, out: &mut dyn Write) -> io::Result<()> {
    let mut lines = None;
    file.shown_findings().try_for_each(|located| {
        let lines = lines.get_or_insert_with(|| LineIndex::new(&file.text));
        line(file, located, lines, out)
    })?;
    file.more.iter().try_for_each(|more| {
        let (path, severity) = (shown(&file.path), more.severity.as_str());
        writeln!(out, "{path}: {severity}: and {} more of this rule [{}]", more.count, more.rule)
    })
}

/// Prints a finding.
pub(super) fn line(
    file: &FileReport,
    located: &Located,
    lines: &LineIndex,
    out: &mut dyn Write,
) -> io::Result<()> {
    let (at, finding) = (At::new(file, located, lines), &located.finding);
    let headline = headline(located);
    writeln!(out, "{at}: {}: {} [{}]", finding.severity.as_str(), shown(&headline), finding.rule)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Engine;

    #[test]
    fn a_finding_is_a_line() {
        let text =
            "apiVersion: apps/v1\nkind: DaemonSet\nmetadata: { name: \"a\\nb\\e\" }\nspec: { selectr: }\n";
        let file = Engine::default().check("odd\n\x1bname.yaml".to_owned(), text.into());
        let mut out = Vec::new();
        assert!(findings(&file, &mut out).is_ok());
        let out = String::from_utf8_lossy(&out);
        assert_eq!(out.lines().count(), file.shown_findings().count());
        for line in out.lines() {
            assert!(line.starts_with("odd\\n\\u001bname.yaml:"), "{line}");
            assert!(line.contains(": error: ") && line.ends_with(']'), "{line}");
        }
        assert!(
            out.contains(
                "odd\\n\\u001bname.yaml:4:9: error: unknown field \"spec.selectr\" [api/unknown-field]\n"
            ),
            "{out}"
        );
    }
}
