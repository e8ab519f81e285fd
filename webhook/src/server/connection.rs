//! One connection, from the TLS handshake to its end.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;

use super::app::App;
use super::connections::{Caller, IDLE_TIMEOUT};
use super::handler::answer_to;
use super::handshake;
use super::heard::Heard;
use super::phase::{Phase, Phases};
use super::shake::shake;
use super::unsent::Unsent;
use crate::metrics::Refused;

/// The most bytes in the head of a request. API servers send less than 1 KiB.
const MAX_HEAD_BYTES: usize = 16 * 1024;

/// The most concurrent reviews on one HTTP/2 connection.
const MAX_STREAMS: u32 = 64;

/// How many bytes of one HTTP/2 request a client can send before the webhook has read them.
const STREAM_WINDOW: u32 = 64 * 1024;

/// How many bytes of all requests on an HTTP/2 connection a client can send before the webhook has read them.
const CONNECTION_WINDOW: u32 = 256 * 1024;

/// How long an idle connection that was told to leave can take to do so.
const LEAVING_TIMEOUT: Duration = Duration::from_secs(1);

/// How long a connection that was told to leave can take to send the answers that are under way.
const ANSWERING_TIMEOUT: Duration = Duration::from_secs(5);

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Serves a connection until the client closes it, it has to give way, or the replica shuts down.
///
/// # Errors
///
/// If the TLS handshake or the HTTP connection fails.
pub(super) async fn serve(
    stream: TcpStream,
    peer: SocketAddr,
    acceptor: TlsAcceptor,
    app: Arc<App>,
    caller: &Arc<Caller>,
    mut phases: Phases,
) -> Result<(), BoxError> {
    let shaken = shake(stream, acceptor, caller).await;
    let stream = shaken.inspect_err(|error| handshake::failed(&app.metrics, peer, error))?;
    let http2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
    if http2 && !app.limits.connections().admit_http2(caller) {
        app.metrics.listener().refused(Refused::Http2);
        return Ok(());
    }
    caller.shaken(http2);
    let service = {
        let caller = caller.clone();
        let unsent = http2.then(Arc::<AtomicUsize>::default);
        service_fn(move |request: Request<Incoming>| {
            let in_service = caller.serve();
            let (app, caller, unsent) = (app.clone(), caller.clone(), unsent.clone());
            async move {
                let response = answer_to(&app, &caller, request.map(Body::new)).await;
                drop(in_service);
                let Some(unsent) = unsent else { return Ok::<_, Infallible>(response) };
                Ok(response.map(|body| {
                    let (body, too_many) = Unsent::new(body, &unsent);
                    if too_many {
                        caller.tell();
                    }
                    Body::new(body)
                }))
            }
        })
    };
    let io = TokioIo::new(Heard::new(stream, caller.clone()));
    // A macro, because the two kinds of connections have no common trait.
    macro_rules! serve {
        ($connection:expr, $last:expr) => {{
            let mut connection = pin!($connection);
            tokio::select! {
                ended = &mut connection => ended,
                () = phases.reached($last) => {
                    connection.as_mut().graceful_shutdown();
                    connection.await
                }
                // A connection that has sent no request yet waits for one, whatever it is told.
                () = caller.told() => if caller.is_used() {
                    connection.as_mut().graceful_shutdown();
                    let mut ended = tokio::time::timeout(LEAVING_TIMEOUT, connection.as_mut()).await;
                    if ended.is_err() && caller.is_serving() {
                        ended = tokio::time::timeout(ANSWERING_TIMEOUT, connection).await;
                    }
                    ended.unwrap_or(Ok(()))
                } else {
                    Ok(())
                },
            }
        }};
    }
    let ended = if http2 {
        let mut builder = hyper::server::conn::http2::Builder::new(TokioExecutor::new());
        builder
            .timer(TokioTimer::new())
            .max_concurrent_streams(MAX_STREAMS)
            .initial_stream_window_size(STREAM_WINDOW)
            .initial_connection_window_size(CONNECTION_WINDOW)
            .max_send_buf_size(usize::try_from(STREAM_WINDOW).unwrap_or(usize::MAX))
            .max_header_list_size(u32::try_from(MAX_HEAD_BYTES).unwrap_or(u32::MAX))
            .keep_alive_interval(Some(Duration::from_secs(60)));
        // GOAWAY names the last stream that is answered, so no request is lost.
        serve!(builder.serve_connection(io, service), Phase::Leaving)
    } else {
        let mut builder = hyper::server::conn::http1::Builder::new();
        builder
            .timer(TokioTimer::new())
            .header_read_timeout(IDLE_TIMEOUT)
            .max_header_size(MAX_HEAD_BYTES)
            .max_buf_size(MAX_HEAD_BYTES);
        // Only in the last phase, because a request may be on its way on a connection that looks idle. Until then each answer closes its
        // connection.
        serve!(builder.serve_connection(io, service), Phase::Ended)
    };
    Ok(ended?)
}
