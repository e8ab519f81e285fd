//! The memory for the bodies of reviews. It is reserved as the bytes arrive, whatever `Content-Length` says.
//!
//! A part is kept for small bodies, so that large ones never keep them waiting. A body that finds no memory can take the spare place, which
//! has room for the largest body and which one body has at a time, in turn: so bodies that all wait for more do not wait for one another.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::connections::Caller;
use super::readers::Readers;

/// The bytes of memory that one permit stands for.
pub(super) const PERMIT: usize = 1024;

/// A body up to this size is small.
pub(super) const SMALL: usize = 64 * 1024;

/// How often a body that waits makes another one give way.
const PUSH_OUT: Duration = Duration::from_millis(50);

/// The memory for bodies.
#[derive(Debug)]
pub(super) struct Memory {
    small: Arc<Semaphore>,
    any: Arc<Semaphore>,
    spare: Arc<Semaphore>,
    /// What one connection can hold: one body of the largest size.
    of_connection: usize,
}

/// A semaphore for this many bytes.
fn semaphore(bytes: usize) -> Arc<Semaphore> {
    Arc::new(Semaphore::new(permits(bytes).clamp(1, Semaphore::MAX_PERMITS)))
}

/// The permits that these bytes need.
pub(super) const fn permits(bytes: usize) -> usize {
    bytes.div_ceil(PERMIT)
}

/// A reservation for a body. Dropping it frees the memory.
#[derive(Debug)]
pub(super) struct Held {
    bytes: usize,
    small: Option<Both>,
    any: Option<Both>,
    spare: Option<OwnedSemaphorePermit>,
    caller: Arc<Caller>,
}

/// Permits of the replica's limit and of the peer's share.
#[derive(Debug)]
struct Both {
    all: OwnedSemaphorePermit,
    of_peer: OwnedSemaphorePermit,
}

impl Both {
    fn of(all: &Arc<Semaphore>, of_peer: &Arc<Semaphore>, permits: u32) -> Option<Self> {
        let of_peer = of_peer.clone().try_acquire_many_owned(permits).ok()?;
        Some(Self { all: all.clone().try_acquire_many_owned(permits).ok()?, of_peer })
    }

    async fn wait(all: Arc<Semaphore>, of_peer: Arc<Semaphore>, permits: u32) -> Option<Self> {
        let of_peer = of_peer.acquire_many_owned(permits).await.ok()?;
        Some(Self { all: all.acquire_many_owned(permits).await.ok()?, of_peer })
    }

    fn merge(place: &mut Option<Self>, more: Self) {
        match place {
            Some(place) => {
                place.all.merge(more.all);
                place.of_peer.merge(more.of_peer);
            }
            None => *place = Some(more),
        }
    }
}

impl Held {
    /// Nothing yet.
    pub(super) const fn nothing(caller: Arc<Caller>) -> Self {
        Self { bytes: 0, small: None, any: None, spare: None, caller }
    }

    /// The bytes that are reserved.
    pub(super) const fn bytes(&self) -> usize {
        self.bytes
    }

    fn set(&mut self, bytes: usize) {
        self.caller.held.fetch_add(bytes.saturating_sub(self.bytes), Ordering::Relaxed);
        self.bytes = bytes;
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.caller.held.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

impl Memory {
    /// Memory of this many bytes for small bodies, and for bodies of any size, besides the spare place for one of the largest size.
    pub(super) fn new(small: usize, any: usize, largest: usize) -> Self {
        Self {
            small: semaphore(small.max(SMALL)),
            any: semaphore(any),
            spare: Arc::new(Semaphore::new(1)),
            of_connection: largest.max(SMALL),
        }
    }

    /// Extends a reservation to `bytes`. Waits for at most `patience`, while bodies whose clients have stalled give way. Returns whether there
    /// was enough.
    pub(super) async fn extend(
        &self,
        held: &mut Held,
        bytes: usize,
        readers: &Readers,
        patience: impl FnOnce() -> Duration,
    ) -> bool {
        if held.spare.is_some() || permits(bytes) == permits(held.bytes) && held.bytes > 0 {
            held.set(bytes);
            return true;
        }
        let of_others = held.caller.held.load(Ordering::Relaxed).saturating_sub(held.bytes);
        if of_others > 0 && of_others.saturating_add(bytes) > self.of_connection {
            return false;
        }
        let peer = held.caller.peer().clone();
        if bytes <= SMALL && held.any.is_none() {
            let have = held.small.as_ref().map_or(0, |place| place.all.num_permits());
            let more = u32::try_from(permits(bytes).saturating_sub(have)).unwrap_or(u32::MAX);
            if let Some(more) = Both::of(&self.small, &peer.small, more) {
                Both::merge(&mut held.small, more);
                held.set(bytes);
                return true;
            }
        }
        let have = held.any.as_ref().map_or(0, |place| place.all.num_permits());
        let more = u32::try_from(permits(bytes).saturating_sub(have)).unwrap_or(u32::MAX);
        // Usually there is enough memory, and trying costs less than reading the clock.
        if let Some(more) = Both::of(&self.any, &peer.any, more) {
            Both::merge(&mut held.any, more);
        } else {
            let waiting = Both::wait(self.any.clone(), peer.any.clone(), more);
            let spare = self.spare.clone().acquire_owned();
            let pushing = async {
                loop {
                    readers.push_out(None);
                    tokio::time::sleep(PUSH_OUT).await;
                }
            };
            let (waiting, spare, pushing, end) =
                (pin!(waiting), pin!(spare), pin!(pushing), pin!(tokio::time::sleep(patience())));
            tokio::select! {
                biased;
                more = waiting => match more {
                    Some(more) => Both::merge(&mut held.any, more),
                    None => return false,
                },
                spare = spare => match spare {
                    Ok(spare) => held.spare = Some(spare),
                    Err(_) => return false,
                },
                () = pushing => {}
                () = end => return false,
            }
        }
        // What was small is not any more.
        held.small = None;
        held.set(bytes);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::super::connections::{Peer, Shares};
    use super::*;

    const SHARES: Shares = Shares { connections: 9, in_flight: 9, small: 64, any: 150 };

    fn caller(address: [u8; 4]) -> Arc<Caller> {
        Caller::new(Peer::new(address.into(), &SHARES))
    }

    async fn extend(memory: &Memory, held: &mut Held, bytes: usize) -> bool {
        memory.extend(held, bytes, &Readers::default(), || Duration::from_millis(20)).await
    }

    #[tokio::test]
    async fn small_bodies_have_a_part_of_their_own() {
        let memory = Memory::new(SMALL, 200 * PERMIT, 200 * PERMIT);
        let (one, other) = (caller([10, 0, 0, 1]), caller([10, 0, 0, 2]));
        let mut large = [Held::nothing(one.clone()), Held::nothing(other.clone()), Held::nothing(one)];
        assert!(extend(&memory, &mut large[0], 100 * PERMIT).await);
        assert!(extend(&memory, &mut large[1], 100 * PERMIT).await);
        assert!(!extend(&memory, &mut large[2], 101 * PERMIT).await, "the same connection holds a body");
        let mut third = Held::nothing(caller([10, 0, 0, 3]));
        assert!(extend(&memory, &mut third, 101 * PERMIT).await, "it takes the spare place");
        assert!(extend(&memory, &mut third, 200 * PERMIT).await);
        let mut fourth = Held::nothing(caller([10, 0, 0, 4]));
        assert!(!extend(&memory, &mut fourth, 65 * PERMIT).await);
        assert!(extend(&memory, &mut fourth, 3000).await, "it is small");
        assert!(extend(&memory, &mut fourth, 3072).await, "memory is reserved in whole KiB");
        assert_eq!(fourth.bytes(), 3072);
        drop(large);
        assert!(extend(&memory, &mut fourth, 65 * PERMIT).await);
        assert_eq!((memory.small.available_permits(), memory.any.available_permits()), (64, 135));
        drop((third, fourth));
        assert_eq!((memory.any.available_permits(), memory.spare.available_permits()), (200, 1));
    }

    #[tokio::test]
    async fn a_peer_has_a_share() {
        let memory = Memory::new(SMALL, 200 * PERMIT, 150 * PERMIT);
        let peer = Peer::new([10, 0, 0, 1].into(), &SHARES);
        let mut bodies: Vec<Held> = (0..4).map(|_| Held::nothing(Caller::new(peer.clone()))).collect();
        assert!(extend(&memory, &mut bodies[0], 100 * PERMIT).await);
        assert!(extend(&memory, &mut bodies[1], 100 * PERMIT).await);
        assert!(bodies[1].spare.is_some(), "its share is used up");
        assert!(!extend(&memory, &mut bodies[2], 100 * PERMIT).await);
        let mut other = Held::nothing(caller([10, 0, 0, 2]));
        assert!(extend(&memory, &mut other, 100 * PERMIT).await);
        assert!(other.spare.is_none());
    }
}
