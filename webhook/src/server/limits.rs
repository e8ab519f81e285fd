//! Limits on concurrent reviews, connections and memory, so that a replica stays within its resources under load.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::connections::{Caller, Connections, Peer, Shares};
use super::memory::{Memory, SMALL, permits};
use super::readers::Readers;
use crate::review::MOST;

/// The largest number of connections that can be configured.
const MAX_CONNECTIONS: usize = 1 << 20;

/// How long a review waits for the place of one that gives way.
const GIVING_WAY: Duration = Duration::from_millis(250);

/// How often a review that waits for a place makes another one give way.
const PUSH_OUT: Duration = Duration::from_millis(10);

/// The limits as they are configured.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// Concurrent reviews, from the head of the request to the answer.
    pub in_flight: usize,
    /// The largest body, in bytes.
    pub body: usize,
    /// All bodies together, in bytes, besides a spare place for one of the largest size. A quarter is kept for small bodies.
    pub bodies: usize,
    /// Threads that judge, besides the one for small reviews.
    pub judges: usize,
    /// What large reviews that are judged at once need, in bytes. One that needs more is judged alone.
    pub judging: usize,
    /// Concurrent connections.
    pub connections: usize,
    /// The longest time that a review may take, whatever timeout its request names.
    pub longest: Duration,
}

impl Settings {
    /// The defaults for a machine with this many cores.
    pub fn for_cores(cores: usize) -> Self {
        Self {
            in_flight: 1024,
            body: 8 << 20,
            bodies: 12 << 20,
            judges: cores.max(1),
            judging: MOST,
            connections: 1024,
            longest: Duration::from_secs(3),
        }
    }
}

/// The limits of a replica. No peer address can use up one of them: the shares of one are three quarters of the connections and of the
/// reviews in flight, and half of the memory.
#[derive(Debug)]
pub struct Limits {
    in_flight: Arc<Semaphore>,
    memory: Memory,
    readers: Readers,
    connections: Arc<Connections>,
    shares: Shares,
    body: usize,
    longest: Duration,
}

/// The place of a review in flight. It is released when it is dropped.
#[derive(Debug)]
pub(super) struct InFlightPlace {
    _all: OwnedSemaphorePermit,
    _of_peer: OwnedSemaphorePermit,
}

/// Three quarters, but at least 1.
const fn most_of(all: usize) -> usize {
    all.saturating_sub(all / 4)
}

impl Limits {
    /// Limits with nothing in use.
    pub fn new(settings: Settings) -> Self {
        let connections = settings.connections.clamp(1, MAX_CONNECTIONS);
        let in_flight = settings.in_flight.clamp(1, Semaphore::MAX_PERMITS);
        let small = (settings.bodies / 4).max(SMALL);
        let any = settings.bodies.saturating_sub(small).max(SMALL);
        let shares = Shares {
            connections: most_of(connections),
            in_flight: most_of(in_flight),
            small: permits(small / 2),
            any: permits(any / 2),
        };
        Self {
            in_flight: Arc::new(Semaphore::new(in_flight)),
            memory: Memory::new(small, any, settings.body),
            readers: Readers::default(),
            connections: Arc::new(Connections::new(connections, shares)),
            shares,
            body: settings.body,
            longest: settings.longest,
        }
    }

    /// The table of connections.
    pub(super) const fn connections(&self) -> &Arc<Connections> {
        &self.connections
    }

    /// A caller that is in no table of connections, for requests that come without one.
    pub(super) fn stranger(&self) -> Arc<Caller> {
        Caller::new(Peer::new([0, 0, 0, 0].into(), &self.shares))
    }

    /// The largest body, in bytes.
    pub(super) const fn body(&self) -> usize {
        self.body
    }

    /// The longest time that a review may take.
    pub(super) const fn longest(&self) -> Duration {
        self.longest
    }

    /// The memory for bodies.
    pub(super) const fn memory(&self) -> &Memory {
        &self.memory
    }

    /// The reviews whose bodies are arriving.
    pub(super) const fn readers(&self) -> &Readers {
        &self.readers
    }

    /// Admits another review. Where the limit does not allow it, one whose client has stalled gives way, if there is one.
    pub(super) async fn enter(&self, caller: &Caller) -> Option<InFlightPlace> {
        let peer = caller.peer();
        if let Some(place) = self.try_enter(peer) {
            return Some(place);
        }
        let address = (peer.in_flight.available_permits() == 0).then(|| peer.address());
        if !self.readers.is_any(address) {
            return None;
        }
        let waiting = async {
            let of_peer = peer.in_flight.clone().acquire_owned().await.ok()?;
            Some(InFlightPlace {
                _all: self.in_flight.clone().acquire_owned().await.ok()?,
                _of_peer: of_peer,
            })
        };
        let pushing = async {
            loop {
                self.readers.push_out(address);
                tokio::time::sleep(PUSH_OUT).await;
            }
        };
        tokio::select! {
            place = tokio::time::timeout(GIVING_WAY, waiting) => place.ok()?,
            () = pushing => None,
        }
    }

    fn try_enter(&self, peer: &Peer) -> Option<InFlightPlace> {
        let of_peer = peer.in_flight.clone().try_acquire_owned().ok()?;
        Some(InFlightPlace { _all: self.in_flight.clone().try_acquire_owned().ok()?, _of_peer: of_peer })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_place_is_in_use_until_it_is_dropped() {
        let limits = Limits::new(Settings { in_flight: 4, ..Settings::for_cores(1) });
        let (one, other) = (limits.stranger(), limits.stranger());
        let mut places = Vec::new();
        while let Some(place) = limits.enter(&one).await {
            places.push(place);
        }
        assert_eq!(places.len(), 3, "a peer can have three quarters");
        let last = limits.enter(&other).await;
        assert!(last.is_some() && limits.enter(&other).await.is_none());
        drop(places);
        assert!(limits.enter(&other).await.is_some());
    }

    #[tokio::test]
    async fn a_review_whose_client_has_stalled_gives_way() {
        let limits = Limits::new(Settings { in_flight: 1, ..Settings::for_cores(1) });
        let (one, other) = (limits.stranger(), limits.stranger());
        let place = limits.enter(&one).await;
        assert!(limits.enter(&other).await.is_none(), "no client has stalled");
        let reading = limits.readers().add(one.peer().address());
        let giving_way = async {
            reading.gives_way().await;
            drop(place);
        };
        let ((), entered) = tokio::join!(giving_way, limits.enter(&other));
        assert!(entered.is_some());
    }
}
