//! The cache of the cluster's objects: lists and watches keep a snapshot of what placement needs up to date. Reviews read it under a lock.
//!
//! Each kind has a task that sends requests to the API server (`watch`). One thread parses all answers and writes them into the snapshot
//! (`writer`), so that parsing does not take time from reviews.

mod answer;
mod mode;
mod request;
mod shared;
mod state;
mod view;
mod watch;
mod writer;

use std::sync::{Arc, RwLock, TryLockError};
use std::time::{Duration, Instant};

use daemonset_validation::Server;
use daemonset_validation::placement::{Kind, LiveSnapshot};
use kube::Client;
use tokio::task::AbortHandle;

pub use mode::Mode;
pub use shared::Options;
pub use view::{Missing, Reading, View, Why};

use shared::Shared;
use state::KindState;

/// The tasks. They are aborted when the cache is dropped.
#[derive(Debug)]
struct Tasks(Vec<AbortHandle>);

impl Drop for Tasks {
    fn drop(&mut self) {
        self.0.iter().for_each(AbortHandle::abort);
    }
}

/// The cluster's objects, kept up to date. Clones share one cache; its watches end when the last clone is dropped.
#[derive(Clone, Debug)]
pub struct Cache {
    shared: Arc<Shared>,
    _tasks: Arc<Tasks>,
}

impl Cache {
    /// An empty cache, for `--cache off`.
    pub fn off() -> Self {
        let shared = Shared {
            options: Options::default(),
            server: Server::newest(),
            live: RwLock::new(LiveSnapshot::new()),
            states: Vec::new(),
        };
        Self { shared: Arc::new(shared), _tasks: Arc::new(Tasks(Vec::new())) }
    }

    /// Starts to watch the kinds of the mode, on the current tokio runtime. The version of the API server decides how resource requests are
    /// added up.
    pub fn start(client: &Client, mode: Mode, server: Server, options: Options) -> Self {
        let now = Instant::now();
        let states = mode.kinds().iter().map(|kind| KindState::new(*kind, now)).collect();
        let live = RwLock::new(LiveSnapshot::new());
        let shared = Arc::new(Shared { options, server, live, states });
        let mut tasks = Vec::new();
        if !shared.states.is_empty() {
            let writer = writer::start(shared.clone());
            let page_buffer = Arc::new(tokio::sync::Mutex::new(Vec::new()));
            for kind in mode.kinds() {
                let watch = watch::Watch {
                    kind: *kind,
                    client: client.clone(),
                    shared: shared.clone(),
                    writer: writer.clone(),
                    page_buffer: page_buffer.clone(),
                };
                tasks.push(tokio::spawn(watch.run()).abort_handle());
            }
        }
        Self { shared, _tasks: Arc::new(Tasks(tasks)) }
    }

    /// The cluster as it is now. Waits for the lock for at most [`Options::patience`]. The cache cannot change while the view exists. To
    /// compare two versions of a DaemonSet, use one view for both.
    pub fn view(&self) -> View<'_> {
        if self.shared.states.is_empty() {
            return View::Off;
        }
        let missing = self.missing();
        if !missing.is_empty() {
            return View::Cold { missing };
        }
        let until = Instant::now().checked_add(self.shared.options.patience);
        loop {
            match self.shared.live.try_read() {
                Ok(live) => return View::Ready(live.into()),
                // The writer has panicked and ended. Its last state is used until it is older than `Options::silence`.
                Err(TryLockError::Poisoned(poisoned)) => return View::Ready(poisoned.into_inner().into()),
                Err(TryLockError::WouldBlock) if until.is_some_and(|until| Instant::now() < until) => {
                    std::thread::sleep(Duration::from_micros(50));
                }
                Err(TryLockError::WouldBlock) => return View::Busy,
            }
        }
    }

    /// The kinds without which placement cannot be judged, and why each of them is missing. A refused kind other than nodes only makes the
    /// answer less complete; [`Cache::refusals`] has all of them.
    pub fn missing(&self) -> Vec<Missing> {
        let silence = self.shared.options.silence;
        let mut missing = Vec::new();
        for state in &self.shared.states {
            let why = match (state.refusal(), state.age()) {
                (Some(why), _) if state.kind == Kind::Node => Why::Refused(why),
                (Some(_), _) => continue,
                (None, None) => Why::NotReadYet,
                (None, Some(_)) if !state.is_listed() => Why::NotReadYet,
                (None, Some(age)) if age > silence => Why::Silent(age),
                (None, Some(_)) => continue,
            };
            missing.push(Missing { kind: state.kind, why });
        }
        missing
    }

    /// The kinds that the API server refuses, each with a message that names the verb and the resource.
    pub fn refusals(&self) -> Vec<(Kind, String)> {
        let states = self.shared.states.iter();
        states.filter_map(|state| Some((state.kind, state.refusal()?))).collect()
    }

    /// How long ago the API server last answered, for each kind; `None` if it never has.
    pub fn age(&self) -> Vec<(Kind, Option<Duration>)> {
        self.shared.states.iter().map(|state| (state.kind, state.age())).collect()
    }

    /// The number of objects of each kind.
    pub fn counts(&self) -> Vec<(Kind, usize)> {
        self.shared.states.iter().map(|state| (state.kind, state.count())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cache(kinds: &[Kind]) -> Cache {
        let states = kinds.iter().map(|kind| KindState::new(*kind, Instant::now())).collect();
        let shared = Shared {
            options: Options { silence: Duration::from_millis(30), ..Options::default() },
            server: Server::newest(),
            live: RwLock::new(LiveSnapshot::new()),
            states,
        };
        Cache { shared: Arc::new(shared), _tasks: Arc::new(Tasks(Vec::new())) }
    }

    #[test]
    fn a_review_waits_only_briefly_for_the_lock() {
        let cache = cache(&[Kind::Node]);
        let state = cache.shared.state(Kind::Node).unwrap();
        state.record_response();
        state.set_listed();
        let guard = cache.shared.live.write().unwrap();
        std::thread::scope(|scope| {
            let (busy, took) = scope
                .spawn(|| {
                    let start = Instant::now();
                    (matches!(cache.view(), View::Busy), start.elapsed())
                })
                .join()
                .unwrap();
            assert!(busy || took > Duration::from_millis(30), "{took:?}");
        });
        drop(guard);
        state.record_response();
        assert!(matches!(cache.view(), View::Ready(_)));
    }

    #[test]
    fn a_kind_without_an_answer_for_long_is_missing() {
        let cache = cache(&[Kind::Node, Kind::DaemonSet]);
        for kind in [Kind::Node, Kind::DaemonSet] {
            let state = cache.shared.state(kind).unwrap();
            assert_eq!(state.age(), None);
            state.record_response();
            state.set_listed();
        }
        std::thread::sleep(Duration::from_millis(40));
        cache.shared.state(Kind::Node).unwrap().record_response();
        let missing = cache.missing();
        assert_eq!(missing.iter().map(|one| one.kind).collect::<Vec<_>>(), [Kind::DaemonSet]);
        assert!(matches!(missing.first().map(|one| &one.why), Some(Why::Silent(_))));
    }
}
