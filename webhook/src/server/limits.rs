//! What one replica takes on at once, so that no crowd makes it grow or fall.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Bytes that one permit of the memory stands for.
const PERMIT: usize = 1024;

/// No machine has so many; a larger number is a mistake.
const MOST_CONNECTIONS: usize = 1 << 20;

/// How much is taken on.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// Reviews between their first byte and their answer.
    pub in_flight: usize,
    /// A body's largest size, in bytes.
    pub body: usize,
    /// All bodies together, in bytes; at least one body's.
    pub bodies: usize,
    /// Looks at the cluster at once. Each takes a core for milliseconds.
    pub placements: usize,
    /// Connections at once; the others wait to be accepted.
    pub connections: usize,
}

impl Settings {
    /// Settings for a machine with so many cores. While it is judged a hostile body takes many times its size (labels by the hundred
    /// thousand: thirteen times, and more where something is wrong with them), so of the largest one is judged at a time.
    pub fn for_cores(cores: usize) -> Self {
        Self { in_flight: 1024, body: 8 << 20, bodies: 8 << 20, placements: cores.max(1), connections: 1024 }
    }
}

/// The places that there are.
#[derive(Debug)]
pub struct Limits {
    in_flight: Arc<Semaphore>,
    memory: Arc<Semaphore>,
    placements: Arc<Semaphore>,
    connections: Arc<Semaphore>,
    /// How many connections there may be.
    most_connections: usize,
    body: usize,
}

/// A place taken, until it is dropped.
pub(super) type Place = OwnedSemaphorePermit;

impl Limits {
    /// All places free.
    pub fn new(settings: Settings) -> Self {
        let permits = settings.bodies.max(settings.body).div_ceil(PERMIT);
        Self {
            in_flight: Arc::new(Semaphore::new(settings.in_flight.clamp(1, Semaphore::MAX_PERMITS))),
            memory: Arc::new(Semaphore::new(permits.min(Semaphore::MAX_PERMITS))),
            placements: Arc::new(Semaphore::new(settings.placements.max(1))),
            connections: Arc::new(Semaphore::new(settings.connections.clamp(1, MOST_CONNECTIONS))),
            most_connections: settings.connections.clamp(1, MOST_CONNECTIONS),
            body: settings.body,
        }
    }

    /// A place for a connection; waits until there is one.
    pub(super) async fn connection(&self) -> Option<Place> {
        self.connections.clone().acquire_owned().await.ok()
    }

    /// Whether few places for connections are left, so that whoever has one should give it up after its answer: others wait to be
    /// accepted, and an idle connection would keep them out.
    pub(super) fn crowded(&self) -> bool {
        self.connections.available_permits() < self.most_connections.div_ceil(8)
    }

    /// Waits until no connection is left.
    pub(super) async fn alone(&self) {
        let all = u32::try_from(self.most_connections).unwrap_or(u32::MAX);
        let _ = self.connections.acquire_many(all).await;
    }

    /// A body's largest size, in bytes.
    pub(super) const fn body(&self) -> usize {
        self.body
    }

    /// A place for a review, if there is one.
    pub(super) fn enter(&self) -> Option<Place> {
        self.in_flight.clone().try_acquire_owned().ok()
    }

    /// Makes a body's place in memory as large as so many bytes; waits for it at most `patience`.
    pub(super) async fn memory(
        &self,
        place: &mut Option<Place>,
        bytes: usize,
        patience: impl FnOnce() -> Duration,
    ) -> bool {
        let held = place.as_ref().map_or(0, OwnedSemaphorePermit::num_permits);
        let Ok(permits) = u32::try_from(bytes.div_ceil(PERMIT).saturating_sub(held)) else { return false };
        // Nearly always there is room, and a look at the clock costs more than the question.
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

    /// A core for a look at the cluster; waits for it at most `patience`.
    pub(super) async fn placement(&self, patience: Duration) -> Option<Place> {
        tokio::time::timeout(patience, self.placements.clone().acquire_owned()).await.ok()?.ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_taken_is_not_there_until_it_is_given_back() {
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
        limits.alone().await;

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
