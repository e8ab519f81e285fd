//! How long the caller waits, as it says itself.

use std::time::{Duration, Instant};

/// Who does not say how long it waits is given the server's own default.
///
/// Upstream: `apis/admissionregistration/v1.SetDefaults_ValidatingWebhook`.
const DEFAULT: u64 = 10;

/// The longest that a configuration may say.
const LONGEST: u64 = 30;

/// The moment until which an answer helps somebody.
#[derive(Clone, Copy, Debug)]
pub(super) struct Deadline {
    started: Instant,
    budget: Duration,
}

impl Deadline {
    /// From the request's query: `timeout=3s`. The server rounds up to whole seconds before it asks, so the last one may be missing.
    pub(super) fn of(query: Option<&str>) -> Self {
        let seconds = query.and_then(|query| {
            let value = query.split('&').find_map(|pair| pair.strip_prefix("timeout="))?;
            value.strip_suffix('s')?.parse::<u64>().ok()
        });
        let seconds = seconds.unwrap_or(DEFAULT).min(LONGEST);
        let budget = match seconds.checked_sub(1) {
            None | Some(0) => Duration::from_millis(500),
            Some(seconds) => Duration::from_secs(seconds),
        };
        Self { started: Instant::now(), budget }
    }

    /// What is left of it.
    pub(super) fn left(&self) -> Duration {
        self.budget.saturating_sub(self.started.elapsed())
    }

    /// Half of what is left: for waiting, so that the rest is there for work and for another try.
    pub(super) fn half(&self) -> Duration {
        self.left().checked_div(2).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_caller_says_how_long() {
        for (query, milliseconds) in [
            (None, 9_000),
            (Some("timeout=3s"), 2_000),
            (Some("a=b&timeout=30s"), 29_000),
            (Some("timeout=1s"), 500),
            (Some("timeout=0s"), 500),
            (Some("timeout=99999999999999999999s"), 9_000),
            (Some("timeout=4000s"), 29_000),
            (Some("timeout=soon"), 9_000),
        ] {
            assert_eq!(Deadline::of(query).budget, Duration::from_millis(milliseconds), "{query:?}");
        }
    }
}
