//! Reviews whose bodies are still arriving. Where a limit is reached, the one whose client has sent nothing for longest gives way.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;

use super::moment::Moment;

/// A client that has sent nothing for this long gives way if others need its place. API servers send a review in one piece.
const STALLED: Duration = Duration::from_millis(20);

/// The reviews whose bodies are arriving.
#[derive(Debug, Default)]
pub(super) struct Readers(Mutex<Table>);

#[derive(Debug, Default)]
struct Table {
    next: u64,
    readers: BTreeMap<u64, Arc<Reader>>,
}

/// A review whose body is arriving.
#[derive(Debug)]
pub(super) struct Reader {
    peer: IpAddr,
    /// Whether it waits for its client, not for memory.
    waits: AtomicBool,
    since: Moment,
    told: AtomicBool,
    leave: Notify,
}

impl Reader {
    /// It waits for its client from now on, or no longer.
    pub(super) fn waits(&self, waits: bool) {
        self.since.set();
        self.waits.store(waits, Ordering::Relaxed);
    }

    /// Waits until it has to give way.
    pub(super) async fn gives_way(&self) {
        self.leave.notified().await;
    }

    fn stalled(&self) -> Option<Duration> {
        let waits = self.waits.load(Ordering::Relaxed) && !self.told.load(Ordering::Relaxed);
        waits.then(|| self.since.elapsed()).filter(|time| *time >= STALLED)
    }
}

impl Readers {
    fn table(&self) -> MutexGuard<'_, Table> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a review. It waits for its client.
    pub(super) fn add(&self, peer: IpAddr) -> Reading<'_> {
        let reader = Arc::new(Reader {
            peer,
            waits: AtomicBool::new(true),
            since: Moment::now(),
            told: AtomicBool::new(false),
            leave: Notify::new(),
        });
        let mut table = self.table();
        let number = table.next;
        table.next = number.wrapping_add(1);
        table.readers.insert(number, reader.clone());
        Reading { readers: self, number, reader }
    }

    /// Whether the body of a review is arriving; of one of this peer, if there is one given.
    pub(super) fn is_any(&self, peer: Option<IpAddr>) -> bool {
        let table = self.table();
        peer.map_or(!table.readers.is_empty(), |peer| {
            table.readers.values().any(|reader| reader.peer == peer)
        })
    }

    /// Makes the review give way whose client has stalled for longest; one of this peer, if there is one given. Returns whether there was
    /// one.
    pub(super) fn push_out(&self, peer: Option<IpAddr>) -> bool {
        let table = self.table();
        let of_peer = |reader: &&Arc<Reader>| peer.is_none_or(|peer| reader.peer == peer);
        let stalled = table.readers.values().filter(of_peer);
        let longest =
            stalled.filter_map(|reader| Some((reader.stalled()?, reader))).max_by_key(|(time, _)| *time);
        let Some((_, reader)) = longest else { return false };
        reader.told.store(true, Ordering::Relaxed);
        reader.leave.notify_one();
        true
    }
}

/// A review on the list. Dropping it takes it off.
#[derive(Debug)]
pub(super) struct Reading<'r> {
    readers: &'r Readers,
    number: u64,
    reader: Arc<Reader>,
}

impl std::ops::Deref for Reading<'_> {
    type Target = Reader;

    fn deref(&self) -> &Reader {
        &self.reader
    }
}

impl Drop for Reading<'_> {
    fn drop(&mut self) {
        self.readers.table().readers.remove(&self.number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_one_that_has_stalled_longest_gives_way() {
        let readers = Readers::default();
        let (one, two): (IpAddr, IpAddr) = ([10, 0, 0, 1].into(), [10, 0, 0, 2].into());
        let first = readers.add(one);
        assert!(!readers.push_out(None), "it has only just begun");
        tokio::time::sleep(STALLED).await;
        let second = readers.add(two);
        let busy = readers.add(one);
        busy.waits(false);
        tokio::time::sleep(STALLED).await;
        assert!(!readers.push_out(Some([10, 0, 0, 3].into())));
        assert!(readers.push_out(Some(two)));
        second.gives_way().await;
        assert!(readers.push_out(None));
        first.gives_way().await;
        assert!(!readers.push_out(None), "all that wait for their clients were told");
        drop((first, second, busy));
        assert!(readers.table().readers.is_empty());
    }
}
