//! What must hold of a text that was mended.

use daemonset_lint::engine::Engine;
use daemonset_lint::engine::outcome::FileReport;
use daemonset_lint::fix::{MendedText, mend_text};
use daemonset_validation::Severity;

/// A text and what was made of it.
pub struct Case {
    before: String,
    with_unsafe: bool,
    pub mended: MendedText,
}

/// The number of findings of each severity.
fn counts(text: &str) -> (usize, usize, usize) {
    let engine = Engine { all_findings: true, ..Engine::default() };
    let report: FileReport = engine.check("m.yaml".to_owned(), text.as_bytes().to_vec());
    let of = |severity| report.all_findings().filter(|located| located.finding.severity == severity).count();
    (of(Severity::Error), of(Severity::Warning), of(Severity::Info))
}

/// The comments of a text, sorted, since a line that moves takes its comment along: what is behind a `#` at the beginning of a line or
/// behind a space.
fn comments(text: &str) -> Vec<&str> {
    let mut comments: Vec<&str> = text
        .lines()
        .filter_map(|line| {
            let at =
                line.match_indices('#').find(|(at, _)| *at == 0 || line[..*at].ends_with([' ', '\t']))?.0;
            Some(&line[at..])
        })
        .collect();
    comments.sort_unstable();
    comments
}

impl Case {
    pub fn new(before: &str, with_unsafe: bool) -> Self {
        let mended = mend_text("m.yaml", before, with_unsafe, &Engine::default());
        Self { before: before.to_owned(), with_unsafe, mended }
    }

    pub fn is_changed(&self) -> bool {
        self.before != self.mended.text
    }

    /// What does not hold.
    pub fn faults(&self) -> Vec<String> {
        let after = &self.mended.text;
        let mut faults = Vec::new();
        if self.is_changed() == self.mended.rules.is_empty() {
            faults.push("what is said is not what was done".to_owned());
        }
        if !self.is_changed() {
            return faults;
        }
        let again = mend_text("m.yaml", after, self.with_unsafe, &Engine::default());
        if again.text != *after {
            faults.push(format!("a second run changes more:\n{after}\n{}", again.text));
        }
        let (old, new) = (counts(&self.before), counts(after));
        if new.0 > old.0 || new >= old {
            faults.push(format!("{old:?} findings become {new:?}"));
        }
        if !self.with_unsafe && comments(&self.before) != comments(after) {
            faults.push(format!("comments change: {:?} {:?}", comments(&self.before), comments(after)));
        }
        let fixes: usize = self.mended.rules.values().sum();
        let changed = changed_lines(&self.before, after);
        // A fix changes its line; one that is reviewed may move a block.
        if !self.with_unsafe && changed > fixes * LINES {
            faults.push(format!("{fixes} fixes change {changed} lines"));
        }
        let windows = |text: &str| text.matches("\r\n").count();
        let all = |text: &str| text.matches('\n').count();
        if windows(&self.before) == all(&self.before) && windows(after) != all(after) {
            faults.push("line breaks are mixed".to_owned());
        }
        faults
    }
}

/// The lines that a safe fix changes, deletes or adds: a selector has some.
const LINES: usize = 12;

/// The lines of either text that the other lacks. A block that becomes an item, or no longer is one, is indented and else stays.
fn changed_lines(before: &str, after: &str) -> usize {
    let mut lines: std::collections::HashMap<&str, isize> = std::collections::HashMap::new();
    before.split_inclusive('\n').for_each(|line| *lines.entry(line.trim_start()).or_default() += 1);
    after.split_inclusive('\n').for_each(|line| *lines.entry(line.trim_start()).or_default() -= 1);
    lines.values().map(|count| count.unsigned_abs()).sum()
}
