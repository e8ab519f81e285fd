//! HTTP/2 over TLS as Go's transport sends it: streams on few connections. A stream that the server refused, or did not begin to read, is
//! sent again.

use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use h2::client::SendRequest;
use http::Request;
use tokio::sync::Mutex;

use daemonset_tests::reviews::answer::Answer;
use daemonset_tests::reviews::tls::Dialer;

/// A fixed number of connections to one webhook, used in turn.
pub struct Streams {
    dialer: Dialer,
    senders: Vec<Mutex<Option<SendRequest<Bytes>>>>,
    turn: AtomicU64,
    opened: AtomicU64,
    url: String,
}

impl Streams {
    /// `connections` of them.
    pub fn new(dialer: Dialer, connections: usize, url: String) -> Self {
        let senders = (0..connections.max(1)).map(|_| Mutex::new(None)).collect();
        Self { dialer, senders, turn: AtomicU64::new(0), opened: AtomicU64::new(0), url }
    }

    /// Who dials.
    pub fn dialer(&self) -> &Dialer {
        &self.dialer
    }

    /// Connections that were opened.
    pub fn opened(&self) -> u64 {
        self.opened.load(Ordering::Relaxed)
    }

    /// Sends one review and reads the whole answer; an error is why the call failed.
    pub async fn post(&self, body: Bytes) -> Result<Answer, String> {
        let mut last = String::new();
        // Go's transport gives a refused stream six more chances.
        for _ in 0..7 {
            let mut sender = self.sender().await?;
            match self.once(&mut sender, body.clone()).await {
                Ok(answer) => return Ok(answer),
                Err(error) if was_not_begun(&error) => last = error.to_string(),
                Err(error) => return Err(format!("http2: {error}")),
            }
        }
        Err(format!("http2, seven times: {last}"))
    }

    async fn once(&self, sender: &mut SendRequest<Bytes>, body: Bytes) -> Result<Answer, h2::Error> {
        let request = Request::post(&self.url)
            .header("user-agent", crate::USER_AGENT)
            .header("content-type", "application/json")
            .header("accept", "application/json, */*")
            .header("content-length", body.len())
            .body(())
            .map_err(|_| h2::Error::from(h2::Reason::INTERNAL_ERROR))?;
        let (answer, mut out) = sender.send_request(request, false)?;
        out.send_data(body, true)?;
        let (head, mut stream) = answer.await?.into_parts();
        let text = |name: &str| {
            head.headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
        };
        let mut answer = Answer {
            status: head.status.as_u16(),
            retry_after: text("retry-after").and_then(|value| value.parse().ok()),
            content_type: text("content-type").unwrap_or_default(),
            body: Vec::new(),
        };
        while let Some(part) = stream.data().await {
            let part = part?;
            let _ = stream.flow_control().release_capacity(part.len());
            answer.body.extend_from_slice(&part);
        }
        Ok(answer)
    }

    /// A connection that takes another stream.
    async fn sender(&self) -> Result<SendRequest<Bytes>, String> {
        let turn = self.turn.fetch_add(1, Ordering::Relaxed) as usize % self.senders.len();
        let alive = self.senders[turn].lock().await.clone();
        if let Some(alive) = alive
            && let Ok(ready) = alive.ready().await
        {
            return Ok(ready);
        }
        let mut place = self.senders[turn].lock().await;
        // Another task may have dialled meanwhile.
        if let Some(alive) = place.clone()
            && let Ok(ready) = alive.ready().await
        {
            return Ok(ready);
        }
        let stream = self.dialer.dial().await?;
        self.opened.fetch_add(1, Ordering::Relaxed);
        let (sender, connection) = h2::client::Builder::new()
            .initial_window_size(4 << 20)
            .initial_connection_window_size(1 << 30)
            .handshake(stream)
            .await
            .map_err(|error| format!("http2: {error}"))?;
        tokio::spawn(async move {
            let _ = connection.await;
        });
        *place = Some(sender.clone());
        sender.ready().await.map_err(|error| format!("http2: {error}"))
    }
}

/// Whether the server has certainly not begun to work on the stream.
fn was_not_begun(error: &h2::Error) -> bool {
    error.reason() == Some(h2::Reason::REFUSED_STREAM)
        || (error.is_go_away() && error.reason() == Some(h2::Reason::NO_ERROR))
}
