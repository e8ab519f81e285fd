//! The listener for reviews: TLS, HTTP/1.1 and HTTP/2, bounded in connections, in memory and in time.

mod body;
mod connection;
mod deadline;
mod handler;
mod limits;
mod phase;
mod tls;

pub use handler::{App, Policy, answer};
pub use limits::{Limits, Settings};
pub use phase::{Phase, Switch};
pub use tls::{Minimum, TlsError, config};

use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// After a failed accept (no more file descriptors, mostly) the listener rests this long instead of spinning.
const REST: Duration = Duration::from_millis(100);

/// Accepts connections until the phase says that the end has come, then waits for those that are left.
pub async fn serve(listener: TcpListener, tls: Arc<rustls::ServerConfig>, app: Arc<App>) {
    let acceptor = TlsAcceptor::from(tls);
    let mut phases = app.switch.follow();
    loop {
        // Where all places are taken nobody is accepted: the kernel's queue holds them, and then the client's own patience.
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
    app.limits.alone().await;
}
