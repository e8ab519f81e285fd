//! What was mended, and what can be: the lines of the text report about `--fix`.

use std::io::{self, Write};

use daemonset_validation::words::count::{counted, thousands};

use crate::engine::Run;
use crate::engine::summary::Summary;
use crate::fix;

/// A line for each file that was mended.
pub(crate) fn write(lines: &[String], out: &mut dyn Write) -> io::Result<()> {
    if lines.is_empty() {
        return Ok(());
    }
    lines.iter().try_for_each(|line| writeln!(out, "{line}"))?;
    writeln!(out)
}

/// A line that says how many findings wait for `--unsafe`, if there are any.
pub(crate) fn write_waiting(waiting: usize, out: &mut dyn Write) -> io::Result<()> {
    match waiting {
        0 => Ok(()),
        _ => writeln!(out, "{} can be mended with --unsafe only", counted(waiting, "finding")),
    }
}

/// How many findings can be mended.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Mendable {
    safe: usize,
    others: usize,
    /// Whether there are findings that were only counted.
    more: bool,
}

impl Mendable {
    /// The numbers of a run.
    pub(crate) fn of(run: &Run<'_>) -> Self {
        let mut all = Self::default();
        for file in &run.files {
            let (safe, others) = fix::counts(file);
            all.safe = all.safe.saturating_add(safe);
            all.others = all.others.saturating_add(others);
            all.more |= !file.more.is_empty();
        }
        all
    }

    /// Prints a line that says so, if there are any. After `--fix`, what is left needs `--unsafe`.
    pub(crate) fn write(self, summary: &Summary, fixed: bool, out: &mut dyn Write) -> io::Result<()> {
        let total = summary.errors.saturating_add(summary.warnings).saturating_add(summary.infos);
        let at_least = if self.more { "at least " } else { "" };
        let safe = if fixed { 0 } else { self.safe };
        match (safe, self.others) {
            (0, 0) => Ok(()),
            (0, others) => writeln!(
                out,
                "{at_least}{} of {} can be mended with --fix --unsafe",
                thousands(others),
                counted(total, "finding")
            ),
            (safe, 0) => writeln!(
                out,
                "{at_least}{} of {} can be mended with --fix",
                thousands(safe),
                counted(total, "finding")
            ),
            (safe, others) => writeln!(
                out,
                "{at_least}{} of {} can be mended with --fix, {} more with --fix --unsafe",
                thousands(safe),
                counted(total, "finding"),
                thousands(others)
            ),
        }
    }
}
