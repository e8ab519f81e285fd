//! The decision about a review: findings sorted by level, and the answer that is made of them.

use daemonset_validation::facts::{Facts, Unknown};
use daemonset_validation::words::count::thousands;
use daemonset_validation::{Counts, Finding};

use super::answer::{Answer, Cause, Denial};
use super::wire::Request;
use crate::config::Level;
use crate::policy::Levels;
use crate::warnings;

/// A review and the decision about it.
#[derive(Debug)]
pub struct Judged<'b> {
    /// The request, without its objects.
    pub request: Request<'b, ()>,
    /// The decision.
    pub decision: Decision,
}

/// The decision about a review, for the answer and for the metrics.
#[derive(Debug, Default)]
pub struct Decision {
    /// The answer to the API server.
    pub answer: Answer,
    /// Each rule that has findings, whether they deny or warn, and how many there are.
    pub findings: Vec<(&'static str, Level, usize)>,
    /// Why it is not known where the pods would run, if a finding says so.
    pub unknown: Option<Unknown>,
    /// Whether the review was about a DaemonSet that is created or updated. All others are allowed without a check.
    pub judged: bool,
}

impl Decision {
    /// Allows a DaemonSet without findings.
    pub(super) fn passed() -> Self {
        Self { judged: true, ..Self::default() }
    }
}

/// The most reasons in the message of a denial. kubectl shows each on its own line.
const MAX_REASONS: usize = 20;

/// The longest reason in the message of a denial, in characters.
const MAX_REASON_CHARS: usize = 1024;

/// Findings by what they do to the request.
#[derive(Default)]
pub(super) struct SortedFindings {
    denied: Vec<Finding>,
    warned: Vec<Finding>,
    findings: Vec<(&'static str, Level, usize)>,
    unknown: Option<Unknown>,
}

impl SortedFindings {
    /// Adds findings by the level of their rule. A level above `highest` counts as `highest`.
    pub(super) fn add(&mut self, findings: Vec<Finding>, levels: &Levels, highest: Level) {
        for finding in findings {
            let level = match level(finding.rule, levels, highest) {
                Level::Off => continue,
                level => level,
            };
            if let Some(Facts::Unknown(why, _)) = finding.facts.as_deref() {
                self.unknown.get_or_insert(*why);
            }
            self.add_to_count(finding.rule, level, 1);
            match level {
                Level::Deny => self.denied.push(finding),
                _ => self.warned.push(finding),
            }
        }
    }

    /// Adds findings of which there is only the number, by the level of their rule.
    pub(super) fn count(&mut self, counts: &Counts, levels: &Levels, highest: Level) {
        for (rule, count) in counts.iter().filter(|(_, count)| **count > 0) {
            match level(rule, levels, highest) {
                Level::Off => {}
                level => self.add_to_count(rule, level, *count),
            }
        }
    }

    fn add_to_count(&mut self, rule: &'static str, level: Level, more: usize) {
        match self.findings.iter_mut().find(|(known, of, _)| (*known, *of) == (rule, level)) {
            Some((.., count)) => *count = count.saturating_add(more),
            None => self.findings.push((rule, level, more)),
        }
    }

    /// The answer to the request. `echo` is the warning that a self-test asks for.
    pub(super) fn decision(self, echo: Option<String>) -> Decision {
        let Self { denied, warned, findings, unknown } = self;
        let sent = echo.into_iter().chain(warned.iter().map(sentence));
        let number = |wanted: Level| {
            let counts = findings.iter().filter(|(_, level, _)| *level == wanted);
            counts.map(|(.., count)| *count).fold(0, usize::saturating_add)
        };
        let (denials, warnings) = (number(Level::Deny), number(Level::Warn));
        let uncounted = warnings.saturating_sub(warned.len());
        let audit: Vec<String> =
            findings.iter().map(|(rule, level, _)| format!("{rule}={}", level.as_str())).collect();
        Decision {
            answer: Answer {
                denial: (denials > 0).then(|| denial(&denied, denials)),
                warnings: warnings::within_budget(sent, uncounted),
                audit: (!audit.is_empty()).then(|| audit.join(",")),
            },
            findings,
            unknown,
            judged: true,
        }
    }
}

/// A finding as one line: the field, the message, and the id of the rule.
fn sentence(finding: &Finding) -> String {
    let text = finding.server_sentence();
    if finding.field.is_empty() || text.starts_with(&finding.field) {
        format!("{text} ({})", finding.rule)
    } else {
        format!("{}: {text} ({})", finding.field, finding.rule)
    }
}

/// The level that a finding of a rule has: a level above `highest` counts as `highest`.
fn level(rule: &str, levels: &Levels, highest: Level) -> Level {
    match levels.of(rule) {
        Level::Off => Level::Off,
        Level::Deny if highest == Level::Deny => Level::Deny,
        _ => Level::Warn,
    }
}

/// The denial for `number` findings, of which these are the first.
fn denial(findings: &[Finding], number: usize) -> Denial {
    let clean = |text: &str| warnings::cut(&warnings::sanitized(text), MAX_REASON_CHARS);
    let lines: Vec<String> =
        findings.iter().take(MAX_REASONS).map(|finding| clean(&sentence(finding))).collect();
    let mut message = match lines.as_slice() {
        [one] => one.clone(),
        many => format!("{} reasons\n- {}", thousands(number), many.join("\n- ")),
    };
    let more = number.saturating_sub(lines.len());
    if more > 0 {
        message.push_str(&format!("\n- and {} more; daemonset-lint shows them", thousands(more)));
    }
    let causes = findings
        .iter()
        .take(MAX_REASONS)
        .map(|finding| Cause {
            reason: finding.cause.unwrap_or(finding.rule).to_owned(),
            message: clean(finding.server_sentence()),
            field: clean(&finding.field),
        })
        .collect();
    Denial { message, causes }
}
