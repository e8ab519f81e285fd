//! Reads the body of a request, up to a size limit and at a least rate. Memory is reserved as the bytes arrive, so a client that sends
//! nothing takes no memory from others.

use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use axum::body::{Body, HttpBody};
use bytes::{Bytes, BytesMut};
use futures_util::poll;
use http_body_util::BodyExt;

use super::connections::Caller;
use super::limits::Limits;
use super::memory::{Held, SMALL};

/// How long the rest of a body is read that is not used.
const DISCARD_TIMEOUT: Duration = Duration::from_millis(500);

/// In each period of this length a client has to send [`LEAST`] bytes, or the end of the body.
const PERIOD: Duration = Duration::from_secs(1);

/// The least that a client has to send in a [`PERIOD`].
const LEAST: usize = 64 * 1024;

/// Why a body was not read to its end.
pub(super) enum Unread {
    /// It is too large. Holds the unread rest.
    TooLarge(Body),
    /// There is no memory left for it. Holds the unread rest.
    NoMemory(Body),
    /// It arrives too slowly.
    TooSlow,
    /// It arrives slowly, and others need its place.
    GaveWay,
    /// The connection broke, or the body is not valid HTTP.
    Broken(axum::Error),
}

/// Reads a whole body and reserves memory for it, for which it waits at most `patience`. The body is copied only if it arrives in several
/// pieces.
///
/// # Errors
///
/// [`Unread`] if it cannot be read to its end.
pub(super) async fn read(
    mut body: Body,
    limits: &Limits,
    caller: &Arc<Caller>,
    patience: impl Fn() -> Duration,
) -> Result<(Bytes, Held), Unread> {
    if body.size_hint().lower() > u64::try_from(limits.body()).unwrap_or(u64::MAX) {
        return Err(Unread::TooLarge(body));
    }
    let known = body.size_hint().exact().and_then(|length| usize::try_from(length).ok());
    let mut held = Held::nothing(caller.clone());
    let mut pieces = BytesMut::new();
    let mut slow = None;
    let mut of_period = 0_usize;
    loop {
        let frame = {
            let mut next = pin!(body.frame());
            match poll!(&mut next) {
                Poll::Ready(frame) => frame,
                Poll::Pending => {
                    let (reading, end) = slow.get_or_insert_with(|| {
                        (limits.readers().add(caller.peer().address()), Box::pin(tokio::time::sleep(PERIOD)))
                    });
                    reading.waits(true);
                    let frame = tokio::select! {
                        biased;
                        frame = next => frame,
                        () = reading.gives_way() => return Err(Unread::GaveWay),
                        () = end => return Err(Unread::TooSlow),
                    };
                    reading.waits(false);
                    frame
                }
            }
        };
        let Some(frame) = frame else { return Ok((pieces.freeze(), held)) };
        let Ok(data) = frame.map_err(Unread::Broken)?.into_data() else { continue };
        let length = pieces.len().saturating_add(data.len());
        if length > limits.body() {
            return Err(Unread::TooLarge(body));
        }
        let before = slow.is_some().then(tokio::time::Instant::now);
        // A buffer that grows has up to twice the size of what is in it.
        let needed = if known.is_some() { length } else { length.max(pieces.capacity()) };
        if !limits.memory().extend(&mut held, needed, limits.readers(), &patience).await {
            return Err(Unread::NoMemory(body));
        }
        if pieces.is_empty() && body.is_end_stream() {
            return Ok((data, held));
        }
        if let Some(known) = known.filter(|_| length > SMALL && pieces.capacity() < length) {
            // The system gives the memory page by page, as the bytes are written.
            pieces.reserve(known.saturating_sub(pieces.len()));
        }
        pieces.extend_from_slice(&data);
        of_period = of_period.saturating_add(data.len());
        if let (Some((_, end)), Some(before)) = (&mut slow, before) {
            // Time in which the body waited for memory is not the client's.
            let waited = before.elapsed();
            if of_period >= LEAST {
                of_period = 0;
                end.as_mut().reset(tokio::time::Instant::now().checked_add(PERIOD).unwrap_or(before));
            } else if !waited.is_zero() {
                let later = end.deadline().checked_add(waited).unwrap_or(before);
                end.as_mut().reset(later);
            }
        }
    }
}

/// Reads and discards at most `most` bytes of a body. Returns whether this was all of it. If a connection is closed while bytes of the body
/// are unread, the client may lose the answer; if all are read, the connection can be used for the retry.
pub(super) async fn discard(mut body: Body, most: usize) -> bool {
    let mut left = most;
    let reading = async {
        while let Some(frame) = body.frame().await {
            let length = frame.ok()?.data_ref().map_or(0, Bytes::len);
            left = left.checked_sub(length)?;
        }
        Some(())
    };
    tokio::time::timeout(DISCARD_TIMEOUT, reading).await.is_ok_and(|end| end.is_some())
}
