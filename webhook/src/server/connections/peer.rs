//! What the connections of one peer address hold together. No address can hold all of a limit.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Semaphore;

/// What one peer address can hold, in permits of each limit.
#[derive(Clone, Copy, Debug)]
pub(in crate::server) struct Shares {
    /// Connections.
    pub(in crate::server) connections: usize,
    /// Reviews in flight.
    pub(in crate::server) in_flight: usize,
    /// Memory for small bodies.
    pub(in crate::server) small: usize,
    /// Memory for bodies of any size.
    pub(in crate::server) any: usize,
}

/// A peer address with a connection.
#[derive(Debug)]
pub(in crate::server) struct Peer {
    address: IpAddr,
    /// Its connections. The table of connections changes it under its lock.
    connections: AtomicUsize,
    /// The share of the reviews in flight that is left.
    pub(in crate::server) in_flight: Arc<Semaphore>,
    /// The share of the memory for small bodies that is left.
    pub(in crate::server) small: Arc<Semaphore>,
    /// The share of the memory for bodies of any size that is left.
    pub(in crate::server) any: Arc<Semaphore>,
}

impl Peer {
    /// A peer that holds nothing.
    pub(in crate::server) fn new(address: IpAddr, shares: &Shares) -> Arc<Self> {
        let semaphore = |permits: usize| Arc::new(Semaphore::new(permits.clamp(1, Semaphore::MAX_PERMITS)));
        Arc::new(Self {
            address,
            connections: AtomicUsize::new(0),
            in_flight: semaphore(shares.in_flight),
            small: semaphore(shares.small),
            any: semaphore(shares.any),
        })
    }

    /// The address.
    pub(in crate::server) const fn address(&self) -> IpAddr {
        self.address
    }

    /// How many connections it has.
    pub(super) fn connections(&self) -> usize {
        self.connections.load(Ordering::Relaxed)
    }

    /// It has one connection more.
    pub(super) fn joined(&self) {
        self.connections.fetch_add(1, Ordering::Relaxed);
    }

    /// It has one connection less. Returns how many are left.
    pub(super) fn left(&self) -> usize {
        self.connections.fetch_sub(1, Ordering::Relaxed).saturating_sub(1)
    }
}
