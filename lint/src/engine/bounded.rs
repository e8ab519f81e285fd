//! Bounds the findings of a file: of one rule, a file may have very many.
//!
//! A file keeps [`KEPT`] findings of a rule, and text prints [`PRINTED`] of them. The others are counted.

use std::collections::BTreeMap;

use daemonset_validation::{Finding, Rest, Severity};

/// How many findings of a rule and severity a file keeps.
pub const KEPT: usize = 1000;

/// How many findings of a rule and severity are printed with a frame.
pub const PRINTED: usize = 100;

/// Findings that are counted only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct More {
    /// The rule.
    pub rule: &'static str,
    /// The severity.
    pub severity: Severity,
    /// How many.
    pub count: usize,
}

/// Counts findings by rule and severity, and lets the first ones pass.
#[derive(Clone, Debug)]
pub struct Bound {
    limit: usize,
    counts: BTreeMap<(&'static str, Severity), usize>,
}

impl Bound {
    /// A bound that lets `limit` findings of each rule pass.
    pub const fn new(limit: usize) -> Self {
        Self { limit, counts: BTreeMap::new() }
    }

    /// Counts a finding, and returns whether it passes.
    pub fn passes(&mut self, finding: &Finding) -> bool {
        self.passes_as(finding.rule, finding.severity)
    }

    /// The same for a finding that is not made yet.
    pub fn passes_as(&mut self, rule: &'static str, severity: Severity) -> bool {
        let count = self.counts.entry((rule, severity)).or_default();
        *count = count.saturating_add(1);
        *count <= self.limit
    }

    /// Counts findings of one object that its check only counted, because it has so many of the rule.
    pub fn count(&mut self, rest: &Rest) {
        for (rule, more) in &rest.counts {
            let severity = if *rule == "api/warning" { Severity::Warning } else { Severity::Error };
            let count = self.counts.entry((rule, severity)).or_default();
            *count = count.saturating_add(*more);
        }
    }

    /// Counts findings that were counted only before.
    pub fn add(&mut self, more: &More) {
        let count = self.counts.entry((more.rule, more.severity)).or_default();
        *count = (*count).max(self.limit).saturating_add(more.count);
    }

    /// The findings that did not pass.
    pub fn rest(&self) -> Vec<More> {
        let over = self.counts.iter().filter(|(_, count)| **count > self.limit);
        over.map(|((rule, severity), count)| More {
            rule,
            severity: *severity,
            count: count.saturating_sub(self.limit),
        })
        .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Engine;
    use crate::engine::outcome::FileReport;

    fn report(text: String) -> FileReport {
        Engine::default().check("a.yaml".to_owned(), text.into())
    }

    fn counts(report: &FileReport) -> (usize, usize, usize) {
        let (printed, rest) = report.printed();
        let rest = rest.iter().map(|more| more.count).sum();
        (report.all_findings().count(), printed.len(), rest)
    }

    /// The number of findings that are kept, located and printed does not grow with the text.
    #[test]
    fn findings_of_a_rule_are_bounded_and_counted() {
        for number in [2_000_usize, 4_000] {
            let broken = report("a: [\n---\n".repeat(number));
            assert_eq!(counts(&broken), (KEPT, PRINTED, number - PRINTED));
            let keys: String = (0..number).map(|key| format!("  k{key}: 1\n")).collect();
            let unknown = report(format!(
                "apiVersion: apps/v1\nkind: DaemonSet\nmetadata: {{ name: a }}\nspec:\n{keys}"
            ));
            let others = unknown.all_findings().filter(|one| one.finding.rule != "api/unknown-field").count();
            assert_eq!(counts(&unknown), (KEPT + others, PRINTED + others, number - PRINTED));
            let none = report("a: 1\n---\n".repeat(number));
            assert_eq!(counts(&none), (KEPT, PRINTED, number - PRINTED));
        }
        assert_eq!(counts(&report("a: [\n---\n".repeat(50))), (50, 50, 0));
    }

    #[test]
    fn a_bound_counts_by_rule_and_severity() {
        let path = daemonset_validation::FieldPath::document;
        let mut bound = Bound::new(1);
        let one = Finding::new("a", Severity::Error, path(), "x");
        let two = Finding::new("a", Severity::Info, path(), "x");
        assert!(bound.passes(&one) && bound.passes(&two) && !bound.passes(&one));
        assert_eq!(bound.rest(), [More { rule: "a", severity: Severity::Error, count: 1 }]);
    }
}
