//! One connection, from the TLS handshake to its end.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::io::BufReader;
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;

use super::handler::{App, answer};
use super::handshake;
use super::phase::{Phase, Phases};

/// Timeout of the TLS handshake.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);

/// How long a connection may be idle, and how long the head of a request may take. The API server closes its idle connections after 90 s.
/// If we closed them earlier, a review might already be on its way, and the API server does not retry it.
const IDLE_TIMEOUT: Duration = Duration::from_secs(150);

/// The most bytes in the head of a request.
const MAX_HEAD_BYTES: usize = 32 * 1024;

/// The size of the read buffer: the largest TLS record. rustls reads 4 KiB at a time, so most reviews would need two or three system calls
/// without it.
const READ_BUFFER: usize = 16 * 1024;

/// The most concurrent reviews on one HTTP/2 connection.
const MAX_STREAMS: u32 = 256;

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Serves a connection until the client closes it or the replica shuts down.
///
/// # Errors
///
/// If the TLS handshake or the HTTP connection fails.
pub(super) async fn serve(
    stream: TcpStream,
    peer: SocketAddr,
    acceptor: TlsAcceptor,
    app: Arc<App>,
    mut phases: Phases,
) -> Result<(), BoxError> {
    stream.set_nodelay(true)?;
    let stream = BufReader::with_capacity(READ_BUFFER, stream);
    let shaken =
        tokio::time::timeout(HANDSHAKE_TIMEOUT, acceptor.accept(stream)).await.unwrap_or_else(|_| {
            Err(io::Error::new(io::ErrorKind::TimedOut, "the TLS handshake was not finished"))
        });
    let stream = shaken.inspect_err(|error| handshake::failed(&app.metrics, peer, error))?;
    let http2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
    let service = service_fn(move |request: Request<Incoming>| {
        let app = app.clone();
        async move { Ok::<_, Infallible>(answer(&app, request.map(Body::new)).await) }
    });
    let io = TokioIo::new(stream);
    if http2 {
        let mut builder = hyper::server::conn::http2::Builder::new(TokioExecutor::new());
        builder
            .timer(TokioTimer::new())
            .max_concurrent_streams(MAX_STREAMS)
            .max_header_list_size(u32::try_from(MAX_HEAD_BYTES).unwrap_or(u32::MAX))
            .keep_alive_interval(Some(Duration::from_secs(60)));
        let mut connection = pin!(builder.serve_connection(io, service));
        tokio::select! {
            ended = &mut connection => ended?,
            () = phases.reached(Phase::Leaving) => {
                // GOAWAY names the last stream that is answered, so no request is lost.
                connection.as_mut().graceful_shutdown();
                connection.await?;
            }
        }
    } else {
        let mut builder = hyper::server::conn::http1::Builder::new();
        builder
            .timer(TokioTimer::new())
            .header_read_timeout(IDLE_TIMEOUT)
            .max_buf_size(MAX_HEAD_BYTES.saturating_mul(2));
        let mut connection = pin!(builder.serve_connection(io, service));
        tokio::select! {
            ended = &mut connection => ended?,
            // Only in the last phase, because a request may be on its way on a connection that looks idle. Until then each answer closes
            // its connection.
            () = phases.reached(Phase::Ended) => {
                connection.as_mut().graceful_shutdown();
                connection.await?;
            }
        }
    }
    Ok(())
}
