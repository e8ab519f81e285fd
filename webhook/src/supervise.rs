//! Keeps the background parts of the process running: a part that panics or ends is logged, counted and started again after a pause. Parts
//! that keep failing make the replica unready (see `health`).

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use tokio::task::JoinHandle;

use crate::metrics::{Metrics, Part};

/// Failures in a row after which a part counts as failing.
const SEVERAL: u32 = 3;

/// The pauses before a restart, and when a part counts as running well.
#[derive(Clone, Copy, Debug)]
struct Pace {
    /// The pause after the first failure. It doubles with each further failure in a row.
    first: Duration,
    /// The longest pause.
    longest: Duration,
    /// A part that has run this long has recovered from its earlier failures.
    steady: Duration,
}

const PACE: Pace = Pace {
    first: Duration::from_millis(100),
    longest: Duration::from_secs(30),
    steady: Duration::from_secs(60),
};

/// Starts parts and watches over them. Clones share one list of parts.
#[derive(Clone)]
pub struct Supervisor {
    metrics: Arc<Metrics>,
    runs: Arc<Mutex<Vec<Arc<Run>>>>,
    pace: Pace,
}

impl std::fmt::Debug for Supervisor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Supervisor").field("failing", &self.failing()).finish_non_exhaustive()
    }
}

/// What is known about a supervised part.
#[derive(Debug)]
struct Run {
    part: Part,
    state: Mutex<State>,
}

#[derive(Clone, Copy, Debug)]
struct State {
    /// Failures in a row.
    failures: u32,
    /// When the part was last started; `None` during a pause.
    since: Option<Instant>,
}

impl Run {
    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn started(&self) {
        self.state().since = Some(Instant::now());
    }

    /// Whether it has failed several times in a row and does not run steadily since.
    fn is_failing(&self, steady: Duration) -> bool {
        let state = *self.state();
        state.failures >= SEVERAL && state.since.is_none_or(|since| since.elapsed() < steady)
    }
}

/// Why a run is over.
enum End {
    Panicked,
    Returned,
}

impl Supervisor {
    /// A supervisor of nothing.
    pub fn new(metrics: Arc<Metrics>) -> Self {
        Self { metrics, runs: Arc::default(), pace: PACE }
    }

    /// Starts a part that never ends. `make` makes its future, and makes it again whenever it has panicked or ended. What must outlive a
    /// failure, such as a channel, belongs to `make`. Must be called inside a tokio runtime. Aborting the handle ends the part.
    pub fn keep<F>(&self, part: Part, make: impl FnMut() -> F + Send + 'static) -> JoinHandle<()>
    where
        F: Future<Output = ()> + Send + 'static,
    {
        self.spawn(part, make, false)
    }

    /// Starts a part whose end is no failure: it is started again only if it has panicked.
    pub fn until_done<F>(&self, part: Part, make: impl FnMut() -> F + Send + 'static) -> JoinHandle<()>
    where
        F: Future<Output = ()> + Send + 'static,
    {
        self.spawn(part, make, true)
    }

    /// Starts a part on a thread of its own. It is started again if it has panicked.
    ///
    /// # Errors
    ///
    /// If the thread cannot be started.
    pub fn thread(
        &self,
        part: Part,
        name: &str,
        mut body: impl FnMut() + Send + 'static,
    ) -> std::io::Result<std::thread::JoinHandle<()>> {
        let (supervisor, run) = (self.clone(), self.enlist(part));
        std::thread::Builder::new().name(name.to_owned()).spawn(move || {
            loop {
                run.started();
                if std::panic::catch_unwind(AssertUnwindSafe(&mut body)).is_ok() {
                    return supervisor.strike(&run);
                }
                std::thread::sleep(supervisor.failed(&run, &End::Panicked));
            }
        })
    }

    /// The parts that have failed several times in a row and do not run steadily since, without repetition.
    pub fn failing(&self) -> Vec<Part> {
        let runs = self.runs.lock().unwrap_or_else(PoisonError::into_inner);
        let mut parts: Vec<Part> =
            runs.iter().filter(|run| run.is_failing(self.pace.steady)).map(|run| run.part).collect();
        parts.sort_unstable();
        parts.dedup();
        parts
    }

    fn spawn<F>(
        &self,
        part: Part,
        mut make: impl FnMut() -> F + Send + 'static,
        may_end: bool,
    ) -> JoinHandle<()>
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let (supervisor, run) = (self.clone(), self.enlist(part));
        let listed = Listed(supervisor.clone(), run.clone());
        tokio::spawn(async move {
            // Also if the task is aborted, the part is no longer listed.
            let _listed = listed;
            loop {
                run.started();
                // Making the future may panic as well.
                let made = std::panic::catch_unwind(AssertUnwindSafe(&mut make));
                let end = match made {
                    Ok(future) => match AssertUnwindSafe(future).catch_unwind().await {
                        Ok(()) => End::Returned,
                        Err(_) => End::Panicked,
                    },
                    Err(_) => End::Panicked,
                };
                if may_end && matches!(end, End::Returned) {
                    return;
                }
                tokio::time::sleep(supervisor.failed(&run, &end)).await;
            }
        })
    }

    fn enlist(&self, part: Part) -> Arc<Run> {
        let run = Arc::new(Run { part, state: Mutex::new(State { failures: 0, since: None }) });
        self.runs.lock().unwrap_or_else(PoisonError::into_inner).push(run.clone());
        run
    }

    /// Takes a part off the list.
    fn strike(&self, run: &Arc<Run>) {
        self.runs.lock().unwrap_or_else(PoisonError::into_inner).retain(|known| !Arc::ptr_eq(known, run));
    }

    /// Logs and counts a failure. Returns the pause before the restart.
    fn failed(&self, run: &Run, end: &End) -> Duration {
        let failures = {
            let mut state = run.state();
            if state.since.is_some_and(|since| since.elapsed() >= self.pace.steady) {
                state.failures = 0;
            }
            state.failures = state.failures.saturating_add(1);
            state.since = None;
            state.failures
        };
        self.metrics.restarted(run.part);
        let doubled = 2_u32.saturating_pow(failures.saturating_sub(1));
        let pause = self.pace.first.saturating_mul(doubled).min(self.pace.longest);
        let what = match end {
            End::Panicked => "has panicked",
            End::Returned => "has ended, which it should not",
        };
        tracing::error!(
            part = run.part.as_str(),
            failures,
            ?pause,
            "a part of the webhook {what}; it is started again"
        );
        pause
    }
}

/// A part on the list. Dropping it takes the part off the list.
struct Listed(Supervisor, Arc<Run>);

impl Drop for Listed {
    fn drop(&mut self) {
        self.0.strike(&self.1);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    /// Longer than any of these tests may take.
    const LONG: Duration = Duration::from_secs(20);

    fn supervisor(steady: Duration) -> Supervisor {
        let pace = Pace { first: Duration::from_millis(1), longest: Duration::from_millis(4), steady };
        Supervisor { pace, ..Supervisor::new(Arc::new(Metrics::new())) }
    }

    fn restarts(supervisor: &Supervisor, part: Part) -> u32 {
        let text = supervisor.metrics.render();
        let name = format!("daemonset_webhook_supervised_restarts_total{{part=\"{}\"}} ", part.as_str());
        text.lines().find_map(|line| line.strip_prefix(&name)).unwrap().parse().unwrap()
    }

    async fn comes(there: impl Fn() -> bool) {
        let coming = async {
            while !there() {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        tokio::time::timeout(LONG, coming).await.unwrap();
    }

    #[tokio::test]
    async fn a_part_that_panics_or_ends_is_started_again() {
        let supervisor = supervisor(LONG);
        let runs = Arc::new(AtomicU32::new(0));
        let count = runs.clone();
        supervisor.keep(Part::Config, move || {
            let run = count.fetch_add(1, Ordering::Relaxed);
            // Making it panics, it panics, it ends, it goes on.
            assert!(run != 0, "while it is made");
            async move {
                assert!(run != 1, "while it runs");
                if run > 2 {
                    std::future::pending().await
                }
            }
        });
        comes(|| runs.load(Ordering::Relaxed) == 4).await;
        assert_eq!(restarts(&supervisor, Part::Config), 3);
        assert_eq!(restarts(&supervisor, Part::Cache), 0);
    }

    #[tokio::test]
    async fn several_failures_in_a_row_are_told_until_the_part_runs_steadily() {
        for (steady, recovers) in [(LONG, false), (Duration::from_millis(200), true)] {
            let supervisor = supervisor(steady);
            let left = Arc::new(AtomicU32::new(SEVERAL));
            let task = supervisor.keep(Part::Reviews, move || {
                let last =
                    left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
                async move {
                    assert!(last.is_err(), "again");
                    std::future::pending().await
                }
            });
            comes(|| supervisor.failing() == [Part::Reviews]).await;
            if recovers {
                comes(|| supervisor.failing().is_empty()).await;
            }
            task.abort();
            let _ = task.await;
            assert!(supervisor.failing().is_empty(), "a part that was ended on purpose does not fail");
        }
    }

    #[tokio::test]
    async fn an_end_that_is_no_failure_is_the_end() {
        let supervisor = supervisor(LONG);
        let left = Arc::new(AtomicU32::new(2));
        let task = supervisor.until_done(Part::Version, move || {
            let last = left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
            async move { assert!(last.is_err(), "again") }
        });
        tokio::time::timeout(LONG, task).await.unwrap().unwrap();
        assert_eq!(restarts(&supervisor, Part::Version), 2);
        assert!(supervisor.failing().is_empty());
    }

    #[test]
    fn a_thread_is_started_again() {
        let supervisor = supervisor(LONG);
        let mut left = 5;
        let thread = supervisor.thread(Part::Judging, "judge", move || {
            if left > 0 {
                left -= 1;
                panic!("again");
            }
        });
        thread.unwrap().join().unwrap();
        assert_eq!(restarts(&supervisor, Part::Judging), 5);
        assert!(supervisor.failing().is_empty());
    }

    #[test]
    fn pauses_double_up_to_the_longest() {
        let supervisor = supervisor(LONG);
        let run = supervisor.enlist(Part::Cache);
        let pauses: Vec<u128> = (0..5).map(|_| supervisor.failed(&run, &End::Panicked).as_millis()).collect();
        assert_eq!(pauses, [1, 2, 4, 4, 4]);
    }
}
