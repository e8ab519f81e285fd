//! How much work a look at the cluster may take.
//!
//! One DaemonSet must not hold up what others ask. The work of a look is counted where it is done, and the caller says when its time is
//! over: the engine itself reads no clock.

use std::cell::Cell;
use std::fmt;
use std::sync::Arc;

/// After so many units the caller is asked whether the time is over.
const UNITS_BETWEEN_QUESTIONS: u64 = 4096;

/// The work and the time that are left for one or several looks.
///
/// A unit is about what it takes to compare two short texts: some ten nanoseconds.
pub struct Budget {
    /// The units that are left.
    left: Cell<u64>,
    /// At this number of units left the caller is asked again.
    ask_at: Cell<u64>,
    is_time_over: Option<Arc<dyn Fn() -> bool + Send + Sync>>,
    over: Cell<Option<OverBudget>>,
}

/// What a budget had too little of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OverBudget {
    /// The work is more than was allowed.
    Work,
    /// The caller's time is over.
    Time,
}

impl OverBudget {
    /// A word for metrics and JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Work => "work",
            Self::Time => "time",
        }
    }
}

impl fmt::Display for OverBudget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::error::Error for OverBudget {}

impl fmt::Debug for Budget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Budget").field("left", &self.left).field("over", &self.over).finish_non_exhaustive()
    }
}

impl Budget {
    /// Any amount of work and time.
    pub const fn unbounded() -> Self {
        Self { left: Cell::new(u64::MAX), ask_at: Cell::new(0), is_time_over: None, over: Cell::new(None) }
    }

    /// So many units of work.
    pub fn of_work(units: u64) -> Self {
        Self { left: Cell::new(units), ..Self::unbounded() }
    }

    /// So many units of work, and the time until `is_time_over` is true. It is asked every some thousand units, which is less than a
    /// millisecond apart, and must be cheap.
    pub fn new(units: u64, is_time_over: impl Fn() -> bool + Send + Sync + 'static) -> Self {
        Self {
            ask_at: Cell::new(units.saturating_sub(UNITS_BETWEEN_QUESTIONS)),
            is_time_over: Some(Arc::new(is_time_over)),
            ..Self::of_work(units)
        }
    }

    /// A budget with so many units of its own and the same time. What it spends is not taken from this one.
    #[must_use]
    pub fn of_same_time(&self, units: u64) -> Self {
        let ask_at = match self.is_time_over {
            Some(_) => units.saturating_sub(UNITS_BETWEEN_QUESTIONS),
            None => 0,
        };
        Self { ask_at: Cell::new(ask_at), is_time_over: self.is_time_over.clone(), ..Self::of_work(units) }
    }

    /// Spends units of work. Once a budget is over it stays so.
    ///
    /// # Errors
    ///
    /// If the budget is over.
    pub fn spend(&self, units: u64) -> Result<(), OverBudget> {
        let left = match self.left.get().checked_sub(units) {
            Some(left) if left > self.ask_at.get() => {
                self.left.set(left);
                return Ok(());
            }
            left => left,
        };
        self.look_closer(left)
    }

    /// The same for the items of a list.
    ///
    /// # Errors
    ///
    /// If the budget is over.
    pub fn spend_for(&self, items: usize) -> Result<(), OverBudget> {
        self.spend(u64::try_from(items).unwrap_or(u64::MAX))
    }

    /// What is rarely needed: the budget may be over, or the caller is to be asked.
    #[cold]
    fn look_closer(&self, left: Option<u64>) -> Result<(), OverBudget> {
        if let Some(over) = self.over.get() {
            return Err(over);
        }
        let Some(left) = left else { return self.end(OverBudget::Work) };
        self.left.set(left);
        if self.is_time_over.as_ref().is_some_and(|is_over| is_over()) {
            return self.end(OverBudget::Time);
        }
        self.ask_at.set(match self.is_time_over {
            Some(_) => left.saturating_sub(UNITS_BETWEEN_QUESTIONS),
            None => 0,
        });
        Ok(())
    }

    fn end(&self, why: OverBudget) -> Result<(), OverBudget> {
        self.left.set(0);
        // Whatever is spent from now on leads to `look_closer`.
        self.ask_at.set(u64::MAX);
        self.over.set(Some(why));
        Err(why)
    }

    /// Whether it is over. What was computed with a budget that is over is incomplete.
    ///
    /// # Errors
    ///
    /// If the budget is over.
    pub fn check(&self) -> Result<(), OverBudget> {
        self.over.get().map_or(Ok(()), Err)
    }

    /// The units that are left.
    pub fn left(&self) -> u64 {
        self.left.get()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn work_ends_at_its_limit_and_stays_ended() {
        let budget = Budget::of_work(10);
        assert_eq!(budget.spend(4), Ok(()));
        assert_eq!(budget.spend(6), Ok(()));
        assert_eq!(budget.check(), Ok(()));
        assert_eq!(budget.spend(1), Err(OverBudget::Work));
        assert_eq!(budget.spend(0), Err(OverBudget::Work));
        assert_eq!(budget.check(), Err(OverBudget::Work));
        assert_eq!(Budget::of_work(0).spend(1), Err(OverBudget::Work));
    }

    #[test]
    fn an_unbounded_budget_has_no_end() {
        let budget = Budget::unbounded();
        for _ in 0..100 {
            assert_eq!(budget.spend(u64::MAX / 200), Ok(()));
        }
    }

    #[test]
    fn the_caller_is_asked_now_and_then() {
        let asked = Arc::new(AtomicUsize::new(0));
        let counter = asked.clone();
        let budget = Budget::new(1_000_000, move || counter.fetch_add(1, Ordering::Relaxed) >= 9);
        let spent = (0..1_000_000).take_while(|_| budget.spend(1).is_ok()).count();
        assert_eq!(budget.check(), Err(OverBudget::Time));
        assert_eq!(asked.load(Ordering::Relaxed), 10);
        assert!((9 * 4096..=10 * 4096).contains(&spent), "{spent}");
        assert_eq!(budget.spend(1), Err(OverBudget::Time));
    }

    #[test]
    fn a_large_piece_of_work_is_asked_about_at_once() {
        let budget = Budget::new(1_000_000, || true);
        assert_eq!(budget.spend(10), Ok(()));
        assert_eq!(budget.spend(500_000), Err(OverBudget::Time));
    }
}
