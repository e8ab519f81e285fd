//! The listener for reviews: TLS, HTTP/1.1 and HTTP/2, bounded in connections, in memory and in time.

mod connection;
mod deadline;
mod handler;
mod limits;
mod phase;
mod tls;

pub use handler::{App, Placement, Policy, router};
pub use limits::{Limits, Settings};
pub use phase::{Phase, Switch};
pub use tls::{Minimum, TlsError, config};

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio_rustls::TlsAcceptor;

/// After a failed accept (no more file descriptors, mostly) the listener rests this long instead of spinning.
const REST: Duration = Duration::from_millis(100);

/// Accepts connections until the phase says that the end has come, then waits for those that are left.
pub async fn serve(
    listener: TcpListener,
    tls: Arc<rustls::ServerConfig>,
    app: Router,
    switch: Switch,
    connections: usize,
) {
    let acceptor = TlsAcceptor::from(tls);
    let places = Arc::new(Semaphore::new(connections));
    let mut phases = switch.follow();
    loop {
        // Where all places are taken nobody is accepted: the kernel's queue holds them, and then the client's own patience.
        let place = tokio::select! {
            place = places.clone().acquire_owned() => place,
            () = phases.reached(Phase::Ended) => break,
        };
        let Ok(place) = place else { break };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = phases.reached(Phase::Ended) => break,
        };
        match accepted {
            Ok((stream, peer)) => {
                let (acceptor, app, phases) = (acceptor.clone(), app.clone(), switch.follow());
                tokio::spawn(async move {
                    if let Err(error) = connection::serve(stream, acceptor, app, phases).await {
                        tracing::debug!(%peer, "a connection ended early: {error}");
                    }
                    drop(place);
                });
            }
            Err(error) => {
                tracing::warn!("a connection could not be accepted: {error}");
                tokio::time::sleep(REST).await;
            }
        }
    }
    drop(listener);
    // All places free: no connection is left.
    let all = u32::try_from(connections).unwrap_or(u32::MAX);
    let _ = places.acquire_many(all).await;
}
