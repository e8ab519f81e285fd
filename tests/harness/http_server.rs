//! A server on loopback that plays an API server for tests that have no runtime of their own: axum on a thread, with answers that may
//! block.

use std::io;
use std::net::TcpListener;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::header::CONTENT_TYPE;
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::stream;
use serde_json::json;
use tokio::sync::mpsc;

/// The answer to a request.
pub enum Answer {
    /// A status and a JSON document.
    Json(u16, String),
    /// The status 200 and a body that a function sends part by part. The body ends when the function returns.
    Stream(Box<dyn FnOnce(Parts) + Send>),
}

impl Answer {
    /// A failure as an API server reports it.
    pub fn status(code: u16, message: &str) -> Self {
        let status = json!({
            "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "message": message, "code": code,
        });
        Self::Json(code, status.to_string())
    }
}

/// Where the parts of a body go.
pub struct Parts(mpsc::Sender<Bytes>);

impl Parts {
    /// Sends one part as a chunk of its own.
    ///
    /// # Errors
    ///
    /// Where the client has gone.
    pub fn send(&self, part: impl Into<Bytes>) -> io::Result<()> {
        self.0.blocking_send(part.into()).map_err(|_| io::ErrorKind::BrokenPipe.into())
    }
}

/// Serves until the process ends, and returns the port. A request is answered by its path and query, on a thread that may block.
///
/// # Errors
///
/// Where no port of loopback can be listened on.
pub fn serve(answer: impl Fn(&str) -> Answer + Send + Sync + 'static) -> io::Result<u16> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    listener.set_nonblocking(true)?;
    let port = listener.local_addr()?.port();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let answer = Arc::new(answer);
    let router = Router::new().fallback(move |uri: Uri| respond(answer.clone(), uri));
    std::thread::spawn(move || {
        runtime
            .block_on(async move { axum::serve(tokio::net::TcpListener::from_std(listener)?, router).await })
    });
    Ok(port)
}

async fn respond<A: Fn(&str) -> Answer + Send + Sync + 'static>(answer: Arc<A>, uri: Uri) -> Response {
    // A test's answer that panics shows itself as a status that no API server has for it.
    let Ok(answer) = tokio::task::spawn_blocking(move || answer(&uri.to_string())).await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let (status, body) = match answer {
        Answer::Json(status, text) => (status, Body::from(text)),
        Answer::Stream(send) => {
            let (sender, parts) = mpsc::channel(1);
            tokio::task::spawn_blocking(move || send(Parts(sender)));
            let parts = stream::unfold(parts, |mut parts| async {
                parts.recv().await.map(|part| (Ok::<_, io::Error>(part), parts))
            });
            (200, Body::from_stream(parts))
        }
    };
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, [(CONTENT_TYPE, "application/json")], body).into_response()
}
