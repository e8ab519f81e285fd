//! The numbers of a run.

use daemonset_validation::Severity;

use super::allow::By;
use super::outcome::{FileReport, Reading, Verdict};
use super::role::Role;

/// The numbers of files, objects and findings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Files read.
    pub files: usize,
    /// Objects in them.
    pub documents: usize,
    /// DaemonSets among these.
    pub daemon_sets: usize,
    /// Errors.
    pub errors: usize,
    /// Warnings.
    pub warnings: usize,
    /// Notes.
    pub infos: usize,
    /// Objects of other kinds.
    pub skipped: usize,
    /// Patches of DaemonSets.
    pub parts: usize,
    /// Findings that were left out because the value is a placeholder.
    pub placeholders: usize,
    /// Files that were not parsed, because no DaemonSet can stand in them.
    pub without_daemon_set: usize,
    /// Files that cannot be parsed, and hold no DaemonSet as far as can be seen.
    pub unparsable: usize,
    /// Templates that hold a DaemonSet and were not rendered.
    pub templates: usize,
    /// Files that could not be opened or read.
    pub unreadable: usize,
    /// Findings that comments and annotations allow.
    pub allowed: usize,
    /// Findings that the baseline has.
    pub in_baseline: usize,
    /// Files that a configuration excludes, which were not read.
    pub excluded: usize,
    /// Files with at least one finding.
    pub files_with_findings: usize,
}

impl Summary {
    /// Counts a run.
    pub fn of(files: &[FileReport]) -> Self {
        let checked = files.iter().filter(|file| file.role != Role::Old).count();
        let mut summary = Self { files: checked, ..Self::default() };
        let add = |count: &mut usize| *count = count.saturating_add(1);
        for file in files {
            match file.reading {
                Reading::Whole => {}
                Reading::WithoutDaemonSet => add(&mut summary.without_daemon_set),
                Reading::Unparsable => add(&mut summary.unparsable),
                Reading::Template(_) => add(&mut summary.templates),
            }
            if file.unreadable.is_some() {
                add(&mut summary.unreadable);
            }
            for document in &file.documents {
                summary.placeholders = summary.placeholders.saturating_add(document.placeholders);
                add(&mut summary.documents);
                if document.is_daemon_set() {
                    add(&mut summary.daemon_sets);
                }
                match document.verdict {
                    Verdict::Skipped => add(&mut summary.skipped),
                    Verdict::Part => add(&mut summary.parts),
                    _ => {}
                }
            }
            for located in file.shown_findings() {
                match located.finding.severity {
                    Severity::Error => add(&mut summary.errors),
                    Severity::Warning => add(&mut summary.warnings),
                    Severity::Info => add(&mut summary.infos),
                }
            }
            for (_, allowed) in file.all_allowed() {
                match allowed.by {
                    By::Comment | By::Annotation => add(&mut summary.allowed),
                    By::Baseline => add(&mut summary.in_baseline),
                }
            }
            summary.in_baseline = summary.in_baseline.saturating_add(file.more_in_baseline);
            for more in &file.more {
                let count = match more.severity {
                    Severity::Error => &mut summary.errors,
                    Severity::Warning => &mut summary.warnings,
                    Severity::Info => &mut summary.infos,
                };
                *count = count.saturating_add(more.count);
            }
            if file.all_findings().next().is_some() {
                add(&mut summary.files_with_findings);
            }
        }
        summary
    }

    /// The highest severity among the findings.
    pub const fn highest_severity(&self) -> Option<Severity> {
        if self.errors > 0 {
            Some(Severity::Error)
        } else if self.warnings > 0 {
            Some(Severity::Warning)
        } else if self.infos > 0 {
            Some(Severity::Info)
        } else {
            None
        }
    }
}
