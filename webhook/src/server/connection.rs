//! One connection, from the TLS handshake to its end.

use std::convert::Infallible;
use std::io;
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
use super::phase::{Phase, Phases};

/// A client that has not finished its handshake by then is not an API server.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// The API server's idle connections live 90 s. Whoever closes one earlier risks that a review is on its way: such a request is not
/// retried. This is also how long a request's head may take.
const IDLE: Duration = Duration::from_secs(150);

/// A request's head is small; a client that sends more is none of ours.
const HEAD: usize = 32 * 1024;

/// TLS reads 4 KiB at a time, so most reviews would cost two calls to the kernel or three; a record has 16 KiB at most.
const READ: usize = 16 * 1024;

/// As many reviews are under way on one HTTP/2 connection.
const STREAMS: u32 = 256;

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Serves a connection until its client closes it or the replica ends.
pub(super) async fn serve(
    stream: TcpStream,
    acceptor: TlsAcceptor,
    app: Arc<App>,
    mut phases: Phases,
) -> Result<(), BoxError> {
    stream.set_nodelay(true)?;
    let stream = BufReader::with_capacity(READ, stream);
    let stream = tokio::time::timeout(HANDSHAKE, acceptor.accept(stream))
        .await
        .map_err(|_| io::Error::new(io::ErrorKind::TimedOut, "the TLS handshake was not finished"))??;
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
            .max_concurrent_streams(STREAMS)
            .max_header_list_size(u32::try_from(HEAD).unwrap_or(u32::MAX))
            .keep_alive_interval(Some(Duration::from_secs(60)));
        let mut connection = pin!(builder.serve_connection(io, service));
        tokio::select! {
            ended = &mut connection => ended?,
            () = phases.reached(Phase::Leaving) => {
                // GOAWAY says which streams are still answered, so this loses nothing at any time.
                connection.as_mut().graceful_shutdown();
                connection.await?;
            }
        }
    } else {
        let mut builder = hyper::server::conn::http1::Builder::new();
        builder.timer(TokioTimer::new()).header_read_timeout(IDLE).max_buf_size(HEAD.saturating_mul(2));
        let mut connection = pin!(builder.serve_connection(io, service));
        tokio::select! {
            ended = &mut connection => ended?,
            // Not before the end: a request may be on its way on a connection that looks idle. Until then each answer asks for
            // its connection to be closed.
            () = phases.reached(Phase::Ended) => {
                connection.as_mut().graceful_shutdown();
                connection.await?;
            }
        }
    }
    Ok(())
}
