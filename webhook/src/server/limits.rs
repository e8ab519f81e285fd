//! Limits on concurrent reviews, connections and memory, so that a replica stays within its resources under load.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The bytes of memory that one permit stands for.
const PERMIT: usize = 1024;

/// The largest number of connections that can be configured.
const MAX_CONNECTIONS: usize = 1 << 20;

/// The limits as they are configured.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// Concurrent reviews, from the first byte to the answer.
    pub in_flight: usize,
    /// The largest body, in bytes.
    pub body: usize,
    /// All bodies together, in bytes; at least as large as one body.
    pub bodies: usize,
    /// Concurrent placements. Each uses a core for some milliseconds.
    pub placements: usize,
    /// Concurrent connections. Further ones wait to be accepted.
    pub connections: usize,
}

impl Settings {
    /// The defaults for a machine with this many cores. A hostile body can need many times its size while it is judged (with a hundred
    /// thousand labels thirteen times, and more if they have faults), so only one body of the largest size is judged at a time.
    pub fn for_cores(cores: usize) -> Self {
        Self { in_flight: 1024, body: 8 << 20, bodies: 8 << 20, placements: cores.max(1), connections: 1024 }
    }
}

/// The limits of a replica, as semaphores.
#[derive(Debug)]
pub struct Limits {
    in_flight: Arc<Semaphore>,
    memory: Arc<Semaphore>,
    placements: Arc<Semaphore>,
    connections: Arc<Semaphore>,
    /// The number of permits of `connections`.
    most_connections: usize,
    body: usize,
}

/// A share of a limit. It is released when it is dropped.
pub(super) type Permit = OwnedSemaphorePermit;

impl Limits {
    /// Limits with nothing in use.
    pub fn new(settings: Settings) -> Self {
        let permits = settings.bodies.max(settings.body).div_ceil(PERMIT);
        Self {
            in_flight: Arc::new(Semaphore::new(settings.in_flight.clamp(1, Semaphore::MAX_PERMITS))),
            memory: Arc::new(Semaphore::new(permits.min(Semaphore::MAX_PERMITS))),
            placements: Arc::new(Semaphore::new(settings.placements.max(1))),
            connections: Arc::new(Semaphore::new(settings.connections.clamp(1, MAX_CONNECTIONS))),
            most_connections: settings.connections.clamp(1, MAX_CONNECTIONS),
            body: settings.body,
        }
    }

    /// Waits until another connection is allowed.
    pub(super) async fn connection(&self) -> Option<Permit> {
        self.connections.clone().acquire_owned().await.ok()
    }

    /// Whether less than an eighth of the connections is free. Connections are then closed after an answer, so that idle ones do not keep
    /// others waiting.
    pub(super) fn crowded(&self) -> bool {
        self.connections.available_permits() < self.most_connections.div_ceil(8)
    }

    /// Waits until all connections are closed.
    pub(super) async fn all_closed(&self) {
        let all = u32::try_from(self.most_connections).unwrap_or(u32::MAX);
        let _ = self.connections.acquire_many(all).await;
    }

    /// The largest body, in bytes.
    pub(super) const fn body(&self) -> usize {
        self.body
    }

    /// Admits another review, if the limit allows it.
    pub(super) fn enter(&self) -> Option<Permit> {
        self.in_flight.clone().try_acquire_owned().ok()
    }

    /// Extends the memory that `place` reserves for a body to `bytes`. Waits for at most `patience`; returns whether there was enough.
    pub(super) async fn memory(
        &self,
        place: &mut Option<Permit>,
        bytes: usize,
        patience: impl FnOnce() -> Duration,
    ) -> bool {
        let held = place.as_ref().map_or(0, OwnedSemaphorePermit::num_permits);
        let Ok(permits) = u32::try_from(bytes.div_ceil(PERMIT).saturating_sub(held)) else { return false };
        // Usually there is enough memory, and trying costs less than reading the clock.
        let more = match self.memory.clone().try_acquire_many_owned(permits) {
            Ok(more) => more,
            Err(_) => {
                let waiting = self.memory.clone().acquire_many_owned(permits);
                let Ok(Ok(more)) = tokio::time::timeout(patience(), waiting).await else { return false };
                more
            }
        };
        match place {
            Some(place) => place.merge(more),
            None => *place = Some(more),
        }
        true
    }

    /// Waits at most `patience` until another placement is allowed.
    pub(super) async fn placement(&self, patience: Duration) -> Option<Permit> {
        tokio::time::timeout(patience, self.placements.clone().acquire_owned()).await.ok()?.ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_share_is_in_use_until_it_is_dropped() {
        let settings = Settings { in_flight: 1, body: 4096, bodies: 8192, placements: 1, connections: 8 };
        let limits = Limits::new(settings);
        let one = limits.enter();
        assert!(one.is_some() && limits.enter().is_none());
        drop(one);
        assert!(limits.enter().is_some());

        let mut connections = Vec::new();
        while !limits.crowded() {
            connections.push(limits.connection().await);
        }
        assert_eq!(connections.len(), 8, "with the last place taken it is crowded");
        drop(connections);
        limits.all_closed().await;

        let patience = || Duration::from_millis(10);
        let (mut one, mut other) = (None, None);
        assert!(limits.memory(&mut one, 5000, patience).await);
        assert!(limits.memory(&mut other, 3000, patience).await);
        assert!(limits.memory(&mut other, 3072, patience).await, "a place is as large as whole KiB");
        assert!(!limits.memory(&mut other, 3073, patience).await, "there is no more");
        drop(one);
        assert!(limits.memory(&mut other, 8192, patience).await);
    }
}
