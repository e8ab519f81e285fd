//! From a review to its answer: pure, so that the server, a test and a benchmark ask the same function.

mod answer;
mod api;
mod object;
mod tree;
mod wire;

use k8s_openapi::api::apps::v1::DaemonSet;
use serde_json::value::RawValue;

use daemonset_validation::{Finding, Server};

pub use answer::{Answer, Cause, Denial};
pub use wire::{API_VERSION, KIND, Malformed, Request, read};

use crate::config::Level;
use crate::policy::Levels;
use crate::{ratchet, warnings};

/// The annotation by which a self-test asks for an echo, so that it knows that its dry run came through here.
pub const SELF_TEST: &str = "daemonset-webhook/self-test";

/// A look at the cluster.
pub trait Placement {
    /// Whether anything would be said at all.
    fn is_there(&self) -> bool {
        true
    }

    /// What there is to say about where a DaemonSet's pods would run.
    fn judge(&self, daemon_set: &DaemonSet) -> Vec<Finding>;

    /// On how many nodes it would not run, where that is known.
    fn left_out(&self, daemon_set: &DaemonSet) -> Option<usize>;
}

/// No look at the cluster: nothing is said about it.
#[derive(Clone, Copy, Debug)]
pub struct NoPlacement;

impl Placement for NoPlacement {
    fn is_there(&self) -> bool {
        false
    }

    fn judge(&self, _: &DaemonSet) -> Vec<Finding> {
        Vec::new()
    }

    fn left_out(&self, _: &DaemonSet) -> Option<usize> {
        None
    }
}

/// What the judgement goes by.
pub struct Context<'c> {
    /// Which findings refuse, which are told.
    pub levels: &'c Levels,
    /// The cluster's server, where it is one that we know; without it nothing is said about validation.
    pub server: Option<Server>,
    /// What is asked of a DaemonSet that was not refused for itself.
    pub placement: &'c dyn Placement,
}

/// What was decided, for the answer and for the metrics.
#[derive(Debug, Default)]
pub struct Decision {
    /// What goes back.
    pub answer: Answer,
    /// Each finding that counted: its rule, and whether it refuses or warns.
    pub findings: Vec<(&'static str, Level)>,
    /// Whether the review was about something that this webhook judges.
    pub judged: bool,
}

/// Why an object could not be judged. No API server sends one.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// Not JSON in the first place, or deeper than JSON may be.
    #[error("`request.{field}` cannot be read: {error}")]
    Json {
        /// `object` or `oldObject`.
        field: &'static str,
        /// What the parser says.
        error: serde_json::Error,
    },
    /// A list, a scalar, or an object of another type.
    #[error("`request.{field}` is not a DaemonSet of apps/v1, though `request.kind` says so")]
    Kind {
        /// `object` or `oldObject`.
        field: &'static str,
    },
}

/// Answers a review.
///
/// # Errors
///
/// Where the object is none: an answer of 400, since nobody but a broken client asks so.
pub fn judge(request: &Request<'_>, context: &Context<'_>) -> Result<Decision, Unreadable> {
    let Some(object) = request.object.filter(|_| request.is_ours()) else { return Ok(Decision::default()) };
    let new = api::Object::new("object", object.get())?;
    // Whoever takes finalizers off an object that is being deleted must never be held up.
    if new.is_being_deleted() {
        return Ok(Decision { judged: true, ..Decision::default() });
    }
    // It is read where it is needed, by whoever needs it.
    let old = request.old_object.filter(|_| request.operation == "UPDATE").map(RawValue::get);
    let echo = request.dry_run.unwrap_or(false).then(|| new.annotation(SELF_TEST).map(echo)).flatten();

    let api::Judged { daemon_set, introduced, kept } = api::judge(new, old, context)?;
    let mut sorted = Sorted::default();
    sorted.add(introduced, context.levels, Level::Deny);
    sorted.add(kept, context.levels, Level::Warn);
    let looks = context.levels.ask_placement() && context.placement.is_there();
    // A change of labels or annotations moves no pod.
    let unchanged = || old.is_some_and(|old| object::same_spec(object.get(), old));
    if let Some(daemon_set) = daemon_set.filter(|_| looks && !unchanged()) {
        let findings = context.placement.judge(&daemon_set);
        let refuses = |finding: &Finding| context.levels.of(finding.rule) == Level::Deny;
        let (introduced, kept) = match old.and_then(|old| object::read(old).ok()) {
            Some(old) if findings.iter().any(refuses) => {
                let fewer = context.placement.left_out(&daemon_set) > context.placement.left_out(&old);
                ratchet::introduced_placement(findings, &context.placement.judge(&old), fewer)
            }
            _ => (findings, Vec::new()),
        };
        sorted.add(introduced, context.levels, Level::Deny);
        sorted.add(kept, context.levels, Level::Warn);
    }
    Ok(sorted.decision(echo))
}

/// What a self-test is answered.
fn echo(nonce: &str) -> String {
    format!("self-test {nonce}: reviewed by daemonset-webhook {}", env!("CARGO_PKG_VERSION"))
}

/// As many reasons are given for a refusal; each is a line on somebody's terminal.
const MOST_REASONS: usize = 20;

/// A reason of a refusal, in characters.
const REASON: usize = 1024;

#[derive(Default)]
struct Sorted {
    denied: Vec<Finding>,
    warned: Vec<Finding>,
    findings: Vec<(&'static str, Level)>,
}

impl Sorted {
    /// Sorts findings by their level, at most `highest`.
    fn add(&mut self, findings: Vec<Finding>, levels: &Levels, highest: Level) {
        for finding in findings {
            let level = match levels.of(finding.rule) {
                Level::Off => continue,
                Level::Deny if highest == Level::Deny => Level::Deny,
                _ => Level::Warn,
            };
            self.findings.push((finding.rule, level));
            match level {
                Level::Deny => self.denied.push(finding),
                _ => self.warned.push(finding),
            }
        }
    }

    fn decision(self, echo: Option<String>) -> Decision {
        let Self { denied, warned, findings } = self;
        let told = echo.into_iter().chain(warned.iter().map(sentence));
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
                warnings: warnings::within_budget(told),
                audit: (!audit.is_empty()).then(|| audit.join(",")),
            },
            findings,
            judged: true,
        }
    }
}

/// A finding as one line: where, what, and the rule, by which it can be looked up and configured.
fn sentence(finding: &Finding) -> String {
    let text = finding.sentence();
    if finding.field.is_empty() || text.starts_with(&finding.field) {
        format!("{text} ({})", finding.rule)
    } else {
        format!("{}: {text} ({})", finding.field, finding.rule)
    }
}

fn denial(findings: &[Finding]) -> Denial {
    let clean = |text: &str| warnings::cut(&warnings::sanitized(text), REASON);
    let lines: Vec<String> =
        findings.iter().take(MOST_REASONS).map(|finding| clean(&sentence(finding))).collect();
    let mut message = match lines.as_slice() {
        [one] => one.clone(),
        many => format!("{} reasons\n- {}", findings.len(), many.join("\n- ")),
    };
    if findings.len() > MOST_REASONS {
        message.push_str("\n- and more; daemonset-lint shows them all");
    }
    let causes = findings
        .iter()
        .take(MOST_REASONS)
        .map(|finding| Cause {
            reason: finding.cause.unwrap_or(finding.rule).to_owned(),
            message: clean(finding.sentence()),
            field: clean(&finding.field),
        })
        .collect();
    Denial { message, causes }
}

#[cfg(test)]
mod tests;
