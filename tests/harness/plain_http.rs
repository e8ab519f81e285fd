//! One GET over plain HTTP: probes and metric pages.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// The status and the body.
pub async fn get(address: SocketAddr, path: &str, within: Duration) -> Result<(u16, String), String> {
    let asked = async {
        let mut stream = TcpStream::connect(address).await.map_err(|error| error.to_string())?;
        let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.map_err(|error| error.to_string())?;
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).await.map_err(|error| error.to_string())?;
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let status = text.split(' ').nth(1).and_then(|word| word.parse().ok());
        let body = text.split_once("\r\n\r\n").map(|(_, body)| body.to_owned()).unwrap_or_default();
        status.map(|status| (status, body)).ok_or_else(|| format!("no HTTP answer: {text:.60}"))
    };
    match tokio::time::timeout(within, asked).await {
        Ok(outcome) => outcome,
        Err(_) => Err(format!("no answer within {} ms", within.as_millis())),
    }
}
