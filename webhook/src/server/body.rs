//! Reads the body of a request, up to a size limit. Memory is reserved as the bytes arrive, whatever `Content-Length` says, so a client that
//! sends nothing takes no memory from others.

use std::time::Duration;

use axum::body::{Body, HttpBody};
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;

use super::limits::{Limits, Permit};

/// How long the rest of a body is read that is not used.
const DISCARD_TIMEOUT: Duration = Duration::from_millis(500);

/// Why a body was not read to its end.
pub(super) enum Unread {
    /// It is too large. Holds the unread rest.
    TooLarge(Body),
    /// There is no memory left for it. Holds the unread rest.
    NoMemory(Body),
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
    patience: impl Fn() -> Duration,
) -> Result<(Bytes, Option<Permit>), Unread> {
    if body.size_hint().lower() > u64::try_from(limits.body()).unwrap_or(u64::MAX) {
        return Err(Unread::TooLarge(body));
    }
    let mut place = None;
    let mut pieces = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(Unread::Broken)?.into_data() else { continue };
        let length = pieces.len().saturating_add(data.len());
        if length > limits.body() {
            return Err(Unread::TooLarge(body));
        }
        if !limits.memory(&mut place, length, &patience).await {
            return Err(Unread::NoMemory(body));
        }
        if pieces.is_empty() && body.is_end_stream() {
            return Ok((data, place));
        }
        pieces.extend_from_slice(&data);
    }
    Ok((pieces.freeze(), place))
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
