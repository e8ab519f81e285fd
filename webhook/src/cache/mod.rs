//! The cluster as the webhook knows it: lists and watches of the API server, trimmed to what placement asks, behind a lock that
//! reviews read.
//!
//! One task a kind asks the API server (`watch`); one thread reads what comes and writes it into the snapshot (`writer`), so
//! reviews share neither its memory nor its time.

mod answer;
mod mode;
mod request;
mod state;
mod view;
mod watch;
mod writer;

use std::sync::{Arc, RwLock, TryLockError};
use std::time::{Duration, Instant};

use daemonset_validation::placement::{Kind, LiveSnapshot};
use daemonset_validation::{Finding, Server};
use k8s_openapi::api::apps::v1::DaemonSet;
use kube::Client;
use tokio::task::AbortHandle;

pub use mode::Mode;
pub use view::{Missing, Reading, View, Why};

use state::State;

/// How patient the cache is.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// As many objects are asked for at once.
    pub page: u32,
    /// After an error the API server is left alone for so long at first, and for so long at most.
    pub pause: (Duration, Duration),
    /// After so long it is asked again for what it has refused.
    pub refused: Duration,
    /// A watch lasts so long before a new one takes its place; without a word for much longer it counts as broken.
    pub watch: Duration,
    /// What nothing was heard of for so long is not known any more.
    pub silence: Duration,
    /// A review waits at most so long for the lock.
    pub patience: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            page: 500,
            pause: (Duration::from_secs(1), Duration::from_secs(30)),
            refused: Duration::from_secs(60),
            watch: Duration::from_secs(240),
            silence: Duration::from_secs(15 * 60),
            patience: Duration::from_millis(20),
        }
    }
}

/// What tasks, writer and reviews share.
#[derive(Debug)]
struct Shared {
    mode: Mode,
    options: Options,
    server: Server,
    live: RwLock<LiveSnapshot>,
    /// The kinds that are watched.
    states: Vec<State>,
}

impl Shared {
    fn state(&self, kind: Kind) -> Option<&State> {
        self.states.iter().find(|state| state.kind == kind)
    }
}

/// The tasks; without their cache they have nothing to do.
#[derive(Debug)]
struct Tasks(Vec<AbortHandle>);

impl Drop for Tasks {
    fn drop(&mut self) {
        self.0.iter().for_each(AbortHandle::abort);
    }
}

/// The cluster, kept up to date. Its clones are the same cache; with the last one its watches end.
#[derive(Clone, Debug)]
pub struct Cache {
    shared: Arc<Shared>,
    _tasks: Arc<Tasks>,
}

impl Cache {
    /// A cache of nothing, for `--cache off`.
    pub fn off() -> Self {
        let shared = Shared {
            mode: Mode::Off,
            options: Options::default(),
            server: Server::newest(),
            live: RwLock::new(LiveSnapshot::new()),
            states: Vec::new(),
        };
        Self { shared: Arc::new(shared), _tasks: Arc::new(Tasks(Vec::new())) }
    }

    /// Begins to watch what the mode asks for, on the current tokio runtime. The server's version decides how requests are counted.
    pub fn start(client: &Client, mode: Mode, server: Server, options: Options) -> Self {
        let now = Instant::now();
        let states = mode.kinds().iter().map(|kind| State::new(*kind, now)).collect();
        let live = RwLock::new(LiveSnapshot::new());
        let shared = Arc::new(Shared { mode, options, server, live, states });
        let mut tasks = Vec::new();
        if !shared.states.is_empty() {
            let writer = writer::start(shared.clone());
            // One page at a time: several would only be in memory together.
            let turn = Arc::new(tokio::sync::Mutex::new(Vec::new()));
            for kind in mode.kinds() {
                let watch = watch::Watch {
                    kind: *kind,
                    client: client.clone(),
                    shared: shared.clone(),
                    writer: writer.clone(),
                    turn: turn.clone(),
                };
                tasks.push(tokio::spawn(watch.keep()).abort_handle());
            }
        }
        Self { shared, _tasks: Arc::new(Tasks(tasks)) }
    }

    /// What is watched.
    pub fn mode(&self) -> Mode {
        self.shared.mode
    }

    /// What a review sees now. It never waits longer than [`Options::patience`], and holds the cache still as long as it is kept.
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
                // What a panic left behind is no worse than what an event may leave behind: the next list mends it.
                Err(TryLockError::Poisoned(poisoned)) => return View::Ready(poisoned.into_inner().into()),
                Err(TryLockError::WouldBlock) if until.is_some_and(|until| Instant::now() < until) => {
                    std::thread::sleep(Duration::from_micros(50));
                }
                Err(TryLockError::WouldBlock) => return View::Busy,
            }
        }
    }

    /// What there is to say about a DaemonSet now; see [`placement::judge`](crate::placement::judge). To compare two versions of one,
    /// ask for both with one [`Cache::view`].
    pub fn judge(&self, daemon_set: &DaemonSet, server: &Server, named_nodes: usize) -> Vec<Finding> {
        crate::placement::judge(daemon_set, &self.view(), server, named_nodes)
    }

    /// On how many nodes a DaemonSet would not run; see [`placement::left_out`](crate::placement::left_out).
    pub fn left_out(&self, daemon_set: &DaemonSet, server: &Server) -> Option<usize> {
        crate::placement::left_out(daemon_set, &self.view(), server)
    }

    /// The kinds without which there is no answer, and why each of them is missing. Other kinds that are refused leave the answer
    /// less complete; [`Cache::refusals`] names them all.
    pub fn missing(&self) -> Vec<Missing> {
        let silence = self.shared.options.silence;
        let mut missing = Vec::new();
        for state in &self.shared.states {
            let why = match (state.refusal(), state.age()) {
                (Some(why), _) if state.kind == Kind::Node => Why::Refused(why),
                (Some(_), _) => continue,
                (None, None) => Why::NotReadYet,
                (None, Some(_)) if !state.is_read() => Why::NotReadYet,
                (None, Some(age)) if age > silence => Why::Silent(age),
                (None, Some(_)) => continue,
            };
            missing.push(Missing { kind: state.kind, why });
        }
        missing
    }

    /// What the API server refuses, with a sentence that names the verb and the resource.
    pub fn refusals(&self) -> Vec<(Kind, String)> {
        let states = self.shared.states.iter();
        states.filter_map(|state| Some((state.kind, state.refusal()?))).collect()
    }

    /// How long ago the API server last said something of each kind; `None` where it never has.
    pub fn age(&self) -> Vec<(Kind, Option<Duration>)> {
        self.shared.states.iter().map(|state| (state.kind, state.age())).collect()
    }

    /// How many objects of each kind there are.
    pub fn counts(&self) -> Vec<(Kind, usize)> {
        self.shared.states.iter().map(|state| (state.kind, state.count())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cache(kinds: &[Kind]) -> Cache {
        let states = kinds.iter().map(|kind| State::new(*kind, Instant::now())).collect();
        let shared = Shared {
            mode: Mode::Nodes,
            options: Options { silence: Duration::from_millis(30), ..Options::default() },
            server: Server::newest(),
            live: RwLock::new(LiveSnapshot::new()),
            states,
        };
        Cache { shared: Arc::new(shared), _tasks: Arc::new(Tasks(Vec::new())) }
    }

    #[test]
    fn a_review_waits_only_a_little_for_a_writer() {
        let cache = cache(&[Kind::Node]);
        let state = cache.shared.state(Kind::Node).unwrap();
        state.hear();
        state.set_read();
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
        state.hear();
        assert!(matches!(cache.view(), View::Ready(_)));
    }

    #[test]
    fn what_was_not_heard_of_for_long_is_not_known() {
        let cache = cache(&[Kind::Node, Kind::DaemonSet]);
        for kind in [Kind::Node, Kind::DaemonSet] {
            let state = cache.shared.state(kind).unwrap();
            assert_eq!(state.age(), None);
            state.hear();
            state.set_read();
        }
        std::thread::sleep(Duration::from_millis(40));
        cache.shared.state(Kind::Node).unwrap().hear();
        let missing = cache.missing();
        assert_eq!(missing.iter().map(|one| one.kind).collect::<Vec<_>>(), [Kind::DaemonSet]);
        assert!(matches!(missing.first().map(|one| &one.why), Some(Why::Silent(_))));
    }
}
