//! What kube-proxy does with a connection: forwards its bytes to one backend, and the end of either side to the other.

use std::net::SocketAddr;

use tokio::io::copy_bidirectional;
use tokio::net::TcpStream;

/// Forwards a connection until it ends. Without a backend, or where it refuses, the client sees a reset.
pub async fn forward(mut client: TcpStream, backend: Option<SocketAddr>) {
    let connected = match backend {
        Some(address) => TcpStream::connect(address).await.ok(),
        None => None,
    };
    let Some(mut server) = connected else {
        let _ = client.set_zero_linger();
        return;
    };
    let _ = (client.set_nodelay(true), server.set_nodelay(true));
    if copy_bidirectional(&mut client, &mut server).await.is_err() {
        // A reset on one side is a reset on the other.
        let _ = (client.set_zero_linger(), server.set_zero_linger());
    }
}
