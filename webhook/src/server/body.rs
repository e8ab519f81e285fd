//! A request's body: read to its end, no further than it may be, in memory that is taken as it arrives. Who sends nothing keeps nobody
//! else from theirs, whatever length was announced.

use std::time::Duration;

use axum::body::{Body, HttpBody};
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;

use super::limits::{Limits, Place};

/// How long a body is read that nobody will look at.
const DISCARD: Duration = Duration::from_millis(500);

/// Why a body was not read to its end.
pub(super) enum Unread {
    /// It is larger than it may be; what is left of it.
    TooLarge(Body),
    /// There was no memory for what comes next.
    NoMemory(Body),
    /// The connection broke, or what came was no body.
    Broken(axum::Error),
}

/// All of a body, copied only where it came in several pieces, and its place in memory, for which it waits at most `patience`.
pub(super) async fn read(
    mut body: Body,
    limits: &Limits,
    patience: impl Fn() -> Duration,
) -> Result<(Bytes, Option<Place>), Unread> {
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

/// Reads a body to its end and keeps nothing of it: a connection that is closed on a body that was not read can take the answer with it,
/// and one that stays open carries the next try. At most `most` bytes; says whether that was all.
pub(super) async fn discard(mut body: Body, most: usize) -> bool {
    let mut left = most;
    let reading = async {
        while let Some(frame) = body.frame().await {
            let length = frame.ok()?.data_ref().map_or(0, Bytes::len);
            left = left.checked_sub(length)?;
        }
        Some(())
    };
    tokio::time::timeout(DISCARD, reading).await.is_ok_and(|end| end.is_some())
}
