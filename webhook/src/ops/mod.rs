//! The listener for probes and metrics. It has a thread and a runtime of its own, so that it answers whatever the rest of the process does,
//! and limits of its own, so that those who hold its connections take nothing from reviews.

mod access;
mod connection;
mod exposition;
mod guests;
mod router;

pub(crate) use access::{Access, Reviewer};
pub(crate) use router::Ops;

use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use tokio_rustls::TlsAcceptor;

use crate::logs::Rarely;
use crate::metrics::Part;
use crate::supervise::Supervisor;
use guests::Guests;

/// The pause after a failed accept, which mostly means that there are no file descriptors left.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Answers on this listener for as long as the process lives; over TLS if `tls` is given.
///
/// # Errors
///
/// A message, if the listener cannot be used or its thread cannot be started.
pub(crate) fn start(
    supervisor: &Supervisor,
    listener: TcpListener,
    tls: Option<Arc<rustls::ServerConfig>>,
    ops: Ops,
) -> Result<(), String> {
    let failed = |error: std::io::Error| format!("the listener for probes and metrics cannot start: {error}");
    listener.set_nonblocking(true).map_err(failed)?;
    let (ops, acceptor) = (Arc::new(ops), tls.map(TlsAcceptor::from));
    let body = move || {
        while let Err(error) = run(&listener, acceptor.as_ref(), &ops) {
            tracing::error!("the listener for probes and metrics failed: {error}");
            std::thread::sleep(Duration::from_secs(1));
        }
    };
    supervisor.thread(Part::Ops, "ops", body).map_err(failed)?;
    Ok(())
}

/// Accepts connections. Returns only with an error.
fn run(listener: &TcpListener, acceptor: Option<&TlsAcceptor>, ops: &Arc<Ops>) -> std::io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::from_std(listener.try_clone()?)?;
        let guests = Guests::default();
        let mut id = 0_u64;
        loop {
            match listener.accept().await {
                Ok((stream, peer)) => {
                    id = id.wrapping_add(1);
                    guests.make_room(peer.ip());
                    let busy = Arc::new(AtomicBool::new(false));
                    let serving = connection::serve(stream, acceptor.cloned(), ops.clone(), busy.clone());
                    let (leaving, open) = (guests.clone(), ops.metrics.listener().ops_connections.clone());
                    // The task runs only after this one has waited, so the connection is on the list by then.
                    let task = tokio::spawn(async move {
                        if let Err(error) = serving.await {
                            tracing::debug!(%peer, "a connection for probes and metrics failed: {error}");
                        }
                        leaving.left(id);
                        open.set(leaving.count());
                    });
                    guests.came(id, peer.ip(), busy, task.abort_handle());
                    ops.metrics.listener().ops_connections.set(guests.count());
                }
                Err(error) => {
                    static LINE: Rarely = Rarely::every(Duration::from_secs(10));
                    if let Some(left_out) = LINE.allows() {
                        tracing::warn!(
                            left_out,
                            "a connection for probes and metrics could not be accepted: {error}"
                        );
                    }
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    })
}

#[cfg(test)]
mod tests;
