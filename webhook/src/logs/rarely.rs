//! Log lines that clients can cause, at a bounded rate: what is left out is counted and told with the next line.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Allows one line in each period. Belongs into a `static` beside the line:
///
/// ```text
/// static REFUSED: Rarely = Rarely::every(Duration::from_secs(10));
/// if let Some(left_out) = REFUSED.allows() {
///     tracing::warn!(left_out, "…");
/// }
/// ```
#[derive(Debug)]
pub(crate) struct Rarely {
    period: Duration,
    /// When the next line is allowed, in milliseconds since the first question of the process.
    next: AtomicU64,
    left_out: AtomicU64,
}

impl Rarely {
    /// One line in each period.
    pub(crate) const fn every(period: Duration) -> Self {
        Self { period, next: AtomicU64::new(0), left_out: AtomicU64::new(0) }
    }

    /// Whether a line may be written now. Holds how many were left out since the last one.
    pub(crate) fn allows(&self) -> Option<u64> {
        static START: OnceLock<Instant> = OnceLock::new();
        self.allows_at(START.get_or_init(Instant::now).elapsed())
    }

    fn allows_at(&self, now: Duration) -> Option<u64> {
        let millis = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        let (now, later) = (millis(now), millis(now.saturating_add(self.period)));
        let allowed = self
            .next
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |next| (now >= next).then_some(later))
            .is_ok();
        if allowed {
            return Some(self.left_out.swap(0, Ordering::Relaxed));
        }
        self.left_out.fetch_add(1, Ordering::Relaxed);
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_within_a_period_are_counted() {
        let rarely = Rarely::every(Duration::from_secs(10));
        let at = |seconds| rarely.allows_at(Duration::from_secs(seconds));
        assert_eq!(at(0), Some(0));
        assert_eq!((at(0), at(3), at(9)), (None, None, None));
        assert_eq!(at(10), Some(3));
        assert_eq!(at(19), None);
        assert_eq!(at(1_000), Some(1));
    }

    #[test]
    fn threads_share_one_line() {
        let rarely = Rarely::every(Duration::from_secs(3600));
        let written: usize = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8)
                .map(|_| scope.spawn(|| (0..1_000).filter(|_| rarely.allows().is_some()).count()))
                .collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).sum()
        });
        assert_eq!(written, 1);
    }
}
