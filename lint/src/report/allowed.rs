//! With `--show-allowed`, the findings that are allowed, a line for each:
//!
//! `path:line:column: allowed: message [rule] (comment: the reason)`

use std::io::{self, Write};

use crate::engine::outcome::FileReport;
use crate::report::finding::{At, headline};
use crate::shown::shown;
use crate::source::LineIndex;

/// Prints the findings of a file that are allowed.
///
/// # Errors
///
/// If `out` cannot be written.
pub(crate) fn findings(file: &FileReport, out: &mut dyn Write) -> io::Result<()> {
    let mut lines = None;
    for (_, allowed) in file.all_allowed() {
        let lines = lines.get_or_insert_with(|| LineIndex::new(&file.text));
        let at = At::new(file, &allowed.located, lines);
        let reason = match &allowed.reason {
            Some(reason) => format!(": {}", shown(reason)),
            None => String::new(),
        };
        let (message, by) = (headline(&allowed.located), allowed.by.as_str());
        writeln!(
            out,
            "{at}: allowed: {} [{}] ({by}{reason})",
            shown(&message),
            allowed.located.finding.rule
        )?;
    }
    Ok(())
}
