//! A thread that reads the folder once a second. A volume that hangs holds up this thread only, and there is only this one.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::watch::{Receiver, channel};

use super::read::Pair;

/// How often the folder is read.
pub(super) const EVERY: Duration = Duration::from_secs(1);

/// The folder is being read by nobody.
const IDLE: u64 = u64::MAX;

/// What a read returned.
pub(super) type Found = Arc<Result<Pair, String>>;

/// The thread's latest result. The thread ends when all clones are gone.
#[derive(Clone)]
pub(super) struct Poller {
    found: Receiver<Option<Found>>,
    started: Instant,
    /// Milliseconds after `started` at which the current read began, or [`IDLE`].
    began: Arc<AtomicU64>,
}

impl Poller {
    /// Starts the thread. `read` reads the folder.
    ///
    /// # Errors
    ///
    /// The system's, if the thread cannot be started.
    pub(super) fn start(
        dir: PathBuf,
        every: Duration,
        read: impl Fn(&Path) -> Result<Pair, String> + Send + 'static,
    ) -> std::io::Result<Poller> {
        let (sender, found) = channel(None);
        let (started, began) = (Instant::now(), Arc::new(AtomicU64::new(0)));
        let reading = began.clone();
        std::thread::Builder::new().name("certificates".to_owned()).stack_size(256 << 10).spawn(
            move || {
                while !sender.is_closed() {
                    reading.store(millis(started.elapsed()), Ordering::Relaxed);
                    let found = read(&dir);
                    reading.store(IDLE, Ordering::Relaxed);
                    sender.send_if_modified(|last: &mut Option<Found>| {
                        let changed = last.as_deref() != Some(&found);
                        if changed {
                            *last = Some(Arc::new(found));
                        }
                        changed
                    });
                    std::thread::sleep(every);
                }
            },
        )?;
        Ok(Poller { found, started, began })
    }

    /// The result of the first read, unless it takes longer than `longest`.
    pub(super) fn first(&self, longest: Duration) -> Option<Found> {
        let start = Instant::now();
        while start.elapsed() < longest {
            if let Some(found) = self.found.borrow().clone() {
                return Some(found);
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        None
    }

    /// The latest result, which [`Poller::changed`] then no longer returns.
    pub(super) fn latest(&mut self) -> Option<Found> {
        self.found.borrow_and_update().clone()
    }

    /// Waits for another result. Returns `None` if the thread has ended.
    pub(super) async fn changed(&mut self) -> Option<Found> {
        self.found.changed().await.ok()?;
        self.latest()
    }

    /// Whether the thread has ended.
    pub(super) fn ended(&self) -> bool {
        self.found.has_changed().is_err()
    }

    /// How long the current read has taken so far; zero if there is none.
    pub(super) fn reading_for(&self) -> Duration {
        match self.began.load(Ordering::Relaxed) {
            IDLE => Duration::ZERO,
            began => self.started.elapsed().saturating_sub(Duration::from_millis(began)),
        }
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(IDLE)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;
    use std::sync::{Mutex, mpsc};

    use super::*;

    /// Reads that hang as a network volume does whose server does not answer.
    #[tokio::test]
    async fn a_read_that_hangs_is_the_only_one_and_holds_nobody_up() {
        let (go, gate) = mpsc::channel::<()>();
        let (gate, reads) = (Mutex::new(gate), Arc::new(AtomicUsize::new(0)));
        let counted = reads.clone();
        let mut poller = Poller::start(PathBuf::new(), Duration::from_millis(1), move |_| {
            let number = counted.fetch_add(1, Ordering::Relaxed);
            if number > 0 {
                let _ = gate.lock().unwrap().recv();
            }
            Err(number.to_string())
        })
        .unwrap();
        let said = |found: Option<Found>| found.unwrap().as_ref().as_ref().unwrap_err().clone();
        assert_eq!(said(poller.first(Duration::from_secs(30))), "0");
        assert_eq!(said(poller.latest()), "0");
        while reads.load(Ordering::Relaxed) < 2 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
        assert_eq!(reads.load(Ordering::Relaxed), 2, "a second read has begun while the first one hangs");
        assert!(poller.reading_for() >= Duration::from_millis(40));
        assert!(!poller.ended());
        go.send(()).unwrap();
        assert_eq!(said(poller.changed().await), "1");
        drop(go);
    }

    #[test]
    fn a_first_read_that_hangs_does_not_hold_up_the_start() {
        let (go, gate) = mpsc::channel::<()>();
        let gate = Mutex::new(gate);
        let poller = Poller::start(PathBuf::new(), Duration::from_millis(1), move |_| {
            let _ = gate.lock().unwrap().recv();
            Err(String::new())
        })
        .unwrap();
        assert!(poller.first(Duration::from_millis(20)).is_none());
        drop(go);
        assert!(poller.first(Duration::from_secs(30)).is_some());
    }

    #[test]
    fn the_thread_ends_with_its_last_reader() {
        let alive = Arc::new(());
        let held = Arc::downgrade(&alive);
        let poller = Poller::start(PathBuf::new(), Duration::from_millis(1), move |_| {
            let _alive = &alive;
            Err(String::new())
        })
        .unwrap();
        poller.first(Duration::from_secs(30));
        drop(poller);
        while held.upgrade().is_some() {
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}
