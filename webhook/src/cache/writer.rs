//! The thread that reads the answers of the API server into a snapshot, and publishes copies of it.
//!
//! Only this thread changes the snapshot. What it publishes never changes: reviews do not wait for the thread, and it does not wait for
//! them. It is one thread so that all allocations of the snapshot come from one heap of the allocator.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::time::Instant;

use daemonset_validation::placement::{Kind, LiveSnapshot};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

use super::read::{Read, Reader};
use super::request::RequestError;
use super::shared::Shared;

/// Answers that may wait to be read. Each may be a whole page.
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

#[derive(Debug)]
struct Task {
    kind: Kind,
    work: Work,
    done: oneshot::Sender<Result<Read, RequestError>>,
    /// Its place in the queue.
    _place: OwnedSemaphorePermit,
}

/// Sends tasks to the thread, which ends when the last sender is dropped.
#[derive(Clone, Debug)]
pub(super) struct Writer {
    tasks: Sender<Task>,
    queue: Arc<Semaphore>,
}

impl Writer {
    /// Runs a task on the thread.
    ///
    /// # Errors
    ///
    /// [`RequestError::CacheClosed`] if the thread has ended; [`RequestError::WriterFailed`] if the task panicked;
    /// [`RequestError::Unreadable`] if a page cannot be parsed.
    pub(super) async fn work(&self, kind: Kind, work: Work) -> Result<Read, RequestError> {
        let (done, answer) = oneshot::channel();
        let place = self.queue.clone().acquire_owned().await.map_err(|_| RequestError::CacheClosed)?;
        let task = Task { kind, work, done, _place: place };
        self.tasks.send(task).map_err(|_| RequestError::CacheClosed)?;
        answer.await.map_err(|_| RequestError::WriterFailed)?
    }
}

/// A writer, and what its thread does. After a panic it is called again, and reads the whole cluster again: what the panic left may be
/// wrong. Reviews see what was published before until that is done.
pub(super) fn new(shared: Arc<Shared>) -> (Writer, impl FnMut() + Send + 'static) {
    let (sender, tasks) = mpsc::channel::<Task>();
    let mut again = false;
    let run = move || {
        let mut cluster = Cluster::new(&shared, again);
        again = true;
        cluster.follow(&tasks);
    };
    (Writer { tasks: sender, queue: Arc::new(Semaphore::new(QUEUE)) }, run)
}

/// The cluster as the thread knows it.
struct Cluster<'s> {
    shared: &'s Shared,
    live: LiveSnapshot,
    /// Whether it may be published.
    whole: bool,
    /// When it was last published.
    last: Option<Instant>,
    /// When what has changed since must be published.
    due: Option<Instant>,
}

impl<'s> Cluster<'s> {
    fn new(shared: &'s Shared, again: bool) -> Self {
        if again {
            shared.rebuilding.store(true, Ordering::Relaxed);
            shared.list_again();
        }
        Self { shared, live: LiveSnapshot::new(), whole: !again, last: None, due: None }
    }

    /// Executes tasks until the last sender is dropped.
    fn follow(&mut self, tasks: &Receiver<Task>) {
        loop {
            let task = match self.due {
                None => tasks.recv().map_err(|_| RecvTimeoutError::Disconnected),
                Some(due) => tasks.recv_timeout(due.saturating_duration_since(Instant::now())),
            };
            match task {
                Ok(Task { kind, work, done, _place }) => {
                    // The receiver is gone if the cache was dropped meanwhile.
                    let _ = done.send(self.execute(kind, work));
                }
                Err(RecvTimeoutError::Timeout) => self.publish(),
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    fn execute(&mut self, kind: Kind, work: Work) -> Result<Read, RequestError> {
        #[cfg(test)]
        if let Work::Lines(bytes) = &work {
            self.shared.faults.strike(bytes);
        }
        let mut reader = Reader { kind, server: self.shared.server(), live: &mut self.live };
        let read = match work {
            Work::Begin => {
                self.live.begin_list(kind);
                return Ok(Read::default());
            }
            Work::Page(bytes) => reader.page(&bytes).map(|read| Read { page: bytes, ..read })?,
            Work::Lines(bytes) => reader.lines(&bytes),
            Work::End => {
                self.live.end_list(kind);
                self.publish();
                self.shared.record_response(kind);
                return Ok(Read::default());
            }
            Work::Refuse(why) => {
                self.live.refuse(kind, why);
                self.publish();
                return Ok(Read::default());
            }
        };
        self.publish_soon();
        self.shared.record_response(kind);
        Ok(read)
    }

    /// Publishes at once, unless something was published just now.
    fn publish_soon(&mut self) {
        let due = self.last.and_then(|last| last.checked_add(self.shared.options.publish));
        match due {
            Some(due) if due > Instant::now() => self.due = Some(due),
            _ => self.publish(),
        }
    }

    fn publish(&mut self) {
        self.due = None;
        let snapshot = self.live.snapshot();
        if !self.whole {
            self.whole = self.shared.states.iter().all(|state| Shared::is_settled(snapshot, state.kind));
            if !self.whole {
                return;
            }
            self.shared.rebuilding.store(false, Ordering::Relaxed);
        }
        self.shared.published.store(Arc::new(snapshot.clone()));
        self.last = Some(Instant::now());
    }
}
