//! The listener for reviews: TLS, HTTP/1.1 and HTTP/2, with limits on connections, memory and time.

mod app;
mod body;
mod connection;
mod connections;
mod deadline;
mod decide;
mod handler;
mod handshake;
mod heard;
mod judge;
mod judges;
mod limits;
mod memory;
mod moment;
mod phase;
mod readers;
mod refusal;
mod shake;
mod tls;
mod unsent;

pub use app::{App, Policy};
pub use handler::answer;
pub use judges::Judges;
pub use limits::{Limits, Settings};
pub(crate) use phase::Phase;
pub use phase::Switch;
pub use tls::{Minimum, TlsError, config};
pub(crate) use tls::{mutual, ops_config};

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use crate::logs::Rarely;
use crate::metrics::Refused;
use connections::{Admission, Place};

/// The pause after a failed accept, which mostly means that there are no file descriptors left.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Accepts that fail are logged at this rate.
static NOT_ACCEPTED: Rarely = Rarely::every(Duration::from_secs(10));

/// How long the listener waits for a free place before it looks again for a connection that gives way.
const FULL_PAUSE: Duration = Duration::from_millis(25);

/// How long a connection waits for a place if its peer has its share already.
const CROWDED_TIMEOUT: Duration = Duration::from_secs(1);

/// How often connections that are idle or slow for too long are looked for.
const SWEEP: Duration = Duration::from_secs(1);

/// Accepts connections until the phase `Ended`, then waits until all are closed.
pub async fn serve(listener: TcpListener, tls: Arc<rustls::ServerConfig>, app: Arc<App>) {
    accept(&listener, tls, &app).await;
    drop(listener);
    closed(&app).await;
}

/// Waits until all connections are closed.
pub(crate) async fn closed(app: &App) {
    app.limits.connections().all_closed().await;
}

/// Accepts connections until the phase `Ended`. Can be called again after it has panicked.
pub(crate) async fn accept(listener: &TcpListener, tls: Arc<rustls::ServerConfig>, app: &Arc<App>) {
    let acceptor = TlsAcceptor::from(tls);
    let mut phases = app.switch.follow();
    let accepting = async {
        loop {
            match listener.accept().await {
                Ok((stream, peer)) => match admit(app, peer).await {
                    Some(place) => {
                        tokio::spawn(serve_one(stream, peer, acceptor.clone(), app.clone(), place));
                    }
                    None => {
                        tokio::spawn(wait_for_place(stream, peer, acceptor.clone(), app.clone()));
                    }
                },
                Err(error) => {
                    if let Some(left_out) = NOT_ACCEPTED.allows() {
                        tracing::warn!(left_out, "a connection could not be accepted: {error}");
                    }
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    };
    tokio::select! {
        () = accepting => {}
        () = sweep(app) => {}
        () = phases.reached(Phase::Ended) => {}
    }
}

/// A place for a connection. While all connections are busy, no further one is accepted, and clients wait in the kernel's queue. `None` if
/// the peer has its share already.
async fn admit(app: &App, peer: SocketAddr) -> Option<Place> {
    let connections = app.limits.connections();
    loop {
        match connections.admit(peer.ip()) {
            Admission::Admitted(place) => return Some(place),
            Admission::Crowded => return None,
            Admission::Full => connections.changed(FULL_PAUSE).await,
        }
    }
}

/// Serves a connection of a peer that has its share, if one of its other connections gives way or ends soon. Few wait at a time.
async fn wait_for_place(stream: TcpStream, peer: SocketAddr, acceptor: TlsAcceptor, app: Arc<App>) {
    let connections = app.limits.connections().clone();
    let waiting = connections.wait();
    let end = Instant::now().checked_add(CROWDED_TIMEOUT);
    while waiting.is_some() && end.is_some_and(|end| Instant::now() < end) {
        connections.changed(FULL_PAUSE).await;
        if let Admission::Admitted(place) = connections.admit(peer.ip()) {
            drop(waiting);
            return serve_one(stream, peer, acceptor, app, place).await;
        }
    }
    app.metrics.listener().refused(Refused::Connections);
}

/// Ends connections that are idle or slow for too long.
async fn sweep(app: &App) {
    loop {
        tokio::time::sleep(SWEEP).await;
        for _ in 0..app.limits.connections().sweep() {
            app.metrics.listener().refused(Refused::Idle);
        }
    }
}

async fn serve_one(stream: TcpStream, peer: SocketAddr, acceptor: TlsAcceptor, app: Arc<App>, place: Place) {
    let open = app.metrics.listener().connections.clone();
    open.inc();
    let phases = app.switch.follow();
    if let Err(error) = connection::serve(stream, peer, acceptor, app.clone(), place.caller(), phases).await {
        tracing::debug!(%peer, "a connection failed: {error}");
    }
    open.dec();
    drop(place);
}
