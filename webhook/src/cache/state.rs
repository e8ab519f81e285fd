//! What is known of the watch of one kind.

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use daemonset_validation::placement::Kind;

/// The watch of one kind.
#[derive(Debug)]
pub(super) struct State {
    pub(super) kind: Kind,
    start: Instant,
    /// When something was heard last, in milliseconds since the start and one more; 0 is never.
    heard: AtomicU64,
    /// Whether a list was complete once.
    read: AtomicBool,
    count: AtomicUsize,
    refusal: Mutex<Option<String>>,
}

impl State {
    pub(super) const fn new(kind: Kind, start: Instant) -> Self {
        Self {
            kind,
            start,
            heard: AtomicU64::new(0),
            read: AtomicBool::new(false),
            count: AtomicUsize::new(0),
            refusal: Mutex::new(None),
        }
    }

    pub(super) fn hear(&self) {
        let since = u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.heard.store(since.saturating_add(1), Ordering::Relaxed);
    }

    pub(super) fn age(&self) -> Option<Duration> {
        let heard = self.heard.load(Ordering::Relaxed).checked_sub(1)?;
        Some(self.start.elapsed().saturating_sub(Duration::from_millis(heard)))
    }

    pub(super) fn set_read(&self) {
        *self.refusal.lock().unwrap_or_else(PoisonError::into_inner) = None;
        self.read.store(true, Ordering::Release);
    }

    pub(super) fn is_read(&self) -> bool {
        self.read.load(Ordering::Acquire)
    }

    pub(super) fn refuse(&self, why: String) {
        self.read.store(false, Ordering::Release);
        *self.refusal.lock().unwrap_or_else(PoisonError::into_inner) = Some(why);
    }

    pub(super) fn refusal(&self) -> Option<String> {
        self.refusal.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether it is known what can be known: all is read, or nothing may be.
    pub(super) fn is_settled(&self) -> bool {
        self.is_read() || self.refusal().is_some()
    }

    pub(super) fn set_count(&self, count: usize) {
        self.count.store(count, Ordering::Relaxed);
    }

    pub(super) fn count(&self) -> usize {
        self.count.load(Ordering::Relaxed)
    }
}
