//! HTTP/1.1 over TLS as Go's transport sends it: a stack of idle connections, and a request is sent again only if no byte of it was
//! written.
//!
//! No HTTP client serves here: requests may be malformed, an answer must not be followed by more bytes, and hyper-util's pool decides by
//! itself when to dial and when to send again. `httparse` reads the heads.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::{Semaphore, oneshot};
use tokio_rustls::client::TlsStream;

use crate::reviews::answer::Answer;
use crate::reviews::tls::Dialer;

/// Connections to one webhook.
pub struct Pool {
    dialer: Dialer,
    state: Mutex<State>,
    keep: usize,
    uses: u64,
    slots: Semaphore,
    opened: AtomicU64,
}

#[derive(Default)]
struct State {
    idle: Vec<Connection>,
    /// Requests without a connection; the number tells whose dialling failed.
    waiting: VecDeque<(u64, oneshot::Sender<Result<Connection, String>>)>,
    next: u64,
}

struct Connection {
    stream: TlsStream<TcpStream>,
    buffer: Vec<u8>,
    uses: u64,
}

impl Pool {
    /// At most `slots` requests at once; `keep` idle connections; each connection serves `uses` requests.
    pub fn new(dialer: Dialer, slots: usize, keep: usize, uses: u64) -> Arc<Self> {
        Arc::new(Self {
            dialer,
            state: Mutex::default(),
            keep,
            uses,
            slots: Semaphore::new(slots),
            opened: AtomicU64::new(0),
        })
    }

    /// Who dials.
    pub fn dialer(&self) -> &Dialer {
        &self.dialer
    }

    /// Connections that were opened.
    pub fn opened(&self) -> u64 {
        self.opened.load(Ordering::Relaxed)
    }

    /// Sends one request, head and body in one piece, and reads the whole answer; an error is why the call failed.
    pub async fn post(self: &Arc<Self>, request: &[u8]) -> Result<Answer, String> {
        let _slot = self.slots.acquire().await.map_err(|error| error.to_string())?;
        let mut connection = self.take().await?;
        let (answer, close) = connection.post(request).await?;
        connection.uses += 1;
        if !close && connection.uses < self.uses {
            self.put(connection);
        }
        Ok(answer)
    }

    /// The connection that was used last, unless the server has closed it meanwhile. Where none is idle one is dialled, and
    /// whichever is free first is taken: the new one, or one that another request gives back.
    async fn take(self: &Arc<Self>) -> Result<Connection, String> {
        let (number, free) = {
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            while let Some(mut connection) = state.idle.pop() {
                if !connection.is_closed() {
                    return Ok(connection);
                }
            }
            let (give, free) = oneshot::channel();
            state.next += 1;
            let number = state.next;
            state.waiting.push_back((number, give));
            (number, free)
        };
        let pool = Arc::clone(self);
        tokio::spawn(async move {
            match pool.dialer.dial().await {
                Ok(stream) => {
                    pool.opened.fetch_add(1, Ordering::Relaxed);
                    pool.put(Connection { stream, buffer: Vec::with_capacity(4096), uses: 0 });
                }
                Err(error) => {
                    let mut state = pool.state.lock().unwrap_or_else(PoisonError::into_inner);
                    if let Some(place) = state.waiting.iter().position(|(waits, _)| *waits == number)
                        && let Some((_, give)) = state.waiting.remove(place)
                    {
                        let _ = give.send(Err(error));
                    }
                }
            }
        });
        free.await.map_err(|error| error.to_string())?
    }

    /// A free connection goes to who has waited longest, or to the idle ones.
    fn put(&self, connection: Connection) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let mut free = Ok(connection);
        while let Some((_, give)) = state.waiting.pop_front() {
            match give.send(free) {
                Ok(()) => return,
                Err(back) => free = back,
            }
        }
        if let Ok(connection) = free
            && state.idle.len() < self.keep
        {
            state.idle.push(connection);
        }
    }
}

impl Connection {
    /// An idle connection has nothing to say: an end or a byte makes it useless.
    fn is_closed(&mut self) -> bool {
        let mut byte = [0];
        let mut buffer = ReadBuf::new(&mut byte);
        let mut context = Context::from_waker(Waker::noop());
        !matches!(Pin::new(&mut self.stream).poll_read(&mut context, &mut buffer), Poll::Pending)
    }

    /// The answer, and whether the connection is to be closed behind it.
    async fn post(&mut self, request: &[u8]) -> Result<(Answer, bool), String> {
        let sent = async {
            self.stream.write_all(request).await?;
            self.stream.flush().await
        };
        sent.await.map_err(|error| format!("broken while writing: {}", error.kind()))?;
        self.buffer.clear();
        let (mut answer, framing, close, head) = loop {
            self.more("closed before the answer").await?;
            if let Some(parsed) = parse_head(&self.buffer)? {
                break parsed;
            }
        };
        let mut end = head;
        match framing {
            // What HEAD is answered has the head of an answer, and no body.
            _ if request.starts_with(b"HEAD ") => {}
            Framing::Length(length) => {
                end += length;
                while self.buffer.len() < end {
                    self.more("closed inside the answer").await?;
                }
                answer.body = self.buffer[head..end].to_vec();
            }
            Framing::Chunked => loop {
                let rest = &self.buffer[end..];
                match httparse::parse_chunk_size(rest) {
                    Ok(httparse::Status::Complete((start, size))) => {
                        let size = usize::try_from(size).unwrap_or(usize::MAX / 4);
                        if rest.len() >= start + size + 2 {
                            answer.body.extend_from_slice(&rest[start..start + size]);
                            end += start + size + 2;
                            if size == 0 {
                                break;
                            }
                            continue;
                        }
                    }
                    Ok(httparse::Status::Partial) => {}
                    Err(_) => return Err("malformed chunk".to_owned()),
                }
                self.more("closed inside the answer").await?;
            },
        }
        if self.buffer.len() > end {
            return Err("bytes behind the answer".to_owned());
        }
        Ok((answer, close))
    }

    async fn more(&mut self, otherwise: &str) -> Result<(), String> {
        match self.stream.read_buf(&mut self.buffer).await {
            Ok(0) => Err(otherwise.to_owned()),
            Ok(_) if self.buffer.len() > 16 << 20 => Err("endless answer".to_owned()),
            Ok(_) => Ok(()),
            Err(error) => Err(format!("{otherwise}: {}", error.kind())),
        }
    }
}

enum Framing {
    Length(usize),
    Chunked,
}

/// The answer without its body, how the body is framed, whether the connection closes, and where the body begins.
fn parse_head(buffer: &[u8]) -> Result<Option<(Answer, Framing, bool, usize)>, String> {
    let mut headers = [httparse::EMPTY_HEADER; 64];
    let mut response = httparse::Response::new(&mut headers);
    let head = match response.parse(buffer) {
        Ok(httparse::Status::Complete(head)) => head,
        Ok(httparse::Status::Partial) => return Ok(None),
        Err(error) => return Err(format!("malformed answer: {error}")),
    };
    let mut answer = Answer { status: response.code.unwrap_or(0), ..Answer::default() };
    let mut framing = Framing::Length(0);
    let mut close = response.version == Some(0);
    for header in response.headers.iter() {
        let value = String::from_utf8_lossy(header.value);
        match header.name.to_ascii_lowercase().as_str() {
            "content-length" => {
                framing = Framing::Length(value.parse().map_err(|_| "malformed Content-Length".to_owned())?);
            }
            "transfer-encoding" if value.eq_ignore_ascii_case("chunked") => framing = Framing::Chunked,
            "connection" => close |= value.to_ascii_lowercase().contains("close"),
            "retry-after" => answer.retry_after = value.parse().ok(),
            "content-type" => answer.content_type = value.into_owned(),
            _ => {}
        }
    }
    Ok(Some((answer, framing, close, head)))
}
