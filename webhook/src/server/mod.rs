//! The listener for reviews: TLS, HTTP/1.1 and HTTP/2, with limits on connections, memory and time.

mod body;
mod connection;
mod deadline;
mod handler;
mod handshake;
mod limits;
mod phase;
mod tls;

pub use handler::{App, Policy, answer};
pub use limits::{Limits, Settings};
pub(crate) use phase::Phase;
pub use phase::Switch;
pub use tls::{Minimum, TlsError, config};
pub(crate) use tls::{mutual, ops_config};

use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// The pause after a failed accept, which mostly means that there are no file descriptors left.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Accepts connections until the phase `Ended`, then waits until all are closed.
pub async fn serve(listener: TcpListener, tls: Arc<rustls::ServerConfig>, app: Arc<App>) {
    accept(&listener, tls, &app).await;
    drop(listener);
    closed(&app).await;
}

/// Waits until all connections are closed.
pub(crate) async fn closed(app: &App) {
    app.limits.all_closed().await;
}

/// Accepts connections until the phase `Ended`. Can be called again after it has panicked.
pub(crate) async fn accept(listener: &TcpListener, tls: Arc<rustls::ServerConfig>, app: &Arc<App>) {
    let acceptor = TlsAcceptor::from(tls);
    let mut phases = app.switch.follow();
    loop {
        // At the limit no connection is accepted. Clients wait in the kernel's accept queue.
        let place = tokio::select! {
            place = app.limits.connection() => place,
            () = phases.reached(Phase::Ended) => break,
        };
        let Some(place) = place else { break };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = phases.reached(Phase::Ended) => break,
        };
        match accepted {
            Ok((stream, peer)) => {
                let (acceptor, app, phases) = (acceptor.clone(), app.clone(), app.switch.follow());
                tokio::spawn(async move {
                    if let Err(error) = connection::serve(stream, peer, acceptor, app, phases).await {
                        tracing::debug!(%peer, "a connection failed: {error}");
                    }
                    drop(place);
                });
            }
            Err(error) => {
                tracing::warn!("a connection could not be accepted: {error}");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}
