//! A point in time that threads share without a lock, exact to a millisecond.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// A point in time that can be set again.
#[derive(Debug)]
pub(super) struct Moment(AtomicU64);

impl Moment {
    /// Now.
    pub(super) fn now() -> Self {
        Self(AtomicU64::new(millis()))
    }

    /// Sets it to now.
    pub(super) fn set(&self) {
        self.0.store(millis(), Ordering::Relaxed);
    }

    /// The time since then.
    pub(super) fn elapsed(&self) -> Duration {
        Duration::from_millis(millis().saturating_sub(self.0.load(Ordering::Relaxed)))
    }
}

/// Milliseconds since the first moment of the process.
fn millis() -> u64 {
    static START: OnceLock<Instant> = OnceLock::new();
    u64::try_from(START.get_or_init(Instant::now).elapsed().as_millis()).unwrap_or(u64::MAX)
}
