//! One request over HTTP/1.1, on a connection that the caller opened or on one of its own.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::header::{CONTENT_TYPE, HOST};
use hyper::{Method, Request};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;

/// A connection that serves one request after another until it is dropped.
pub struct Connection(SendRequest<Full<Bytes>>);

impl Connection {
    /// Speaks HTTP/1.1 on a stream.
    ///
    /// # Errors
    ///
    /// Where the stream has ended.
    pub async fn open(stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static) -> Result<Self, String> {
        let (sender, connection) =
            handshake(TokioIo::new(stream)).await.map_err(|error| error.to_string())?;
        tokio::spawn(connection);
        Ok(Self(sender))
    }

    /// GET of a path: the status and the body.
    ///
    /// # Errors
    ///
    /// Where the connection ends before the answer does.
    pub async fn get(&mut self, host: &str, path: &str) -> Result<(u16, String), String> {
        self.send(Method::GET, host, path, String::new()).await
    }

    /// POST of a JSON document: the status and the body.
    ///
    /// # Errors
    ///
    /// Where the connection ends before the answer does.
    pub async fn post(&mut self, host: &str, path: &str, body: String) -> Result<(u16, String), String> {
        self.send(Method::POST, host, path, body).await
    }

    async fn send(
        &mut self,
        method: Method,
        host: &str,
        path: &str,
        body: String,
    ) -> Result<(u16, String), String> {
        let request = Request::builder().method(method).uri(path).header(HOST, host);
        let request = request.header(CONTENT_TYPE, "application/json").body(Full::new(Bytes::from(body)));
        let request = request.map_err(|error| error.to_string())?;
        let answer = self.0.send_request(request).await.map_err(|error| error.to_string())?;
        let status = answer.status().as_u16();
        let body = answer.into_body().collect().await.map_err(|error| error.to_string())?.to_bytes();
        Ok((status, String::from_utf8_lossy(&body).into_owned()))
    }
}

/// One GET without TLS, for probes and metrics: the status and the body.
///
/// # Errors
///
/// Where there is no complete answer in time.
pub async fn get(address: SocketAddr, path: &str, within: Duration) -> Result<(u16, String), String> {
    let asked = async {
        let stream = TcpStream::connect(address).await.map_err(|error| error.to_string())?;
        Connection::open(stream).await?.get(&address.to_string(), path).await
    };
    match tokio::time::timeout(within, asked).await {
        Ok(outcome) => outcome,
        Err(_) => Err(format!("no answer within {} ms", within.as_millis())),
    }
}
