//! The decision about a review: findings sorted by level, and the answer that is made of them.

use daemonset_validation::Finding;
use daemonset_validation::facts::{Facts, Unknown};

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
    /// The rule of each finding, and whether it denies or warns.
    pub findings: Vec<(&'static str, Level)>,
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
    findings: Vec<(&'static str, Level)>,
    unknown: Option<Unknown>,
}

impl SortedFindings {
    /// Adds findings by the level of their rule. A level above `highest` counts as `highest`.
    pub(super) fn add(&mut self, findings: Vec<Finding>, levels: &Levels, highest: Level) {
        for finding in findings {
            let level = match levels.of(finding.rule) {
                Level::Off => continue,
                Level::Deny if highest == Level::Deny => Level::Deny,
                _ => Level::Warn,
            };
            if let Some(Facts::Unknown(why, _)) = finding.facts.as_deref() {
                self.unknown.get_or_insert(*why);
            }
            self.findings.push((finding.rule, level));
            match level {
                Level::Deny => self.denied.push(finding),
                _ => self.warned.push(finding),
            }
        }
    }

    /// The answer to the request. `echo` is the warning that a self-test asks for.
    pub(super) fn decision(self, echo: Option<String>) -> Decision {
        let Self { denied, warned, findings, unknown } = self;
        let sent = echo.into_iter().chain(warned.iter().map(sentence));
        let mut audit: Vec<String> = Vec::new();
        for (rule, level) in &findings {
            let word = format!("{rule}={}", level.as_str());
            if !audit.contains(&word) {
                audit.push(word);
            }
        }
        Decision {
            answer: Answer {
                denial: (!denied.is_empty()).then(|| denial(&denied)),
                warnings: warnings::within_budget(sent),
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

fn denial(findings: &[Finding]) -> Denial {
    let clean = |text: &str| warnings::cut(&warnings::sanitized(text), MAX_REASON_CHARS);
    let lines: Vec<String> =
        findings.iter().take(MAX_REASONS).map(|finding| clean(&sentence(finding))).collect();
    let mut message = match lines.as_slice() {
        [one] => one.clone(),
        many => format!("{} reasons\n- {}", findings.len(), many.join("\n- ")),
    };
    if findings.len() > MAX_REASONS {
        message.push_str("\n- and more; daemonset-lint shows them all");
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
