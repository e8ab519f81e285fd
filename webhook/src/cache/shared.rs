//! What the tasks, the writer and the reviews of a cache share.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use arc_swap::{ArcSwap, ArcSwapOption};
use daemonset_validation::Server;
use daemonset_validation::admission::PodSecurityDefaults;
use daemonset_validation::placement::{Kind, Snapshot};
use tokio::sync::Notify;

use super::mode::Watched;
use super::state::KindState;
use super::view::{Missing, Why};

/// Page size, pauses and timeouts of the cache.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Objects in a page, at most. Pages of large objects have fewer.
    pub page: u32,
    /// The pause after an error: the first one, which doubles with each error, and the longest one.
    pub pause: (Duration, Duration),
    /// The pause after a refused request.
    pub refused: Duration,
    /// `timeoutSeconds` of a watch. A watch without an answer for much longer counts as broken.
    pub watch: Duration,
    /// A kind counts as missing when the API server has not answered for this long.
    pub silence: Duration,
    /// While events flow, reviews see them this much later at most.
    pub publish: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            page: 500,
            pause: (Duration::from_secs(1), Duration::from_secs(30)),
            refused: Duration::from_secs(60),
            watch: Duration::from_secs(240),
            silence: Duration::from_secs(15 * 60),
            publish: Duration::from_millis(20),
        }
    }
}

/// What the tasks, the writer and reviews share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) options: Options,
    /// Decides how resource requests are counted.
    server: ArcSwap<Server>,
    /// What the API server's own configuration says of pod security; `None` where it is upstream's default.
    pub(super) pod_security: ArcSwapOption<PodSecurityDefaults>,
    /// The snapshot that reviews see. The writer replaces it; it never changes one.
    pub(super) published: ArcSwap<Snapshot>,
    /// Whether the writer reads the whole cluster again, while reviews see what was known before.
    pub(super) rebuilding: AtomicBool,
    /// The kinds that are watched.
    pub(super) states: Vec<KindState>,
    /// Whether a connection to the API server ended before its time and none was made since.
    disconnected: AtomicBool,
    /// A connection was made after one had ended before its time.
    pub(super) reconnected: Notify,
    /// Faults to inject.
    #[cfg(test)]
    pub(super) faults: super::faults::Faults,
}

impl Shared {
    pub(super) fn new(options: Options, server: Server, watched: &Watched) -> Self {
        let now = Instant::now();
        Self {
            options,
            server: ArcSwap::from_pointee(server),
            pod_security: ArcSwapOption::empty(),
            published: ArcSwap::default(),
            rebuilding: AtomicBool::new(false),
            states: watched.kinds().map(|kind| KindState::new(kind, now)).collect(),
            disconnected: AtomicBool::new(false),
            reconnected: Notify::new(),
            #[cfg(test)]
            faults: super::faults::Faults::default(),
        }
    }

    /// The API server whose objects are read.
    pub(super) fn server(&self) -> Server {
        **self.server.load()
    }

    /// Sets the version of the API server. Only the requests of pods are counted by it, so pods are listed again if it is another one.
    pub(super) fn set_server(&self, server: Server) {
        if self.server() == server {
            return;
        }
        self.server.store(Arc::new(server));
        if let Some(pods) = self.state(Kind::Pod) {
            pods.list_again.notify_one();
        }
    }

    /// The state of a kind; `None` if the kind is not watched.
    pub(super) fn state(&self, kind: Kind) -> Option<&KindState> {
        self.states.iter().find(|state| state.kind == kind)
    }

    /// The API server has answered about a kind, and reviews see what it said, or will at once.
    pub(super) fn record_response(&self, kind: Kind) {
        if !self.rebuilding.load(Ordering::Relaxed)
            && let Some(state) = self.state(kind)
        {
            state.record_response();
        }
    }

    /// All kinds are listed again.
    pub(super) fn list_again(&self) {
        self.states.iter().for_each(|state| state.list_again.notify_one());
    }

    /// A connection ended before its time, or there was none.
    pub(super) fn disconnected(&self) {
        self.disconnected.store(true, Ordering::Relaxed);
    }

    /// The API server answers a request.
    pub(super) fn connected(&self) {
        if self.disconnected.swap(false, Ordering::Relaxed) {
            self.reconnected.notify_one();
        }
    }

    /// Whether a kind is listed or refused in a snapshot.
    pub(super) fn is_settled(snapshot: &Snapshot, kind: Kind) -> bool {
        snapshot.has(kind) || snapshot.refusal(kind).is_some()
    }

    /// The kinds without which placement cannot be judged, and why each of them is missing.
    pub(super) fn missing(&self, snapshot: &Snapshot) -> Vec<Missing> {
        let why = |state: &KindState| match (snapshot.refusal(state.kind), state.age()) {
            (Some(why), _) => (state.kind == Kind::Node).then(|| Why::Refused(why.to_owned())),
            (None, Some(age)) if snapshot.has(state.kind) => {
                (age > self.options.silence).then_some(Why::Silent(age))
            }
            (None, _) => Some(Why::NotReadYet),
        };
        self.states.iter().filter_map(|state| Some(Missing { kind: state.kind, why: why(state)? })).collect()
    }
}
