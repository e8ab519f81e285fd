//! The bodies of answers on HTTP/2 connections. A client that takes no answers could make the webhook keep many of them, so the bytes that it
//! has not taken are counted, and a connection with too many is closed.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use axum::body::{Body, Bytes, HttpBody};
use hyper::body::{Frame, SizeHint};

/// The most bytes of answers that a client may leave untaken on one connection.
const MOST: usize = 256 * 1024;

/// The body of an answer that the client has not taken.
pub(super) struct Unsent {
    body: Body,
    length: usize,
    all: Arc<AtomicUsize>,
}

impl Unsent {
    /// Counts the body of an answer on a connection with `all` bytes of untaken answers. Returns whether these are too many.
    pub(super) fn new(body: Body, all: &Arc<AtomicUsize>) -> (Self, bool) {
        let length = usize::try_from(HttpBody::size_hint(&body).lower()).unwrap_or(usize::MAX);
        let before = all.fetch_add(length, Ordering::Relaxed);
        (Self { body, length, all: all.clone() }, before > MOST)
    }
}

impl Drop for Unsent {
    fn drop(&mut self) {
        self.all.fetch_sub(self.length, Ordering::Relaxed);
    }
}

impl HttpBody for Unsent {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        HttpBody::size_hint(&self.body)
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt;

    use super::*;

    #[tokio::test]
    async fn what_a_client_takes_does_not_count() {
        let all = Arc::new(AtomicUsize::new(0));
        let mut answers = Vec::new();
        for number in 0..7 {
            let (answer, too_many) = Unsent::new(Body::from(vec![b' '; 50_000]), &all);
            assert_eq!(too_many, number == 6, "{number}");
            answers.push(answer);
        }
        let taken = answers.remove(0).collect().await.unwrap().to_bytes();
        assert_eq!((taken.len(), all.load(Ordering::Relaxed)), (50_000, 300_000));
        drop(answers);
        assert_eq!(all.load(Ordering::Relaxed), 0);
    }
}
