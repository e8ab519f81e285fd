//! Collects the pieces of a watch's body until they end an event.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::{Mutex, OwnedMutexGuard};

use super::request::{self, RequestError};

/// The bytes of an unfinished event that each watch may hold. A larger event needs the shared lock.
const SMALL: usize = 256 << 10;

/// How long a large event may take, and how long a watch waits for the lock.
const LARGE_TIMEOUT: Duration = Duration::from_secs(30);

/// The pieces of an unfinished event.
#[derive(Debug)]
pub(super) struct Pieces {
    pending: Vec<u8>,
    large: Arc<Mutex<()>>,
    /// The lock, and since when it is held.
    held: Option<(OwnedMutexGuard<()>, Instant)>,
}

/// Events that are complete, one in a line. While they exist, no other watch collects a large event if one of these is large.
#[derive(Debug)]
pub(super) struct Lines {
    pub(super) bytes: Vec<u8>,
    _held: Option<OwnedMutexGuard<()>>,
}

impl Pieces {
    /// None yet. All watches share the lock `large`.
    pub(super) const fn new(large: Arc<Mutex<()>>) -> Self {
        Self { pending: Vec::new(), large, held: None }
    }

    /// How long to wait for the next piece: `usually`, or shorter in a large event, since it holds up others.
    pub(super) fn patience(&self, usually: Duration) -> Duration {
        match &self.held {
            Some((_, since)) => LARGE_TIMEOUT.saturating_sub(since.elapsed()),
            None => usually,
        }
    }

    /// Adds a piece. Returns the events that it completes.
    ///
    /// # Errors
    ///
    /// [`RequestError::TooLarge`] if an event is too large; [`RequestError::Timeout`] if other large events take too long.
    pub(super) async fn add(&mut self, piece: &[u8]) -> Result<Option<Lines>, RequestError> {
        if self.held.is_none() && self.pending.len().saturating_add(piece.len()) > SMALL {
            let waiting = tokio::time::timeout(LARGE_TIMEOUT, self.large.clone().lock_owned());
            let held = waiting.await.map_err(|_| RequestError::Timeout(LARGE_TIMEOUT))?;
            self.held = Some((held, Instant::now()));
        }
        request::append(&mut self.pending, piece)?;
        // Only the new piece can have an end.
        let Some(end) = piece.iter().rposition(|byte| *byte == b'\n') else { return Ok(None) };
        let rest = piece.get(end.saturating_add(1)..).unwrap_or_default();
        self.pending.truncate(self.pending.len().saturating_sub(rest.len()));
        let bytes = std::mem::replace(&mut self.pending, rest.to_vec());
        Ok(Some(Lines { bytes, _held: self.held.take().map(|(held, _)| held) }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn added(pieces: &mut Pieces, piece: &[u8]) -> Option<Lines> {
        pieces.add(piece).await.unwrap()
    }

    #[tokio::test]
    async fn events_are_cut_at_their_ends() {
        let mut pieces = Pieces::new(Arc::default());
        assert!(added(&mut pieces, b"{\"a\":").await.is_none());
        assert_eq!(added(&mut pieces, b"1}\n{}\n{\"b\"").await.unwrap().bytes, b"{\"a\":1}\n{}\n");
        assert_eq!(added(&mut pieces, b":2}\n").await.unwrap().bytes, b"{\"b\":2}\n");
        assert!(pieces.pending.is_empty());
    }

    #[tokio::test]
    async fn one_large_event_is_collected_at_a_time() {
        let large = Arc::<Mutex<()>>::default();
        let (mut one, mut other) = (Pieces::new(large.clone()), Pieces::new(large.clone()));
        let text = vec![b'a'; SMALL];
        assert!(added(&mut one, &text).await.is_none());
        assert!(one.held.is_none());
        assert!(added(&mut one, b"a").await.is_none());
        assert!(one.held.is_some());
        // The other one holds what is small.
        assert!(added(&mut other, b"b").await.is_none());
        let waiting = tokio::spawn(async move { added(&mut other, &text).await.is_none() });
        tokio::task::yield_now().await;
        assert!(large.try_lock().is_err());
        let lines = added(&mut one, b"\n").await.unwrap();
        assert!(one.held.is_none());
        assert!(!waiting.is_finished(), "the event is not read yet");
        drop(lines);
        assert!(waiting.await.unwrap());
        assert!(large.try_lock().is_ok(), "the watch has ended");
    }
}
