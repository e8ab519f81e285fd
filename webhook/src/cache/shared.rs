//! What the tasks, the writer and the reviews of a cache share.

use std::sync::RwLock;
use std::time::Duration;

use daemonset_validation::Server;
use daemonset_validation::placement::{Kind, LiveSnapshot};

use super::state::KindState;

/// Page size, pauses and timeouts of the cache.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Objects in a page.
    pub page: u32,
    /// The pause after an error: the first one, which doubles with each error, and the longest one.
    pub pause: (Duration, Duration),
    /// The pause after a refused request.
    pub refused: Duration,
    /// `timeoutSeconds` of a watch. A watch without an answer for much longer counts as broken.
    pub watch: Duration,
    /// A kind counts as missing when the API server has not answered for this long.
    pub silence: Duration,
    /// How long a review waits for the lock.
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

/// What the tasks, the writer and reviews share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) options: Options,
    pub(super) server: Server,
    pub(super) live: RwLock<LiveSnapshot>,
    /// The kinds that are watched.
    pub(super) states: Vec<KindState>,
}

impl Shared {
    /// The state of a kind; `None` if the kind is not watched.
    pub(super) fn state(&self, kind: Kind) -> Option<&KindState> {
        self.states.iter().find(|state| state.kind == kind)
    }
}
