//! The table of connections: how many there may be, how many of one peer address, and which one gives way if there are too many.
//!
//! A connection that answers a request never gives way.

mod caller;
mod peer;

pub(super) use caller::Caller;
pub(super) use peer::{Peer, Shares};

use caller::Stage;
use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

/// How long the head of a request may take. API servers send it in one piece.
const HEAD_TIMEOUT: Duration = Duration::from_secs(5);

/// How long a connection may be idle. The API server closes its idle connections after 90 s. If they were closed earlier, a review might
/// already be on its way, and the API server does not retry it.
pub(super) const IDLE_TIMEOUT: Duration = Duration::from_secs(150);

/// Connections that wait for their client this long give way first.
const LONG: Duration = Duration::from_secs(1);

/// A connection that waits for its client for less than this never gives way.
const SHORT: Duration = Duration::from_millis(250);

/// The most connections that were told to leave and are still open.
const MAX_LEAVING: usize = 64;

/// The most connections that wait because their peer has its share.
const MAX_WAITING: usize = 64;

/// The connections of the listener.
#[derive(Debug)]
pub(super) struct Connections {
    table: Mutex<Table>,
    most: usize,
    most_handshakes: usize,
    most_http2: usize,
    shares: Shares,
    /// A connection has ended.
    ended: Notify,
    /// Places for connections that wait because their peer has its share.
    waiting: Arc<Semaphore>,
}

#[derive(Debug, Default)]
struct Table {
    next: u64,
    /// In the order in which they were opened.
    open: BTreeMap<u64, Arc<Caller>>,
    /// Of those that were told to leave, the ones that are still open.
    leaving: usize,
    peers: HashMap<IpAddr, Arc<Peer>>,
    /// How many were told to leave since the last sweep.
    told: usize,
}

/// What happens to a new connection.
#[derive(Debug)]
pub(super) enum Admission {
    /// It is admitted.
    Admitted(Place),
    /// Its peer has all connections that one may have, and all answer requests.
    Crowded,
    /// There are too many connections, and all answer requests. Another attempt may succeed after [`Connections::changed`].
    Full,
}

impl Connections {
    /// An empty table for at most this many connections.
    pub(super) fn new(most: usize, shares: Shares) -> Self {
        Self {
            table: Mutex::default(),
            most,
            most_handshakes: most.div_ceil(4),
            most_http2: most.div_ceil(32),
            shares,
            ended: Notify::new(),
            waiting: Arc::new(Semaphore::new(MAX_WAITING)),
        }
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Admits a connection of a peer. Where there are too many, another one gives way.
    pub(super) fn admit(self: &Arc<Self>, address: IpAddr) -> Admission {
        let address = address.to_canonical();
        let mut table = self.table();
        let peer = table.peers.get(&address).cloned();
        let of_peer = peer.as_ref().map_or(0, |peer| peer.connections());
        if table.leaving >= MAX_LEAVING {
            return Admission::Full;
        }
        if of_peer >= self.shares.connections {
            if !table.push_out(|caller| caller.peer().address() == address) {
                return Admission::Crowded;
            }
        } else if table.open.len() >= self.most && !table.push_out(|_| true) {
            return Admission::Full;
        }
        let handshakes = |table: &Table| {
            table.open.values().filter(|caller| matches!(caller.stage(), Some((Stage::Handshake, _)))).count()
        };
        // Counting takes time, and only many connections can be too many handshakes.
        if table.open.len() >= self.most_handshakes && handshakes(&table) >= self.most_handshakes {
            table.push_out(|caller| matches!(caller.stage(), Some((Stage::Handshake, age)) if age >= LONG));
        }
        // The peer may have left with the connection that gave way.
        let shares = &self.shares;
        let peer =
            table.peers.entry(address).or_insert_with(|| peer.unwrap_or_else(|| Peer::new(address, shares)));
        peer.joined();
        let caller = Caller::new(peer.clone());
        let number = table.next;
        table.next = number.wrapping_add(1);
        table.open.insert(number, caller.clone());
        Admission::Admitted(Place { connections: self.clone(), number, caller })
    }

    /// Whether another connection may speak HTTP/2, which needs more memory. Where there are too many, an idle one gives way.
    pub(super) fn admit_http2(&self, caller: &Caller) -> bool {
        let mut table = self.table();
        let (mut all, mut of_peer) = (0_usize, 0_usize);
        let address = caller.peer().address();
        for other in table.open.values().filter(|other| other.is_http2()) {
            all = all.saturating_add(1);
            of_peer = of_peer.saturating_add(usize::from(other.peer().address() == address));
        }
        if of_peer >= self.most_http2.div_ceil(2) {
            return table.push_out(|other| other.is_http2() && other.peer().address() == address);
        }
        all < self.most_http2 || table.push_out(Caller::is_http2)
    }

    /// Tells connections to leave that are idle for too long, or whose client is too slow. Returns how many were told, or have given way,
    /// since the last sweep.
    pub(super) fn sweep(&self) -> usize {
        self.sweep_after(HEAD_TIMEOUT, IDLE_TIMEOUT)
    }

    fn sweep_after(&self, head: Duration, idle: Duration) -> usize {
        let mut table = self.table();
        let too_long = |caller: &&Arc<Caller>| match caller.stage() {
            Some((Stage::Head, age)) => age >= head,
            Some((Stage::Fresh | Stage::Served, age)) => age >= idle,
            // The handshake has a timeout of its own.
            Some((Stage::Handshake, _)) | None => false,
        };
        let swept = table.open.values().filter(too_long).filter(|caller| caller.tell()).count();
        std::mem::take(&mut table.told).saturating_add(swept)
    }

    /// How many connections are open.
    pub(super) fn count(&self) -> usize {
        let table = self.table();
        table.open.len().saturating_add(table.leaving)
    }

    /// A place among the connections that wait because their peer has its share; `None` if too many wait.
    pub(super) fn wait(&self) -> Option<OwnedSemaphorePermit> {
        self.waiting.clone().try_acquire_owned().ok()
    }

    /// Waits until a connection ends, but at most `patience`.
    pub(super) async fn changed(&self, patience: Duration) {
        let _ = tokio::time::timeout(patience, self.ended.notified()).await;
    }

    /// Waits until all connections are closed.
    pub(super) async fn all_closed(&self) {
        while self.count() > 0 {
            self.changed(Duration::from_millis(50)).await;
        }
    }
}

impl Table {
    /// Tells the connection to leave that is least worth keeping: first handshakes that have stalled, then connections that have sent
    /// nothing, then idle ones; of these, one of the peer with the most connections; of these, the one that has waited longest. It does not
    /// count any more.
    fn push_out(&mut self, may: impl Fn(&Caller) -> bool) -> bool {
        let worth = |caller: &Caller| {
            let (stage, age) = caller.stage()?;
            let rank = match stage {
                Stage::Handshake if age >= LONG => 0,
                Stage::Fresh | Stage::Head if age >= LONG => 1,
                Stage::Handshake if age >= SHORT => 2,
                Stage::Fresh | Stage::Head if age >= SHORT => 3,
                Stage::Served if age >= LONG => 4,
                _ => return None,
            };
            Some((rank, Reverse(caller.peer().connections()), Reverse(age)))
        };
        let candidates = self.open.iter().filter(|(_, caller)| !caller.is_told() && may(caller));
        let least = candidates.filter_map(|(number, caller)| Some((worth(caller)?, *number))).min();
        let Some((_, number)) = least else { return false };
        let Some(caller) = self.open.remove(&number) else { return false };
        self.leaving = self.leaving.saturating_add(1);
        self.told = self.told.saturating_add(1);
        self.forget(&caller);
        caller.tell();
        true
    }

    /// A connection does not count any more.
    fn forget(&mut self, caller: &Caller) {
        if caller.peer().left() == 0 {
            self.peers.remove(&caller.peer().address());
        }
    }
}

/// The place of an open connection. Dropping it says that the connection is closed.
#[derive(Debug)]
pub(super) struct Place {
    connections: Arc<Connections>,
    number: u64,
    caller: Arc<Caller>,
}

impl Place {
    /// The connection.
    pub(super) const fn caller(&self) -> &Arc<Caller> {
        &self.caller
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut table = self.connections.table();
        match table.open.remove(&self.number) {
            Some(caller) => table.forget(&caller),
            None => table.leaving = table.leaving.saturating_sub(1),
        }
        drop(table);
        self.connections.ended.notify_waiters();
    }
}

#[cfg(test)]
mod tests;
