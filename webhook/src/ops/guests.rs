//! The open connections of the ops listener. A new connection is always taken: at a limit it takes the place of an old one, so that held
//! connections keep no probe out.

use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::task::AbortHandle;

/// The most connections.
pub(super) const MOST: usize = 64;

/// The most connections of one peer.
pub(super) const MOST_OF_PEER: usize = 8;

/// Whether a connection has a request that is being answered.
pub(super) type Busy = Arc<AtomicBool>;

/// One open connection.
#[derive(Debug)]
struct Guest {
    id: u64,
    peer: IpAddr,
    busy: Busy,
    task: AbortHandle,
}

/// The open connections, the oldest first. Clones share one list.
#[derive(Clone, Debug, Default)]
pub(super) struct Guests(Arc<Mutex<Vec<Guest>>>);

impl Guests {
    fn list(&self) -> MutexGuard<'_, Vec<Guest>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends as many connections as needed for another one of this peer.
    pub(super) fn make_room(&self, peer: IpAddr) {
        let peer = network(peer);
        let mut guests = self.list();
        while let Some(place) = surplus(&guests, peer) {
            guests.remove(place).task.abort();
        }
    }

    /// Adds a connection. The caller calls [`Guests::left`] when its task ends by itself.
    pub(super) fn came(&self, id: u64, peer: IpAddr, busy: Busy, task: AbortHandle) {
        self.list().push(Guest { id, peer: network(peer), busy, task });
    }

    /// A connection has ended.
    pub(super) fn left(&self, id: u64) {
        self.list().retain(|guest| guest.id != id);
    }

    /// The number of open connections.
    pub(super) fn count(&self) -> i64 {
        i64::try_from(self.list().len()).unwrap_or(i64::MAX)
    }
}

/// The connection that ends so that `peer` can have another one; `None` if there is room. Connections that wait for a request go first,
/// and among them the oldest.
fn surplus(guests: &[Guest], peer: IpAddr) -> Option<usize> {
    let count = |peer: IpAddr| guests.iter().filter(|guest| guest.peer == peer).count();
    let from = if count(peer) >= MOST_OF_PEER {
        peer
    } else if guests.len() >= MOST {
        guests.iter().map(|guest| guest.peer).max_by_key(|peer| count(*peer))?
    } else {
        return None;
    };
    let of_peer = || guests.iter().enumerate().filter(|(_, guest)| guest.peer == from);
    let idle = of_peer().find(|(_, guest)| !guest.busy.load(Ordering::Relaxed));
    idle.or_else(|| of_peer().next()).map(|(place, _)| place)
}

/// What counts as one peer: an IPv4 address, or a /64 network of IPv6, all of whose addresses one host can have.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => std::net::Ipv6Addr::from(u128::from(address) & !u128::from(u64::MAX)).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(number: u8) -> IpAddr {
        [10, 0, 0, number].into()
    }

    /// Takes a connection whose task never ends.
    fn take(guests: &Guests, id: u64, peer: IpAddr, busy: bool) -> tokio::task::JoinHandle<()> {
        guests.make_room(peer);
        let task = tokio::spawn(std::future::pending());
        guests.came(id, peer, Arc::new(AtomicBool::new(busy)), task.abort_handle());
        task
    }

    fn ids(guests: &Guests) -> Vec<u64> {
        guests.list().iter().map(|guest| guest.id).collect()
    }

    #[tokio::test]
    async fn a_peer_at_its_limit_loses_its_oldest_idle_connection() {
        let guests = Guests::default();
        let other = take(&guests, 100, address(2), false);
        // The oldest is being answered.
        let tasks: Vec<_> = (0..10).map(|id| take(&guests, id, address(1), id == 0)).collect();
        assert_eq!(ids(&guests), [100, 0, 3, 4, 5, 6, 7, 8, 9]);
        tokio::task::yield_now().await;
        let ended: Vec<bool> = tasks.iter().map(tokio::task::JoinHandle::is_finished).collect();
        assert_eq!(ended, [false, true, true, false, false, false, false, false, false, false]);
        assert!(!other.is_finished());
        guests.left(5);
        assert_eq!(guests.count(), 8);
    }

    #[tokio::test]
    async fn with_all_places_taken_the_peer_with_the_most_connections_loses_one() {
        let guests = Guests::default();
        let mut id = 0;
        let mut take_some = |peer: u8, count: usize| {
            for _ in 0..count {
                take(&guests, id, address(peer), false);
                id += 1;
            }
        };
        take_some(200, 1);
        (1..=7).for_each(|peer| take_some(peer, MOST_OF_PEER));
        take_some(8, 7);
        assert_eq!(guests.list().len(), MOST);
        take_some(201, 1);
        assert_eq!(guests.list().len(), MOST);
        let list = guests.list();
        let of = |number: u8| list.iter().filter(|guest| guest.peer == address(number)).count();
        assert_eq!((of(200), of(201)), (1, 1), "a peer with one connection keeps it");
        assert_eq!(list.iter().filter(|guest| guest.busy.load(Ordering::Relaxed)).count(), 0);
    }

    #[test]
    fn a_host_with_many_addresses_is_one_peer() {
        let parse = |text: &str| network(text.parse().unwrap());
        assert_eq!(parse("fd00:1:2:3::1"), parse("fd00:1:2:3:ffff::2"));
        assert_ne!(parse("fd00:1:2:3::1"), parse("fd00:1:2:4::1"));
        assert_eq!(parse("::ffff:10.0.0.1"), address(1));
    }
}
