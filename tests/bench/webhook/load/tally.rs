//! The results of the load, as one line of JSON.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

use crate::admission::Outcome;
use crate::histogram::Histogram;
use daemonset_tests::reviews::answer::Verdict;

/// How many failures are told one by one.
const TOLD: usize = 10;

/// Counts of one load.
#[derive(Default)]
pub struct Tally {
    allowed: u64,
    denied: u64,
    warnings: u64,
    failed: BTreeMap<String, u64>,
    told: Vec<Value>,
    retries: BTreeMap<u16, u64>,
    retried_reviews: u64,
    from_intended: Histogram,
    last_answer: Histogram,
    late: Histogram,
}

/// When things happened to one review.
pub struct Times {
    /// Since the start of the load.
    pub begun: Duration,
    /// From the intended moment to the actual beginning.
    pub late: Duration,
    /// From the intended moment to the decision.
    pub whole: Duration,
}

impl Tally {
    /// Counts one admission; `expect` is what it had to say.
    pub fn record(&mut self, outcome: Outcome, times: &Times, expect: &str) {
        match &outcome.verdict {
            Verdict::Allowed(warnings) if expect != "denied" => {
                self.allowed += 1;
                self.warnings += *warnings as u64;
            }
            Verdict::Denied(warnings) if expect != "allowed" => {
                self.denied += 1;
                self.warnings += *warnings as u64;
            }
            Verdict::Allowed(_) => self.fail("allowed against expectation", times),
            Verdict::Denied(_) => self.fail("denied against expectation", times),
            Verdict::Failed(kind) => self.fail(kind, times),
        }
        if !outcome.retried.is_empty() {
            self.retried_reviews += 1;
        }
        for status in outcome.retried {
            *self.retries.entry(status).or_default() += 1;
        }
        self.from_intended.record(nanoseconds(times.whole));
        self.last_answer.record(nanoseconds(outcome.last));
        self.late.record(nanoseconds(times.late));
    }

    fn fail(&mut self, kind: &str, times: &Times) {
        *self.failed.entry(kind.to_owned()).or_default() += 1;
        if self.told.len() < TOLD {
            self.told.push(json!({
                "kind": kind,
                "begunAtSecond": times.begun.as_secs_f64(),
                "afterMilliseconds": times.whole.as_secs_f64() * 1000.0,
            }));
        }
    }

    /// Admissions that failed.
    pub fn failures(&self) -> u64 {
        self.failed.values().sum()
    }

    /// All of it.
    pub fn report(&self, counted: Duration) -> Value {
        let decided = self.allowed + self.denied;
        json!({
            "seconds": counted.as_secs_f64(),
            "reviews": decided + self.failures(),
            "reviewsPerSecond": (decided as f64 / counted.as_secs_f64().max(1e-9)).round(),
            "allowed": self.allowed,
            "denied": self.denied,
            "failures": self.failures(),
            "failed": self.failed,
            "firstFailures": self.told,
            "retriedReviews": self.retried_reviews,
            "retries": self.retries.iter().map(|(status, count)| (status.to_string(), json!(count))).collect::<serde_json::Map<_, _>>(),
            "warnings": self.warnings,
            "latencyMicroseconds": self.from_intended.summary(),
            "answerMicroseconds": self.last_answer.summary(),
            "lateMicroseconds": self.late.summary(),
        })
    }
}

fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
