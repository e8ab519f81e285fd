//! From a review to its answer: pure, so that the server, a test and a benchmark ask the same function.

mod answer;
mod known;
mod long;
mod object;
mod short;
mod tree;
mod wire;

use daemonset_validation::{Finding, Server};
use k8s_openapi::api::apps::v1::DaemonSet;

pub use answer::{Answer, Cause, Denial};
pub use known::Known;
pub use wire::{API_VERSION, KIND, Malformed, Request};

use crate::config::Level;
use crate::policy::Levels;
use crate::{ratchet, warnings};

/// The annotation by which a self-test asks for an echo, so that it knows that its dry run came through here.
pub const SELF_TEST: &str = "daemonset-webhook/self-test";

/// A look at the cluster.
pub trait Placement: Send + Sync {
    /// What there is to say about where a DaemonSet's pods would run; of each group of nodes so many are named.
    fn judge(&self, daemon_set: &DaemonSet, server: &Server, named_nodes: usize) -> Vec<Finding>;

    /// On how many nodes it would not run, where that is known.
    fn left_out(&self, daemon_set: &DaemonSet, server: &Server) -> Option<usize>;
}

/// What the judgement goes by.
pub struct Context<'c> {
    /// Which findings refuse, which are told.
    pub levels: &'c Levels,
    /// The cluster's server, where it is one that we know; without it nothing is said about validation.
    pub server: Option<Server>,
    /// What was judged before, for this server.
    pub known: &'c Known,
    /// What is asked of a DaemonSet that was not refused for itself, where there is a cluster to look at.
    pub placement: Option<&'c dyn Placement>,
    /// How many nodes a line names.
    pub named_nodes: usize,
}

impl Context<'_> {
    /// Whose validation is asked.
    fn validating(&self) -> Option<Server> {
        self.server.filter(|_| self.levels.ask_validation())
    }

    /// Whether the cluster is looked at: a change of labels or annotations moves no pod.
    fn looks(&self, changed: impl FnOnce() -> bool) -> bool {
        self.placement.is_some() && self.levels.ask_placement() && changed()
    }
}

/// A review that was judged.
#[derive(Debug)]
pub struct Judged<'b> {
    /// What was asked.
    pub request: Request<'b, ()>,
    /// What was decided.
    pub decision: Decision,
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

impl Decision {
    /// About something of ours, with nothing to say.
    fn passed() -> Self {
        Self { judged: true, ..Self::default() }
    }
}

/// Judges the review in a body.
///
/// # Errors
///
/// Where it is no review, or its object none: an answer of 400, since nobody but a broken client asks so.
pub fn judge<'b>(body: &'b [u8], context: &Context<'_>) -> Result<Judged<'b>, Malformed> {
    let body = std::str::from_utf8(body).map_err(|error| Malformed::Text(error.valid_up_to()))?;
    let short = || short::judge(body, context);
    match (!context.levels.ask_long_road()).then(short).flatten() {
        Some(judged) => Ok(judged),
        None => long::judge(body, context),
    }
}

/// Adds what there is to say with a look at the cluster.
fn place(
    stored: &DaemonSet,
    context: &Context<'_>,
    sorted: &mut Sorted,
    old: impl FnOnce() -> Option<DaemonSet>,
) {
    let Some(placement) = context.placement else { return };
    let server = context.server.unwrap_or_default();
    let judge = |daemon_set: &DaemonSet| placement.judge(daemon_set, &server, context.named_nodes);
    let findings = judge(stored);
    let refuses = findings.iter().any(|finding| context.levels.of(finding.rule) == Level::Deny);
    // Only what refuses has to be told apart from what was there before.
    let (introduced, kept) = match refuses.then(old).flatten() {
        Some(old) => {
            let fewer = placement.left_out(stored, &server) > placement.left_out(&old, &server);
            ratchet::introduced_placement(findings, &judge(&old), fewer)
        }
        None => (findings, Vec::new()),
    };
    sorted.add(introduced, context.levels, Level::Deny);
    sorted.add(kept, context.levels, Level::Warn);
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
