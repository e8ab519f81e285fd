//! The state of the watch of one kind.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use daemonset_validation::placement::Kind;
use tokio::sync::Notify;

/// The state of the watch of one kind. What was read of the kind is in the published snapshot.
#[derive(Debug)]
pub(super) struct KindState {
    pub(super) kind: Kind,
    start: Instant,
    /// When the API server last answered, in milliseconds since `start` plus one; 0 is never.
    last_response: AtomicU64,
    /// Asks the task of the kind to list its objects again.
    pub(super) list_again: Notify,
}

impl KindState {
    pub(super) fn new(kind: Kind, start: Instant) -> Self {
        Self { kind, start, last_response: AtomicU64::new(0), list_again: Notify::new() }
    }

    /// The API server has answered now.
    pub(super) fn record_response(&self) {
        let since = u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.last_response.store(since.saturating_add(1), Ordering::Relaxed);
    }

    /// How long ago the API server last answered; `None` if it never has.
    pub(super) fn age(&self) -> Option<Duration> {
        let last = self.last_response.load(Ordering::Relaxed).checked_sub(1)?;
        Some(self.start.elapsed().saturating_sub(Duration::from_millis(last)))
    }
}
