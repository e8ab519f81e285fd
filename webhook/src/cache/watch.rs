//! The task that keeps one kind up to date: a list in pages, then watches, and a list again where the API server has forgotten
//! where we were.

use std::sync::Arc;
use std::time::{Duration, Instant};

use daemonset_validation::placement::Kind;
use http_body_util::BodyExt;
use kube::Client;
use kube::client::Body;
use tokio::sync::Mutex;

use super::Shared;
use super::request::{self, Problem};
use super::state::State;
use super::writer::{Work, Writer};

/// A page takes the server at most this long.
const PAGE: Duration = Duration::from_secs(60);

/// Beyond its time a watch is given so long before it counts as broken.
const GRACE: Duration = Duration::from_secs(30);

/// Pods wait until the nodes are there, since each finds its node at once then.
const NODES_POLLED: Duration = Duration::from_millis(10);

/// One kind.
pub(super) struct Watch {
    pub(super) kind: Kind,
    pub(super) client: Client,
    pub(super) shared: Arc<Shared>,
    pub(super) writer: Writer,
    /// Who has it may ask for a page. It is the page's memory, the same for all pages of all kinds: made anew for each, it would leave
    /// holes of several MiB behind.
    pub(super) turn: Arc<Mutex<Vec<u8>>>,
}

impl Watch {
    /// Keeps the kind up to date until the task is aborted.
    pub(super) async fn keep(self) {
        while self.kind == Kind::Pod && self.shared.state(Kind::Node).is_some_and(|state| !state.is_settled())
        {
            tokio::time::sleep(NODES_POLLED).await;
        }
        let (least, most) = self.shared.options.pause;
        let mut pause = least;
        // The state up to which everything is known.
        let mut version: Option<String> = None;
        let mut doubted = false;
        loop {
            let began = Instant::now();
            let before = version.clone();
            let (verb, result) = match &before {
                None => ("list", self.list().await.map(Some)),
                Some(from) => ("watch", self.watch(from, &mut version).await.map(|()| version.clone())),
            };
            match result {
                Ok(reached) => {
                    doubted &= before.is_none();
                    let moved = reached != before;
                    version = reached;
                    if moved || began.elapsed() > least {
                        pause = least;
                    } else {
                        // A watch that ends at once and says nothing must not be asked for in a circle.
                        self.sleep(&mut pause, most).await;
                    }
                }
                Err(Problem::Ends) => return,
                Err(problem) if problem.is_gone() => {
                    tracing::info!(
                        kind = self.kind.as_str(),
                        "the API server has forgotten the state, so all is listed again"
                    );
                    version = None;
                    self.sleep(&mut pause, most).await;
                }
                Err(problem) if problem.is_refusal() && before.is_some() && !doubted => {
                    // What was allowed until now may be so again in a moment, as when the API server has just started.
                    tracing::info!(kind = self.kind.as_str(), %problem, "a watch is refused, so all is listed again");
                    doubted = true;
                    version = None;
                    self.sleep(&mut pause, most).await;
                }
                Err(problem) if problem.is_refusal() => {
                    let sentence = self.refusal(verb, &problem);
                    tracing::warn!(kind = self.kind.as_str(), "{sentence}");
                    version = None;
                    if self.writer.work(self.kind, Work::Refuse(sentence)).await.is_err() {
                        return;
                    }
                    tokio::time::sleep(self.shared.options.refused).await;
                }
                Err(problem) => {
                    tracing::warn!(kind = self.kind.as_str(), %problem, "the {verb} of {} broke off", self.kind.plural());
                    // A state that cannot be read on from is given up; a connection that broke is taken up again where it was.
                    if matches!(problem, Problem::Unreadable(_)) {
                        version = None;
                    }
                    self.sleep(&mut pause, most).await;
                }
            }
        }
    }

    /// Waits, longer each time. Different kinds wait differently long, so that they do not come back together.
    async fn sleep(&self, pause: &mut Duration, most: Duration) {
        let more = u32::try_from(self.kind as usize % 4).unwrap_or(0);
        let jitter = pause.checked_div(8).unwrap_or_default().saturating_mul(more);
        tokio::time::sleep(pause.saturating_add(jitter)).await;
        *pause = pause.saturating_mul(2).min(most);
    }

    /// What is missing, so that whoever runs the webhook can grant it.
    fn refusal(&self, verb: &str, problem: &Problem) -> String {
        let kind = self.kind;
        let resource = match kind.group() {
            "" => kind.plural().to_owned(),
            group => format!("{}.{group}", kind.plural()),
        };
        let why = match problem {
            Problem::Status { code, message } => format!("{code}: {message}"),
            other => other.to_string(),
        };
        format!("the webhook may not {verb} {resource} (verb {verb}, for all namespaces): {why}")
    }

    /// Lists everything; the answer is the state that is known then.
    async fn list(&self) -> Result<String, Problem> {
        self.writer.work(self.kind, Work::Begin).await?;
        let mut token = String::new();
        loop {
            let read = {
                let mut turn = self.turn.lock().await;
                let uri = request::list(self.kind, self.shared.options.page, &token);
                let mut page = std::mem::take(&mut *turn);
                page.clear();
                let reading =
                    async { request::read(request::send(&self.client, &uri).await?, &mut page).await };
                tokio::time::timeout(PAGE, reading).await.map_err(|_| Problem::Silent(PAGE))??;
                let mut read = self.writer.work(self.kind, Work::Page(page)).await?;
                *turn = std::mem::take(&mut read.page);
                read
            };
            if read.next.is_empty() {
                self.writer.work(self.kind, Work::End).await?;
                // Once all is listed, the memory goes.
                if self.shared.states.iter().all(State::is_settled) {
                    *self.turn.lock().await = Vec::new();
                }
                return Ok(read.version);
            }
            token = read.next;
        }
    }

    /// Follows what happens after a state, and says how far it came, also where it broke off.
    async fn watch(&self, from: &str, version: &mut Option<String>) -> Result<(), Problem> {
        let lasting = self.shared.options.watch;
        let silence = lasting.saturating_add(GRACE);
        let uri = request::watch(self.kind, from, lasting);
        let sent = tokio::time::timeout(GRACE, request::send(&self.client, &uri));
        let mut body: Body = sent.await.map_err(|_| Problem::Silent(GRACE))??;
        if let Some(state) = self.shared.state(self.kind) {
            state.hear();
        }
        let mut pending: Vec<u8> = Vec::new();
        loop {
            let frame = tokio::time::timeout(silence, body.frame()).await;
            let Some(frame) = frame.map_err(|_| Problem::Silent(silence))? else { return Ok(()) };
            let frame = frame.map_err(|error| Problem::Broken(error.to_string()))?;
            let Ok(data) = frame.into_data() else { continue };
            request::append(&mut pending, &data)?;
            let Some(end) = pending.iter().rposition(|byte| *byte == b'\n') else { continue };
            let rest = pending.split_off(end.saturating_add(1));
            let lines = std::mem::replace(&mut pending, rest);
            let read = self.writer.work(self.kind, Work::Lines(lines)).await?;
            if !read.version.is_empty() {
                *version = Some(read.version);
            }
            if let Some(problem) = read.error {
                return Err(problem);
            }
        }
    }
}
