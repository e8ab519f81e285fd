//! The one thread that reads what the API server sends and writes it into the snapshot.
//!
//! Reading is the longer part and needs no lock; the lock is held for a few objects at a time, so a review that waits for it waits
//! for microseconds. Being one thread, it keeps its memory in one place.

use std::sync::{Arc, PoisonError, RwLockWriteGuard};

use daemonset_validation::placement::{Kind, LiveSnapshot, Object};
use serde_json::value::RawValue;
use tokio::sync::{mpsc, oneshot};

use super::Shared;
use super::answer::{Event, Head, Page, Status};
use super::request::Problem;

/// As many objects are written under one lock.
const AT_ONCE: usize = 64;

/// As many answers may wait to be read; each may be a page.
const WAITING: usize = 2;

/// What is to be read or written.
#[derive(Debug)]
pub(super) enum Work {
    /// A list begins.
    Begin,
    /// A page of it.
    Page(Vec<u8>),
    /// It is complete.
    End,
    /// Lines of a watch.
    Lines(Vec<u8>),
    /// The kind may not be read.
    Refuse(String),
}

/// What was read.
#[derive(Debug, Default)]
pub(super) struct Read {
    /// The token of the next page, empty behind the last one.
    pub(super) next: String,
    /// The state that is reached; empty where nothing says so.
    pub(super) version: String,
    /// The error that ends a watch.
    pub(super) error: Option<Problem>,
    /// The memory of the page that was read.
    pub(super) page: Vec<u8>,
}

type Task = (Kind, Work, oneshot::Sender<Result<Read, Problem>>);

/// The way to the thread, which ends with the last of these.
#[derive(Clone, Debug)]
pub(super) struct Writer(mpsc::Sender<Task>);

impl Writer {
    /// Lets the thread do something.
    pub(super) async fn work(&self, kind: Kind, work: Work) -> Result<Read, Problem> {
        let (done, answer) = oneshot::channel();
        self.0.send((kind, work, done)).await.map_err(|_| Problem::Ends)?;
        answer.await.map_err(|_| Problem::Ends)?
    }
}

/// Starts the thread.
pub(super) fn start(shared: Arc<Shared>) -> Writer {
    let (sender, mut tasks) = mpsc::channel::<Task>(WAITING);
    let run = move || {
        while let Some((kind, work, done)) = tasks.blocking_recv() {
            // Nobody listens any more where the cache was given up meanwhile.
            let _ = done.send(execute(&shared, kind, work));
        }
    };
    if let Err(error) = std::thread::Builder::new().name("cache".to_owned()).spawn(run) {
        // Without the thread all work is refused, the cache stays cold, and reviews say so.
        tracing::error!(%error, "the cache's thread cannot be started");
    }
    Writer(sender)
}

fn lock(shared: &Shared) -> RwLockWriteGuard<'_, LiveSnapshot> {
    shared.live.write().unwrap_or_else(PoisonError::into_inner)
}

fn execute(shared: &Shared, kind: Kind, work: Work) -> Result<Read, Problem> {
    let refused = matches!(work, Work::Refuse(_));
    let read = match work {
        Work::Begin => {
            lock(shared).begin_list(kind);
            Ok(Read::default())
        }
        Work::Page(bytes) => page(shared, kind, &bytes).map(|read| Read { page: bytes, ..read }),
        Work::End => {
            lock(shared).end_list(kind);
            if let Some(state) = shared.state(kind) {
                state.set_read();
            }
            Ok(Read::default())
        }
        Work::Lines(bytes) => Ok(lines(shared, kind, &bytes)),
        Work::Refuse(why) => {
            lock(shared).refuse(kind, why.clone());
            if let Some(state) = shared.state(kind) {
                state.refuse(why);
            }
            Ok(Read::default())
        }
    };
    if let Some(state) = shared.state(kind) {
        let live = shared.live.read().unwrap_or_else(PoisonError::into_inner);
        state.set_count(live.count(kind));
        if read.is_ok() && !refused {
            state.hear();
        }
    }
    read
}

/// A change that is ready to be written.
enum Change {
    Upsert(Object),
    Remove(String, String),
}

fn write(shared: &Shared, kind: Kind, changes: Vec<Change>) {
    let mut changes = changes.into_iter().peekable();
    while changes.peek().is_some() {
        let mut live = lock(shared);
        for change in changes.by_ref().take(AT_ONCE) {
            match change {
                Change::Upsert(object) => live.upsert(object),
                Change::Remove(namespace, name) => live.remove(kind, &namespace, &name),
            }
        }
    }
}

fn object(shared: &Shared, kind: Kind, text: &RawValue) -> Option<Object> {
    let mut reader = serde_json::Deserializer::from_str(text.get());
    match Object::read(kind, &mut reader, &shared.server) {
        Ok(object) => Some(object),
        Err(error) => {
            let head: Head<'_> = serde_json::from_str(text.get()).unwrap_or_default();
            let (namespace, name) = (&head.metadata.namespace, &head.metadata.name);
            tracing::warn!(kind = kind.as_str(), %namespace, %name, %error, "an object cannot be read, and does not count");
            None
        }
    }
}

fn page(shared: &Shared, kind: Kind, bytes: &[u8]) -> Result<Read, Problem> {
    let page: Page<'_> =
        serde_json::from_slice(bytes).map_err(|error| Problem::Unreadable(error.to_string()))?;
    // A few at a time: what a page becomes need not be there all at once.
    for items in page.items.unwrap_or_default().chunks(AT_ONCE) {
        let changes = items.iter().filter_map(|item| object(shared, kind, item).map(Change::Upsert));
        write(shared, kind, changes.collect());
    }
    Ok(Read {
        next: page.metadata.next.into_owned(),
        version: page.metadata.resource_version.into_owned(),
        ..Read::default()
    })
}

fn lines(shared: &Shared, kind: Kind, bytes: &[u8]) -> Read {
    let mut read = Read::default();
    let mut changes = Vec::new();
    for line in bytes.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty()) {
        if let Err(problem) = line_of(shared, kind, line, &mut changes, &mut read.version) {
            read.error = Some(problem);
            break;
        }
    }
    write(shared, kind, changes);
    read
}

fn line_of(
    shared: &Shared,
    kind: Kind,
    line: &[u8],
    changes: &mut Vec<Change>,
    version: &mut String,
) -> Result<(), Problem> {
    let unreadable = |error: serde_json::Error| Problem::Unreadable(error.to_string());
    let event: Event<'_> = serde_json::from_slice(line).map_err(unreadable)?;
    if event.kind == "ERROR" {
        let status: Status = serde_json::from_str(event.object.get()).map_err(unreadable)?;
        return Err(Problem::Status { code: status.code, message: status.message });
    }
    let head: Head<'_> = serde_json::from_str(event.object.get()).map_err(unreadable)?;
    match &*event.kind {
        "ADDED" | "MODIFIED" => changes.extend(object(shared, kind, event.object).map(Change::Upsert)),
        "DELETED" => {
            let Head { metadata } = &head;
            changes.push(Change::Remove(metadata.namespace.to_string(), metadata.name.to_string()));
        }
        _ => {}
    }
    if !head.metadata.resource_version.is_empty() {
        *version = head.metadata.resource_version.into_owned();
    }
    Ok(())
}
