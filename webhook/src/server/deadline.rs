//! The deadline of a review: the API server sends its timeout in the query of the request.

use std::time::{Duration, Instant};

/// The timeout in seconds if the request has none: the API server's default.
///
/// Upstream: `apis/admissionregistration/v1.SetDefaults_ValidatingWebhook`.
const DEFAULT: u64 = 10;

/// The time until which the API server waits for the answer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Deadline {
    started: Instant,
    budget: Duration,
}

impl Deadline {
    /// Reads the query of the request: `timeout=3s`. The API server rounds up to whole seconds, so the last second is not used. Anybody who
    /// can connect can name a timeout, so it is believed up to `longest` only.
    pub(super) fn of(query: Option<&str>, longest: Duration) -> Self {
        let seconds = query.and_then(|query| {
            let value = query.split('&').find_map(|pair| pair.strip_prefix("timeout="))?;
            value.strip_suffix('s')?.parse::<u64>().ok()
        });
        let budget = match seconds.unwrap_or(DEFAULT).checked_sub(1) {
            None | Some(0) => Duration::from_millis(500),
            Some(seconds) => Duration::from_secs(seconds),
        };
        Self { started: Instant::now(), budget: budget.min(longest) }
    }

    /// The time that is left.
    pub(super) fn left(&self) -> Duration {
        self.budget.saturating_sub(self.started.elapsed())
    }

    /// Half of the time that is left. Waiting uses at most this, so that there is time for the work itself or for a retry.
    pub(super) fn half(&self) -> Duration {
        self.left().checked_div(2).unwrap_or_default()
    }

    /// Three quarters of the time that is left. A look at the cluster uses at most this, so that there is time to judge without it.
    pub(super) fn most(&self) -> Duration {
        let left = self.left();
        left.saturating_sub(left.checked_div(4).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_timeout_is_read_from_the_query() {
        for (query, milliseconds) in [
            (None, 3_000),
            (Some("timeout=3s"), 2_000),
            (Some("a=b&timeout=30s"), 3_000),
            (Some("timeout=1s"), 500),
            (Some("timeout=0s"), 500),
            (Some("timeout=99999999999999999999s"), 3_000),
            (Some("timeout=4000s"), 3_000),
            (Some("timeout=soon"), 3_000),
        ] {
            assert_eq!(
                Deadline::of(query, Duration::from_secs(3)).budget,
                Duration::from_millis(milliseconds),
                "{query:?}"
            );
        }
    }
}
