//! The TLS handshake of a connection.

use std::io;
use std::time::Duration;

use tokio::io::BufReader;
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::connections::Caller;

/// Timeout of the TLS handshake.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(5);

/// The size of the read buffer: the largest TLS record. rustls reads 4 KiB at a time, so most reviews would need two or three system calls
/// without it.
const READ_BUFFER: usize = 16 * 1024;

/// The stream of a connection whose handshake is finished.
pub(super) type Stream = TlsStream<BufReader<TcpStream>>;

/// Does the handshake. Ends it if the connection is told to leave.
///
/// # Errors
///
/// If it fails, or is not finished in time.
pub(super) async fn shake(stream: TcpStream, acceptor: TlsAcceptor, caller: &Caller) -> io::Result<Stream> {
    let late = |sentence: &str| Err(io::Error::new(io::ErrorKind::TimedOut, sentence));
    stream.set_nodelay(true)?;
    let accepting = acceptor.accept(BufReader::with_capacity(READ_BUFFER, stream));
    tokio::select! {
        accepted = tokio::time::timeout(HANDSHAKE_TIMEOUT, accepting) => {
            accepted.unwrap_or_else(|_| late("the TLS handshake was not finished"))
        }
        () = caller.told() => late("the TLS handshake had stalled, and others needed its place"),
    }
}
