//! The state of the cache for one kind.

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use daemonset_validation::placement::Kind;

/// The state of the cache for one kind. The task of the kind writes it, reviews and metrics read it.
#[derive(Debug)]
pub(super) struct KindState {
    pub(super) kind: Kind,
    start: Instant,
    /// When the API server last answered, in milliseconds since `start` plus one; 0 is never.
    last_response: AtomicU64,
    /// Whether a list was completed since the last refusal.
    listed: AtomicBool,
    count: AtomicUsize,
    /// Why the API server refuses requests, if it does.
    refusal: Mutex<Option<String>>,
}

impl KindState {
    pub(super) const fn new(kind: Kind, start: Instant) -> Self {
        Self {
            kind,
            start,
            last_response: AtomicU64::new(0),
            listed: AtomicBool::new(false),
            count: AtomicUsize::new(0),
            refusal: Mutex::new(None),
        }
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

    /// A list is complete.
    pub(super) fn set_listed(&self) {
        *self.refusal.lock().unwrap_or_else(PoisonError::into_inner) = None;
        self.listed.store(true, Ordering::Release);
    }

    pub(super) fn is_listed(&self) -> bool {
        self.listed.load(Ordering::Acquire)
    }

    /// The API server refuses to list or watch the kind.
    pub(super) fn refuse(&self, why: String) {
        self.listed.store(false, Ordering::Release);
        *self.refusal.lock().unwrap_or_else(PoisonError::into_inner) = Some(why);
    }

    pub(super) fn refusal(&self) -> Option<String> {
        self.refusal.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether the first list is complete or refused.
    pub(super) fn is_settled(&self) -> bool {
        self.is_listed() || self.refusal().is_some()
    }

    pub(super) fn set_count(&self, count: usize) {
        self.count.store(count, Ordering::Relaxed);
    }

    pub(super) fn count(&self) -> usize {
        self.count.load(Ordering::Relaxed)
    }
}
