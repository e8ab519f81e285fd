//! One connection of the ops listener. Everything about it is bounded: handshake, heads, idle time and lifetime.

use std::convert::Infallible;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::http::Request;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;

use super::guests::Busy;
use super::router::{Ops, answer};

/// Timeout of the TLS handshake, of the head of a request, and of waiting for the next one. The kubelet opens a connection for each probe,
/// and Prometheus opens a new one if its own was closed.
const HEAD_TIMEOUT: Duration = Duration::from_secs(5);

/// How long a connection is used for requests.
const LIFETIME: Duration = Duration::from_secs(30);

/// How long the last request of a connection may take, with a client that reads its answer slowly.
const LAST_REQUEST: Duration = Duration::from_secs(5);

/// The most bytes of the head of a request. A bearer token can have some KB.
const MAX_HEAD_BYTES: usize = 16 * 1024;

/// The most headers of a request.
const MAX_HEADERS: usize = 64;

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Serves a connection until it ends or its time is over.
///
/// # Errors
///
/// If the TLS handshake or the HTTP connection fails.
pub(super) async fn serve(
    stream: TcpStream,
    tls: Option<TlsAcceptor>,
    ops: Arc<Ops>,
    busy: Busy,
) -> Result<(), BoxError> {
    stream.set_nodelay(true)?;
    let Some(tls) = tls else { return speak(stream, ops, busy).await };
    let late = |_| io::Error::new(io::ErrorKind::TimedOut, "the TLS handshake was not finished");
    let stream = tokio::time::timeout(HEAD_TIMEOUT, tls.accept(stream)).await.map_err(late)??;
    speak(stream, ops, busy).await
}

async fn speak(
    stream: impl AsyncRead + AsyncWrite + Unpin,
    ops: Arc<Ops>,
    busy: Busy,
) -> Result<(), BoxError> {
    let service = service_fn(move |request: Request<Incoming>| {
        let (ops, busy) = (ops.clone(), busy.clone());
        async move {
            busy.store(true, Ordering::Relaxed);
            let answer = answer(&ops, request.map(drop_body)).await;
            busy.store(false, Ordering::Relaxed);
            Ok::<_, Infallible>(answer)
        }
    });
    let mut builder = hyper::server::conn::http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_buf_size(MAX_HEAD_BYTES)
        .max_headers(MAX_HEADERS);
    let mut connection = pin!(builder.serve_connection(TokioIo::new(stream), service));
    tokio::select! {
        ended = &mut connection => return Ok(ended?),
        () = tokio::time::sleep(LIFETIME) => {}
    }
    connection.as_mut().graceful_shutdown();
    let late = |_| io::Error::new(io::ErrorKind::TimedOut, "the last request was not finished");
    Ok(tokio::time::timeout(LAST_REQUEST, connection).await.map_err(late)??)
}

/// Whether a request has a body, which nothing here reads.
fn drop_body(body: Incoming) -> super::router::HasBody {
    super::router::HasBody(!hyper::body::Body::is_end_stream(&body))
}
