//! The threads that judge reviews. The async workers only move bytes, so that health, new connections and small reviews are answered
//! whatever is judged.
//!
//! The queue is bounded by the limits: each review in it has a place in flight, and memory for its body.

mod queue;
mod user;

use std::hash::{BuildHasher, RandomState};
use std::io;
use std::net::IpAddr;
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use prometheus_client::metrics::gauge::Gauge;

pub(in crate::server) use queue::Size;

use super::limits::Settings;
use crate::metrics::{Metrics, Part};
use crate::supervise::Supervisor;
use queue::{Asker, Number, Queue};

/// How much lower the priority of the threads is that judge large reviews: the niceness of the scheduler.
const NICENESS: i32 = 5;

/// How long after a large review memory is given back to the system.
const GIVE_BACK: Duration = Duration::from_secs(2);

/// An allocation of this many bytes has a page of its own.
const PAGE: usize = 4 << 20;

/// A review to judge. It is called with whether it begins so late that there is no time to look at the cluster.
type Work = Box<dyn FnOnce(bool) + Send>;

struct Job {
    work: Work,
    /// From then on it is late.
    late: Instant,
    /// From then on it is not begun.
    end: Instant,
    /// Whether it has begun.
    begun: Arc<AtomicBool>,
}

/// The threads that judge, and the reviews that wait for them.
pub struct Judges {
    shared: Arc<Shared>,
    /// Hashes user names. Its keys are random, so nobody can choose a name that shares a turn with another user's.
    names: RandomState,
}

struct Shared {
    state: Mutex<State>,
    /// Wakes a thread that judges reviews of all sizes.
    any: Condvar,
    /// Wakes the thread that judges small reviews only.
    small: Condvar,
    /// Wakes the thread that gives memory back, at the end.
    end: Condvar,
    length: Gauge,
    bytes: Gauge,
}

struct State {
    queue: Queue<Job>,
    /// The threads that judge reviews of all sizes.
    any: Idle,
    /// The thread that judges small reviews only.
    small: Idle,
    closed: bool,
}

/// Threads that wait.
#[derive(Clone, Copy, Debug, Default)]
struct Idle {
    waiting: usize,
    /// Of these, the ones that were woken and do not run yet.
    woken: usize,
}

impl Idle {
    /// Whether there is one to wake. It counts as woken.
    fn wake(&mut self) -> bool {
        let is_one = self.waiting > self.woken;
        self.woken = self.woken.saturating_add(usize::from(is_one));
        is_one
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Wakes a thread that can judge a review of this size.
    fn wake(&self, state: &mut State, is_small: bool) {
        if state.any.wake() {
            self.any.notify_one();
        } else if is_small && state.small.wake() {
            self.small.notify_one();
        }
    }

    fn report(&self, state: &State) {
        self.length.set(i64::try_from(state.queue.len()).unwrap_or(i64::MAX));
        self.bytes.set(i64::try_from(state.queue.bytes()).unwrap_or(i64::MAX));
    }
}

/// When a review has to be judged, and for whom.
pub(super) struct Turn<'t> {
    /// The peer address of the connection.
    pub(super) peer: IpAddr,
    /// The body, from which the user is read.
    pub(super) body: &'t [u8],
    /// What it needs.
    pub(super) size: Size,
    /// From then on there is no time to look at the cluster.
    pub(super) late: Instant,
    /// From then on it is not begun.
    pub(super) end: Instant,
}

impl std::fmt::Debug for Judges {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Judges").field("waiting", &self.shared.state().queue.len()).finish_non_exhaustive()
    }
}

impl Judges {
    /// Starts the threads of the settings, and one that judges small reviews only. No user has all of them at once.
    ///
    /// # Errors
    ///
    /// If a thread cannot be started.
    pub fn start(settings: &Settings, metrics: &Metrics, supervisor: &Supervisor) -> io::Result<Self> {
        let threads = settings.judges.max(1);
        let queue = Queue::new(threads, settings.judging);
        let state = State { queue, any: Idle::default(), small: Idle::default(), closed: false };
        let shared = Arc::new(Shared {
            state: Mutex::new(state),
            any: Condvar::new(),
            small: Condvar::new(),
            end: Condvar::new(),
            length: metrics.listener().queue.clone(),
            bytes: metrics.listener().judging.clone(),
        });
        let judges = Self { shared: shared.clone(), names: RandomState::new() };
        let giving = shared.clone();
        supervisor.thread(Part::Judging, "give-back", move || giving.give_back())?;
        for number in 0..=threads {
            let shared = shared.clone();
            let only_small = number == 0;
            let name = if only_small { "judge-small".to_owned() } else { format!("judge-{number}") };
            supervisor.thread(Part::Judging, &name, move || shared.judge_in_turns(only_small))?;
        }
        Ok(judges)
    }

    /// Adds a review. Dropping the ticket takes it out of the queue; if its time is over, it is dropped without being begun.
    pub(super) fn add(&self, turn: &Turn<'_>, work: impl FnOnce(bool) + Send + 'static) -> Ticket {
        let asker = Asker { peer: turn.peer, user: self.names.hash_one(user::of(turn.body)) };
        let begun = Arc::new(AtomicBool::new(false));
        let job = Job { work: Box::new(work), late: turn.late, end: turn.end, begun: begun.clone() };
        let mut state = self.shared.state();
        let number = state.queue.add(asker, turn.size, job);
        self.shared.report(&state);
        self.shared.wake(&mut state, !matches!(turn.size, Size::Large(_)));
        drop(state);
        Ticket { shared: self.shared.clone(), number, begun }
    }
}

impl Drop for Judges {
    fn drop(&mut self) {
        self.shared.state().closed = true;
        self.shared.any.notify_all();
        self.shared.small.notify_all();
        self.shared.end.notify_all();
    }
}

impl Shared {
    /// Judges on one thread after another. An allocator keeps what a thread has freed for the next work of this thread, and gives it back when
    /// the thread ends. So a thread that has judged large reviews ends when it is idle.
    fn judge_in_turns(&self, only_small: bool) {
        let name = std::thread::current().name().unwrap_or_default().to_owned();
        while !self.state().closed {
            std::thread::scope(|scope| {
                let thread = std::thread::Builder::new().name(name.clone());
                if thread.spawn_scoped(scope, || self.judge(only_small)).is_err() {
                    self.judge(only_small);
                }
            });
        }
    }

    /// Judges one review after another. Ends when it has nothing to do some time after a large one.
    fn judge(&self, only_small: bool) {
        if !only_small {
            // Without the right to do so the priority stays as it is.
            let _ = rustix::process::setpriority_process(None, NICENESS);
        }
        let mut after_large: Option<Instant> = None;
        let mut state = self.state();
        loop {
            if state.closed {
                return;
            }
            let Some((begun, job)) = state.queue.begin(only_small) else {
                let left = after_large.map(|ended| GIVE_BACK.saturating_sub(ended.elapsed()));
                if left.is_some_and(|left| left.is_zero()) {
                    return;
                }
                state = self.wait(state, only_small, left);
                continue;
            };
            self.report(&state);
            drop(state);
            let start = Instant::now();
            if start < job.end {
                job.begun.store(true, Ordering::Release);
                let late = start >= job.late;
                // Panics are caught and counted where a review is decided. This is for the work around it.
                let _ = std::panic::catch_unwind(AssertUnwindSafe(|| (job.work)(late)));
            } else {
                drop(job);
            }
            if begun.is_large() {
                after_large = Some(Instant::now());
            }
            state = self.state();
            state.queue.end(begun, start.elapsed());
            self.report(&state);
            // Reviews of the same user, or large ones, may have waited for this one.
            if state.queue.len() > 0 {
                self.wake(&mut state, true);
                self.wake(&mut state, true);
            }
        }
    }

    /// Has the allocator give memory that is free back to the system, again and again. By itself it does so only when a page is freed some
    /// time after the others, so a replica would keep the memory of a storm until the next review that needs much.
    fn give_back(&self) {
        let mut state = self.state();
        while !state.closed {
            state = self.end.wait_timeout(state, GIVE_BACK).unwrap_or_else(PoisonError::into_inner).0;
            drop(state);
            drop(std::hint::black_box(Vec::<u8>::with_capacity(PAGE)));
            state = self.state();
        }
    }

    /// Waits for a review, for at most this long if that is given.
    fn wait<'s>(
        &self,
        mut state: MutexGuard<'s, State>,
        only_small: bool,
        most: Option<Duration>,
    ) -> MutexGuard<'s, State> {
        let waker = if only_small { &self.small } else { &self.any };
        let idle = if only_small { &mut state.small } else { &mut state.any };
        idle.waiting = idle.waiting.saturating_add(1);
        state = match most {
            Some(most) => waker.wait_timeout(state, most).unwrap_or_else(PoisonError::into_inner).0,
            None => waker.wait(state).unwrap_or_else(PoisonError::into_inner),
        };
        let idle = if only_small { &mut state.small } else { &mut state.any };
        idle.waiting = idle.waiting.saturating_sub(1);
        idle.woken = idle.woken.saturating_sub(1);
        state
    }
}

/// A review in the queue. Dropping it takes the review out, if it has not begun.
pub(super) struct Ticket {
    shared: Arc<Shared>,
    number: Number,
    begun: Arc<AtomicBool>,
}

impl Ticket {
    /// Whether the review has begun.
    pub(super) fn has_begun(&self) -> bool {
        self.begun.load(Ordering::Acquire)
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        if self.has_begun() {
            return;
        }
        let job = {
            let mut state = self.shared.state();
            let job = state.queue.remove(self.number);
            self.shared.report(&state);
            job
        };
        drop(job);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Sender, channel};

    use super::*;

    fn turn(user: &'static str, size: Size) -> Turn<'static> {
        let now = Instant::now();
        Turn {
            peer: [10, 0, 0, 1].into(),
            body: user.as_bytes(),
            size,
            late: now.checked_add(Duration::from_secs(5)).unwrap(),
            end: now.checked_add(Duration::from_secs(10)).unwrap(),
        }
    }

    fn of(user: &str) -> &'static str {
        format!(r#"{{"request":{{"userInfo":{{"username":"{user}""#).leak()
    }

    fn judges() -> Judges {
        let settings = Settings { judging: 100, ..Settings::for_cores(1) };
        let metrics = Arc::new(Metrics::new());
        Judges::start(&settings, &metrics, &Supervisor::new(metrics.clone())).unwrap()
    }

    /// Work that says that it has begun, and ends when it is told.
    fn held(
        begun: &Sender<&'static str>,
        name: &'static str,
    ) -> (impl FnOnce(bool) + Send + 'static, Sender<()>) {
        let (end, ended) = channel::<()>();
        let begun = begun.clone();
        let work = move |_: bool| {
            let _ = begun.send(name);
            let _ = ended.recv();
        };
        (work, end)
    }

    const LONG: Duration = Duration::from_secs(20);

    #[test]
    fn one_user_does_not_keep_another_waiting() {
        let judges = judges();
        let (begun, told) = channel();
        let (large, end_large) = held(&begun, "large");
        let _one = judges.add(&turn(of("mallory"), Size::Large(90)), large);
        assert_eq!(told.recv_timeout(LONG), Ok("large"));
        let (more, end_more) = held(&begun, "more");
        let _two = judges.add(&turn(of("mallory"), Size::Small), more);
        let (other, end_other) = held(&begun, "other");
        let _three = judges.add(&turn(of("alice"), Size::Small), other);
        assert_eq!(told.recv_timeout(LONG), Ok("other"), "there are two threads, and a user has one of them");
        drop(end_other);
        drop(end_large);
        assert_eq!(told.recv_timeout(LONG), Ok("more"));
        drop(end_more);
    }

    #[test]
    fn what_nobody_waits_for_is_not_judged() {
        let judges = judges();
        let (begun, told) = channel();
        let (first, end) = held(&begun, "first");
        let _first = judges.add(&turn(of("a"), Size::Small), first);
        assert_eq!(told.recv_timeout(LONG), Ok("first"));
        let (left, _end) = held(&begun, "left");
        drop(judges.add(&turn(of("a"), Size::Small), left));
        let (over, _end) = held(&begun, "over");
        let _over = judges.add(&Turn { end: Instant::now(), ..turn(of("a"), Size::Small) }, over);
        let late = begun.clone();
        let _late =
            judges.add(&Turn { late: Instant::now(), ..turn(of("a"), Size::Small) }, move |is_late| {
                let _ = late.send(if is_late { "late" } else { "in time" });
            });
        drop(end);
        assert_eq!(told.recv_timeout(LONG), Ok("late"));
        assert_eq!(judges.shared.length.get(), 0);
    }

    #[test]
    fn a_panic_does_not_end_a_thread() {
        let judges = judges();
        let (begun, told) = channel();
        for _ in 0..4 {
            let ticket = judges.add(&turn(of("a"), Size::Small), |_| panic!("a fault"));
            while !ticket.has_begun() {
                std::thread::yield_now();
            }
        }
        let (next, end) = held(&begun, "next");
        let _next = judges.add(&turn(of("a"), Size::Large(5)), next);
        assert_eq!(told.recv_timeout(LONG), Ok("next"));
        drop(end);
    }
}
