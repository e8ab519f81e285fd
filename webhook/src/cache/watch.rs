//! The task that keeps the objects of one kind up to date: a list in pages, then watches, and a list again when a watch cannot go on from
//! the known resource version.

use std::sync::Arc;
use std::time::{Duration, Instant};

use daemonset_validation::placement::{Kind, ListPages, watch_uri};
use http_body_util::BodyExt;
use kube::Client;
use kube::client::Body;
use tokio::sync::Mutex;

use super::page_size::PageSize;
use super::pieces::Pieces;
use super::read::Read;
use super::request::{self, RequestError};
use super::shared::Shared;
use super::writer::{Work, Writer};

/// Timeout of a request for a page.
const PAGE_TIMEOUT: Duration = Duration::from_secs(60);

/// How much longer than its timeout a watch may take before its connection counts as broken.
const GRACE: Duration = Duration::from_secs(30);

/// A watch that ends this much earlier than its timeout is ended by the API server for another reason: it shuts down.
const EARLY: Duration = Duration::from_secs(10);

/// How often the task for pods checks whether the nodes are listed. It starts after them, because each pod then finds its node at once.
const NODES_POLLED: Duration = Duration::from_millis(10);

/// After this many watches in a row that failed without an event, everything is listed again. A connection that breaks after a while does
/// not count: proxies close idle connections.
const WATCHES_BEFORE_LIST: u32 = 3;

/// The task of one kind.
#[derive(Clone)]
pub(super) struct Watch {
    pub(super) kind: Kind,
    pub(super) client: Client,
    pub(super) shared: Arc<Shared>,
    pub(super) writer: Writer,
    /// The buffer for a page. All kinds share it, so only one page is requested at a time; a new buffer for each page would fragment the
    /// heap with holes of several MiB.
    pub(super) page_buffer: Arc<Mutex<Vec<u8>>>,
    /// Held by the watch that collects a large event.
    pub(super) large_event: Arc<Mutex<()>>,
}

/// What the task knows between two requests.
struct Progress {
    /// The resource version up to which the cache is up to date; `None` if a list is needed.
    version: Option<String>,
    /// The pause after the next error.
    pause: Duration,
    /// Whether a watch was refused since the last one that succeeded.
    watch_refused: bool,
    /// How many watches in a row failed without an event.
    failed_watches: u32,
}

impl Watch {
    /// Keeps the kind up to date until the task is aborted.
    pub(super) async fn run(self) {
        let nodes = || Shared::is_settled(&self.shared.published.load(), Kind::Node);
        while self.kind == Kind::Pod && self.shared.state(Kind::Node).is_some() && !nodes() {
            tokio::time::sleep(NODES_POLLED).await;
        }
        let Some(state) = self.shared.state(self.kind) else { return };
        let pause = self.shared.options.pause.0;
        let mut progress = Progress { version: None, pause, watch_refused: false, failed_watches: 0 };
        loop {
            tokio::select! {
                biased;
                () = state.list_again.notified() => progress.version = None,
                turn = self.turn(&mut progress) => if turn.is_err() { return },
            }
        }
    }

    /// A list or a watch. Fails when the cache is closed.
    async fn turn(&self, progress: &mut Progress) -> Result<(), RequestError> {
        #[cfg(test)]
        self.shared.faults.strike_watch(self.kind);
        let began = Instant::now();
        let before = progress.version.clone();
        let result = match &before {
            None => self.list().await.map(Some),
            Some(from) => self.watch(from, &mut progress.version).await.map(|()| progress.version.clone()),
        };
        let took = began.elapsed();
        let brief = took <= self.shared.options.pause.0;
        match result {
            Ok(reached) => {
                if before.is_some() && took.saturating_add(EARLY) < self.shared.options.watch {
                    self.shared.disconnected();
                }
                self.succeeded(progress, before, reached, brief).await;
                Ok(())
            }
            Err(RequestError::CacheClosed) => Err(RequestError::CacheClosed),
            Err(error) => {
                if error.is_about_the_connection() {
                    self.shared.disconnected();
                }
                self.failed(progress, before, &error, brief).await
            }
        }
    }

    /// After a list, or a watch that the API server ended.
    async fn succeeded(
        &self,
        progress: &mut Progress,
        before: Option<String>,
        reached: Option<String>,
        brief: bool,
    ) {
        let moved = reached != before;
        if before.is_some() {
            progress.watch_refused = false;
            if moved || !brief {
                progress.failed_watches = 0;
            }
        }
        progress.version = reached;
        if (moved || !brief) && progress.failed_watches == 0 {
            progress.pause = self.shared.options.pause.0;
        } else {
            // Pause before the next watch: this one ended at once without an event, or those before the list failed.
            self.sleep(progress).await;
        }
    }

    /// After a list or a watch that failed. Fails itself when the cache is closed.
    async fn failed(
        &self,
        progress: &mut Progress,
        before: Option<String>,
        error: &RequestError,
        brief: bool,
    ) -> Result<(), RequestError> {
        let kind = self.kind.as_str();
        let verb = if before.is_some() { "watch" } else { "list" };
        if error.is_gone() {
            tracing::info!(kind, "the API server no longer has this resource version; listing again");
            progress.version = None;
        } else if error.is_refusal() && before.is_some() && !progress.watch_refused {
            // It was allowed until now, so this may be temporary, as when the API server has just started.
            tracing::info!(kind, %error, "a watch was refused; listing again");
            progress.watch_refused = true;
            progress.version = None;
        } else if error.is_refusal() {
            let message = self.refusal(verb, error);
            tracing::warn!(kind, "{message}");
            progress.version = None;
            self.writer.work(self.kind, Work::Refuse(message)).await?;
            tokio::time::sleep(self.shared.options.refused).await;
            return Ok(());
        } else {
            tracing::warn!(kind, %error, "the {verb} of {} failed", self.kind.plural());
            if progress.version != before {
                progress.failed_watches = 0;
            } else if before.is_some() && error.is_about_the_watch() && (brief || !error.is_broken()) {
                progress.failed_watches = progress.failed_watches.saturating_add(1);
            }
            // A watch whose connection broke goes on from its resource version. One whose events cannot be read, or that fails every
            // time, cannot.
            let lasting = progress.failed_watches > 0
                && progress.failed_watches.is_multiple_of(WATCHES_BEFORE_LIST)
                && before.is_some();
            if lasting || error.needs_list() {
                progress.version = None;
            }
        }
        self.sleep(progress).await;
        Ok(())
    }

    /// Sleeps for the current pause and doubles it. Each kind sleeps a little longer or shorter, so that not all kinds send a request at the
    /// same time.
    async fn sleep(&self, progress: &mut Progress) {
        let pause = progress.pause;
        let eighths = u32::try_from(self.kind as usize % 4).unwrap_or(0);
        let jitter = pause.checked_div(8).unwrap_or_default().saturating_mul(eighths);
        tokio::time::sleep(pause.saturating_add(jitter)).await;
        progress.pause = pause.saturating_mul(2).min(self.shared.options.pause.1);
    }

    /// The message about a refused request. It names the missing permission.
    fn refusal(&self, verb: &str, error: &RequestError) -> String {
        let kind = self.kind;
        let resource = match kind.group() {
            "" => kind.plural().to_owned(),
            group => format!("{}.{group}", kind.plural()),
        };
        let why = match error {
            RequestError::Status { code, message } => format!("{code}: {message}"),
            other => other.to_string(),
        };
        format!("the webhook may not {verb} {resource} (verb {verb}, for all namespaces): {why}")
    }

    /// Lists all objects. Returns the resource version of the list.
    async fn list(&self) -> Result<String, RequestError> {
        self.writer.work(self.kind, Work::Begin).await?;
        let mut size = PageSize::new(self.shared.options.page);
        let mut pages = ListPages::new(self.kind, size.now());
        loop {
            pages.set_limit(size.now());
            let read = match self.page(&pages.uri(), &mut size).await {
                Err(RequestError::Status { code, .. }) if pages.restarts_after(code) => {
                    self.writer.work(self.kind, Work::Begin).await?;
                    continue;
                }
                Err(RequestError::TooLarge) if size.was_too_large() => continue,
                read => read?,
            };
            if !pages.advance(read.next) {
                self.writer.work(self.kind, Work::End).await?;
                // When all kinds are listed, the buffer is not needed any more.
                let published = self.shared.published.load_full();
                if self.shared.states.iter().all(|state| Shared::is_settled(&published, state.kind)) {
                    *self.page_buffer.lock().await = Vec::new();
                }
                return Ok(read.version);
            }
        }
    }

    /// Reads a page of a list into the snapshot.
    async fn page(&self, uri: &str, size: &mut PageSize) -> Result<Read, RequestError> {
        let mut buffer = self.page_buffer.lock().await;
        let mut page = std::mem::take(&mut *buffer);
        page.clear();
        let reading = async {
            let body = request::send(&self.client, uri, request::accept(self.kind, false)).await?;
            self.shared.connected();
            request::read(body, &mut page).await
        };
        tokio::time::timeout(PAGE_TIMEOUT, reading)
            .await
            .map_err(|_| RequestError::Timeout(PAGE_TIMEOUT))??;
        let bytes = page.len();
        let mut read = self.writer.work(self.kind, Work::Page(page)).await?;
        size.was(read.items, bytes);
        *buffer = std::mem::take(&mut read.page);
        Ok(read)
    }

    /// Applies the events after a resource version. `version` follows the events, also when the watch fails.
    async fn watch(&self, from: &str, version: &mut Option<String>) -> Result<(), RequestError> {
        let timeout = self.shared.options.watch;
        let silence = timeout.saturating_add(GRACE);
        let uri = watch_uri(self.kind, from, timeout.as_secs().max(1));
        let accept = request::accept(self.kind, true);
        let sent = tokio::time::timeout(GRACE, request::send(&self.client, &uri, accept));
        let mut body: Body = sent.await.map_err(|_| RequestError::Timeout(GRACE))??;
        self.shared.connected();
        self.shared.record_response(self.kind);
        let mut pieces = Pieces::new(self.large_event.clone());
        loop {
            let patience = pieces.patience(silence);
            let frame = tokio::time::timeout(patience, body.frame()).await;
            let Some(frame) = frame.map_err(|_| RequestError::Timeout(patience))? else { return Ok(()) };
            let frame = frame.map_err(|error| RequestError::Broken(error.to_string()))?;
            let Ok(data) = frame.into_data() else { continue };
            let Some(mut lines) = pieces.add(&data).await? else { continue };
            let bytes = std::mem::take(&mut lines.bytes);
            let read = self.writer.work(self.kind, Work::Lines(bytes)).await?;
            drop(lines);
            if !read.version.is_empty() {
                *version = Some(read.version);
            }
            if let Some(error) = read.error {
                return Err(error);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use daemonset_validation::Server;

    use super::*;
    use crate::cache::{Cache, Mode, Options};
    use crate::metrics::Metrics;
    use crate::supervise::Supervisor;

    /// A client of an API server that answers lists with as many nodes as there were lists so far, and watches by `watch`.
    fn client(lists: Arc<AtomicUsize>, watches: Arc<AtomicUsize>, watch: fn() -> Option<u16>) -> Client {
        let service = tower::service_fn(move |request: http::Request<Body>| {
            let uri = request.uri().to_string();
            let (status, body) = if uri.contains("watch=1") {
                watches.fetch_add(1, Ordering::SeqCst);
                (watch(), r#"{"kind":"Status","message":"out of order"}"#.to_owned())
            } else if uri.starts_with("/api/v1/nodes") {
                let count = lists.fetch_add(1, Ordering::SeqCst).saturating_add(1);
                let nodes: Vec<String> =
                    (0..count).map(|number| format!(r#"{{"metadata":{{"name":"n{number}"}}}}"#)).collect();
                let items = nodes.join(",");
                (Some(200), format!(r#"{{"metadata":{{"resourceVersion":"7"}},"items":[{items}]}}"#))
            } else {
                (Some(200), r#"{"metadata":{"resourceVersion":"7"},"items":[]}"#.to_owned())
            };
            async move {
                let Some(status) = status else { return Err(std::io::Error::other("connection refused")) };
                Ok(http::Response::builder().status(status).body(Body::from(body.into_bytes())).unwrap())
            }
        });
        Client::new(service, "default")
    }

    fn cache(client: &Client) -> Cache {
        let pause = (Duration::from_millis(2), Duration::from_millis(10));
        let supervisor = Supervisor::new(Metrics::new().into());
        Cache::start(
            client,
            Mode::Nodes,
            Server::newest(),
            Options { pause, ..Options::default() },
            &supervisor,
        )
    }

    async fn until(what: &str, holds: impl Fn() -> bool) {
        let start = Instant::now();
        while !holds() {
            assert!(start.elapsed() < Duration::from_secs(20), "waited too long until {what}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    #[tokio::test]
    async fn watches_that_keep_failing_are_followed_by_a_list() {
        let (lists, watches) = (Arc::<AtomicUsize>::default(), Arc::<AtomicUsize>::default());
        let cache = cache(&client(lists.clone(), watches, || Some(500)));
        let nodes = || cache.counts().iter().find(|(kind, _)| *kind == Kind::Node).map(|(_, count)| *count);
        until("the nodes are listed a third time", || nodes() >= Some(3)).await;
        assert!(cache.missing().is_empty());
    }

    #[tokio::test]
    async fn an_api_server_that_cannot_be_reached_is_not_asked_for_everything_again() {
        for watch in [(|| None) as fn() -> Option<u16>, || Some(429)] {
            let (lists, watches) = (Arc::<AtomicUsize>::default(), Arc::<AtomicUsize>::default());
            let _cache = cache(&client(lists.clone(), watches.clone(), watch));
            // Ten kinds are watched.
            until("many watches have failed", || watches.load(Ordering::SeqCst) > 200).await;
            assert_eq!(lists.load(Ordering::SeqCst), 1);
        }
    }
}
