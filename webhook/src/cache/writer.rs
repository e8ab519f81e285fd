//! The thread that parses the answers of the API server and writes their objects into the snapshot.
//!
//! Parsing takes most of the time and needs no lock. Objects are written in batches of [`BATCH`], and the lock is released between two
//! batches. The end of a list takes the lock once, for all objects that are gone. It is one thread so that all allocations of the snapshot
//! come from one heap of the allocator.

use std::sync::{Arc, PoisonError, RwLockWriteGuard};

use daemonset_validation::placement::{Kind, LiveSnapshot, Object};
use serde_json::value::RawValue;
use tokio::sync::{mpsc, oneshot};

use super::answer::{Event, Head, Page, Status};
use super::request::RequestError;
use super::shared::Shared;

/// Objects that are written under one lock.
const BATCH: usize = 64;

/// Answers that may wait to be parsed. Each may be a whole page.
const QUEUE: usize = 2;

/// A task for the thread.
#[derive(Debug)]
pub(super) enum Work {
    /// A list begins.
    Begin,
    /// A page of it.
    Page(Vec<u8>),
    /// The list is complete.
    End,
    /// Events of a watch, one in a line.
    Lines(Vec<u8>),
    /// The API server refuses the kind, with this message.
    Refuse(String),
}

/// The result of a task.
#[derive(Debug, Default)]
pub(super) struct Read {
    /// The token of the next page; empty after the last one.
    pub(super) next: String,
    /// The resource version of the list or of the last event; empty if there is none.
    pub(super) version: String,
    /// The error that ended the watch.
    pub(super) error: Option<RequestError>,
    /// The buffer of the page, to be used again.
    pub(super) page: Vec<u8>,
}

type Task = (Kind, Work, oneshot::Sender<Result<Read, RequestError>>);

/// Sends tasks to the thread, which ends when the last sender is dropped.
#[derive(Clone, Debug)]
pub(super) struct Writer(mpsc::Sender<Task>);

impl Writer {
    /// Runs a task on the thread.
    ///
    /// # Errors
    ///
    /// [`RequestError::CacheClosed`] if the thread has ended; [`RequestError::Unreadable`] if a page cannot be parsed.
    pub(super) async fn work(&self, kind: Kind, work: Work) -> Result<Read, RequestError> {
        let (done, answer) = oneshot::channel();
        self.0.send((kind, work, done)).await.map_err(|_| RequestError::CacheClosed)?;
        answer.await.map_err(|_| RequestError::CacheClosed)?
    }
}

/// Starts the thread.
pub(super) fn start(shared: Arc<Shared>) -> Writer {
    let (sender, mut tasks) = mpsc::channel::<Task>(QUEUE);
    let run = move || {
        while let Some((kind, work, done)) = tasks.blocking_recv() {
            // The receiver is gone if the cache was dropped meanwhile.
            let _ = done.send(execute(&shared, kind, work));
        }
    };
    if let Err(error) = std::thread::Builder::new().name("cache".to_owned()).spawn(run) {
        // Without the thread all tasks fail, the cache stays cold, and reviews say that placement is unknown.
        tracing::error!(%error, "the thread of the cache cannot be started");
    }
    Writer(sender)
}

fn lock(shared: &Shared) -> RwLockWriteGuard<'_, LiveSnapshot> {
    shared.live.write().unwrap_or_else(PoisonError::into_inner)
}

fn execute(shared: &Shared, kind: Kind, work: Work) -> Result<Read, RequestError> {
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
                state.set_listed();
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
            state.record_response();
        }
    }
    read
}

/// A parsed change.
enum Change {
    Upsert(Object),
    Remove(String, String),
}

fn write(shared: &Shared, kind: Kind, changes: Vec<Change>) {
    let mut changes = changes.into_iter().peekable();
    while changes.peek().is_some() {
        let mut live = lock(shared);
        for change in changes.by_ref().take(BATCH) {
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
            tracing::warn!(kind = kind.as_str(), %namespace, %name, %error, "an object cannot be read and is skipped");
            None
        }
    }
}

fn page(shared: &Shared, kind: Kind, bytes: &[u8]) -> Result<Read, RequestError> {
    let page: Page<'_> =
        serde_json::from_slice(bytes).map_err(|error| RequestError::Unreadable(error.to_string()))?;
    // In batches, so that not all parsed objects of a page are in memory at the same time.
    for items in page.items.unwrap_or_default().chunks(BATCH) {
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
        if let Err(error) = line_of(shared, kind, line, &mut changes, &mut read.version) {
            read.error = Some(error);
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
) -> Result<(), RequestError> {
    let unreadable = |error: serde_json::Error| RequestError::Unreadable(error.to_string());
    let event: Event<'_> = serde_json::from_slice(line).map_err(unreadable)?;
    if event.kind == "ERROR" {
        let status: Status = serde_json::from_str(event.object.get()).map_err(unreadable)?;
        return Err(RequestError::Status { code: status.code, message: status.message });
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
