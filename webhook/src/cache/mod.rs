//! The cache of the cluster's objects: lists and watches keep a snapshot of what placement needs up to date. Reviews look at copies of it,
//! which never change: neither waits for the other.
//!
//! Each kind has a task that sends requests to the API server (`watch`). One thread reads all answers into the snapshot and publishes
//! copies of it (`writer`), so that reading does not take time from reviews.

mod answer;
#[cfg(test)]
mod faults;
mod mode;
mod page_size;
mod pieces;
mod read;
mod request;
mod shared;
mod state;
mod view;
mod watch;
mod writer;

use std::sync::Arc;
use std::time::Duration;

use daemonset_validation::Server;
use daemonset_validation::admission::PodSecurityDefaults;
use daemonset_validation::placement::{Kind, Snapshot};
use kube::Client;
use tokio::task::AbortHandle;

pub use mode::{Admission, Mode, Watched};
pub use shared::Options;
pub use view::{Missing, View, Why};

use crate::metrics::Part;
use crate::supervise::Supervisor;
use shared::Shared;

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
        let shared = Shared::new(Options::default(), Server::newest(), &Mode::Off.into());
        Self { shared: Arc::new(shared), _tasks: Arc::new(Tasks(Vec::new())) }
    }

    /// Starts to watch the kinds, on the current tokio runtime. The version of the API server decides how resource requests are
    /// added up. Parts that panic are started again by the supervisor.
    pub fn start(
        client: &Client,
        watched: impl Into<Watched>,
        server: Server,
        options: Options,
        supervisor: &Supervisor,
    ) -> Self {
        let watched = watched.into();
        let shared = Arc::new(Shared::new(options, server, &watched));
        let mut tasks = Vec::new();
        if !shared.states.is_empty() {
            let (writer, run) = writer::new(shared.clone());
            if let Err(error) = supervisor.thread(Part::Cache, "cache", run) {
                // Without the thread all tasks fail, the cache stays cold, and reviews say that placement is unknown.
                tracing::error!(%error, "the thread of the cache cannot be started");
            }
            let (page_buffer, large_event) = (Arc::default(), Arc::default());
            for kind in watched.kinds() {
                let watch = watch::Watch {
                    kind,
                    client: client.clone(),
                    shared: shared.clone(),
                    writer: writer.clone(),
                    page_buffer: Arc::clone(&page_buffer),
                    large_event: Arc::clone(&large_event),
                };
                let kept = supervisor.until_done(Part::Cache, move || watch.clone().run());
                tasks.push(kept.abort_handle());
            }
        }
        Self { shared, _tasks: Arc::new(Tasks(tasks)) }
    }

    /// The cluster as it is now. To compare two versions of a DaemonSet, use one view for both.
    pub fn view(&self) -> View {
        if self.shared.states.is_empty() {
            return View::Off;
        }
        let snapshot = self.shared.published.load_full();
        let missing = self.shared.missing(&snapshot);
        if !missing.is_empty() {
            return View::Cold { missing };
        }
        match self.shared.pod_security.load_full() {
            None => View::Ready(snapshot),
            // Copies share what they hold.
            Some(defaults) => View::Ready(Arc::new(Snapshot::clone(&snapshot).with_pod_security(defaults))),
        }
    }

    /// The kinds without which placement cannot be judged, and why each of them is missing. A refused kind other than nodes only makes the
    /// answer less complete; [`Cache::refusals`] has all of them.
    pub fn missing(&self) -> Vec<Missing> {
        self.shared.missing(&self.shared.published.load())
    }

    /// The kinds that the API server refuses, each with a message that names the verb and the resource.
    pub fn refusals(&self) -> Vec<(Kind, String)> {
        self.shared.published.load().refusals().to_vec()
    }

    /// How long ago the API server last answered, for each kind; `None` if it never has.
    pub fn age(&self) -> Vec<(Kind, Option<Duration>)> {
        self.shared.states.iter().map(|state| (state.kind, state.age())).collect()
    }

    /// The number of objects of each kind.
    pub fn counts(&self) -> Vec<(Kind, usize)> {
        let snapshot = self.shared.published.load();
        self.shared.states.iter().map(|state| (state.kind, snapshot.count(state.kind))).collect()
    }

    /// Sets the version of the API server. Objects that another version counts differently are listed again.
    pub fn set_server(&self, server: Server) {
        self.shared.set_server(server);
    }

    /// Sets what the API server's own configuration says of pod security.
    pub fn set_pod_security(&self, defaults: PodSecurityDefaults) {
        let differs = defaults != PodSecurityDefaults::default();
        self.shared.pod_security.store(differs.then(|| Arc::new(defaults)));
    }

    /// Waits until a connection to the API server is made after one ended before its time: the API server may have been replaced.
    pub async fn reconnected(&self) {
        self.shared.reconnected.notified().await;
    }
}

#[cfg(test)]
mod tests;
