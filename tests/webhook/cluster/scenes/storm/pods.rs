//! What "pods" do to the replicas directly: connections that say nothing, that wait, that send slowly, and HTTP/2 streams without an end.
//! Each pod has an address of its own on loopback, so that they are told apart from the API server, which is at 127.0.0.1.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use rustls::ClientConfig;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::task::JoinSet;
use tokio_rustls::client::TlsStream;

use super::objects::Body;
use crate::tls;

/// Connections to each replica that send nothing at all.
const HALF_OPEN: usize = 300;

/// Connections to each replica that shake hands and then send nothing.
const IDLE: usize = 500;

/// Connections to each replica that hold back the last byte of a body of the largest size.
const HELD: usize = 6;

/// Connections to each replica that send a byte of a body now and then.
const DRIPPING: usize = 20;

/// Connections to each replica with as many HTTP/2 streams as they may have, all without a body.
const STREAMS: usize = 4;

/// Connections to each replica that send as much of a body as the HTTP/2 windows let them.
const WINDOWS: usize = 40;

/// Connections to each ops listener with half a request.
const OPS: usize = 200;

/// Connections to each replica that send hostile bodies one after another.
const POSTING: usize = 2;

/// The largest body of a review.
const LARGEST: usize = 8 << 20;

/// No connection is held longer before it is opened again.
const HOLD: Duration = Duration::from_secs(60);

/// Whom the pods attack.
#[derive(Clone)]
pub struct Target {
    /// The listener for reviews.
    pub reviews: SocketAddr,
    /// The listener for probes and metrics.
    pub ops: SocketAddr,
}

/// The pods.
pub struct Pods {
    tasks: JoinSet<()>,
    seen: Seen,
}

/// How often each thing was done, or what came of it.
#[derive(Clone, Default)]
struct Seen(Arc<Mutex<BTreeMap<String, u64>>>);

impl Seen {
    fn count(&self, what: impl Into<String>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(what.into()).or_default() += 1;
    }
}

/// What each attacker needs.
#[derive(Clone)]
struct Attacker {
    http1: Arc<ClientConfig>,
    http2: Arc<ClientConfig>,
    seen: Seen,
}

impl Pods {
    /// Starts to attack.
    pub fn start(targets: &[Target], bodies: &Arc<Vec<Body>>) -> Result<Self, String> {
        let of = |protocol: &[u8]| -> Result<Arc<ClientConfig>, String> {
            let mut config = tls::config(None, &[&rustls::version::TLS13])?;
            config.alpn_protocols = vec![protocol.to_vec()];
            Ok(Arc::new(config))
        };
        let attacker = Attacker { http1: of(b"http/1.1")?, http2: of(b"h2")?, seen: Seen::default() };
        let mut tasks = JoinSet::new();
        for target in targets {
            let mut spawn = |count: usize, kind: Kind| {
                for number in 0..count {
                    let (attacker, target, bodies) = (attacker.clone(), target.clone(), Arc::clone(bodies));
                    tasks.spawn(async move {
                        // Not all at the same moment: a handshake costs the attacker's core as well.
                        tokio::time::sleep(Duration::from_millis(10 * number as u64)).await;
                        let mut turn = number;
                        loop {
                            let done =
                                tokio::time::timeout(HOLD, attacker.attack(kind, &target, &bodies, turn));
                            if let Ok(Err(error)) = done.await {
                                let error: String = error.chars().take(60).collect();
                                attacker.seen.count(format!("{kind:?}: {error}"));
                            }
                            turn += 1;
                            tokio::time::sleep(kind.pause()).await;
                        }
                    });
                }
            };
            spawn(HALF_OPEN, Kind::HalfOpen);
            spawn(IDLE, Kind::Idle);
            spawn(HELD, Kind::Held);
            spawn(DRIPPING, Kind::Dripping);
            spawn(STREAMS, Kind::Streams);
            spawn(WINDOWS, Kind::Windows);
            spawn(OPS, Kind::Ops);
            spawn(POSTING, Kind::Posting);
        }
        Ok(Self { tasks, seen: attacker.seen })
    }

    /// Ends all of them after a while; what they have seen.
    pub async fn finish(mut self, after: Duration) -> Vec<String> {
        tokio::time::sleep(after).await;
        self.tasks.shutdown().await;
        let seen = self.seen.0.lock().unwrap_or_else(PoisonError::into_inner);
        seen.iter().map(|(what, count)| format!("{count} x {what}")).collect()
    }
}

/// What a connection does.
#[derive(Clone, Copy, Debug)]
enum Kind {
    HalfOpen,
    Idle,
    Held,
    Dripping,
    Streams,
    Windows,
    Ops,
    Posting,
}

impl Kind {
    /// How long it waits before it tries again. A flood of handshakes would take the cores of this machine from the webhook.
    const fn pause(self) -> Duration {
        match self {
            Self::HalfOpen | Self::Idle | Self::Ops => Duration::from_secs(5),
            Self::Dripping | Self::Streams | Self::Windows => Duration::from_secs(2),
            Self::Held | Self::Posting => Duration::from_millis(250),
        }
    }
}

/// A connection from the next pod's address.
async fn dial(to: SocketAddr) -> Result<TcpStream, String> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed) % 50;
    let from = Ipv4Addr::new(127, 66, 0, u8::try_from(number + 1).unwrap_or(1));
    let socket = TcpSocket::new_v4().map_err(|error| error.to_string())?;
    socket.bind((from, 0).into()).map_err(|error| error.to_string())?;
    socket.connect(to).await.map_err(|error| format!("connect: {:?}", error.kind()))
}

/// Reads until the other side ends the connection.
async fn until_closed(stream: &mut (impl AsyncReadExt + Unpin)) {
    let mut buffer = [0_u8; 4096];
    while stream.read(&mut buffer).await.is_ok_and(|length| length > 0) {}
}

impl Attacker {
    async fn shaken(
        &self,
        to: SocketAddr,
        config: &Arc<ClientConfig>,
    ) -> Result<TlsStream<TcpStream>, String> {
        tls::handshake(dial(to).await?, "webhook", Arc::clone(config)).await
    }

    async fn attack(&self, kind: Kind, target: &Target, bodies: &[Body], turn: usize) -> Result<(), String> {
        match kind {
            Kind::HalfOpen => until_closed(&mut dial(target.reviews).await?).await,
            Kind::Idle => until_closed(&mut self.shaken(target.reviews, &self.http1).await?).await,
            Kind::Ops => {
                let mut stream = dial(target.ops).await?;
                stream
                    .write_all(b"GET /healthz HTTP/1.1\r\nHost:")
                    .await
                    .map_err(|error| error.to_string())?;
                until_closed(&mut stream).await;
            }
            Kind::Held => self.held(target, LARGEST - 1, None).await?,
            Kind::Dripping => self.held(target, 0, Some(Duration::from_millis(500))).await?,
            Kind::Streams => self.streams(target, None).await?,
            Kind::Windows => self.streams(target, Some(1 << 20)).await?,
            Kind::Posting => {
                let Some(body) = bodies.get(turn % bodies.len().max(1)) else { return Ok(()) };
                let (mut reader, mut writer) =
                    tokio::io::split(self.shaken(target.reviews, &self.http1).await?);
                let head = head(body.text.len());
                let sending = async {
                    if writer.write_all(head.as_bytes()).await.is_ok() {
                        let _ = writer.write_all(&body.text).await;
                        let _ = writer.flush().await;
                    }
                    std::future::pending::<()>().await;
                };
                let mut start = [0_u8; 12];
                let answer = tokio::select! {
                    () = sending => return Ok(()),
                    read = reader.read_exact(&mut start) => read.map_err(|error| format!("{:?}", error.kind())),
                };
                let status = answer
                    .map(|_| String::from_utf8_lossy(&start).trim_start_matches("HTTP/1.1 ").to_owned());
                self.seen.count(format!("{}: {}", body.what, status.unwrap_or_else(|error| error)));
            }
        }
        Ok(())
    }

    /// Sends a part of a body at once and the rest a byte at a time, or never.
    async fn held(&self, target: &Target, at_once: usize, drip: Option<Duration>) -> Result<(), String> {
        let (mut reader, mut writer) = tokio::io::split(self.shaken(target.reviews, &self.http1).await?);
        let sending = async {
            writer.write_all(head(LARGEST).as_bytes()).await?;
            let piece = [b' '; 16 * 1024];
            let mut left = at_once;
            while left > 0 {
                let next = left.min(piece.len());
                writer.write_all(piece.get(..next).unwrap_or_default()).await?;
                left -= next;
            }
            writer.flush().await?;
            loop {
                match drip {
                    Some(pause) => tokio::time::sleep(pause).await,
                    None => std::future::pending().await,
                }
                writer.write_all(b" ").await?;
                writer.flush().await?;
            }
            #[allow(unreachable_code)]
            Ok::<(), std::io::Error>(())
        };
        tokio::select! {
            sent = sending => sent.map_err(|error| format!("{:?}", error.kind())),
            () = until_closed(&mut reader) => Ok(()),
        }
    }

    /// Opens streams until no more are allowed, and sends nothing or as much as the windows allow.
    async fn streams(&self, target: &Target, body: Option<usize>) -> Result<(), String> {
        let stream = self.shaken(target.reviews, &self.http2).await?;
        let (mut sender, connection) =
            h2::client::handshake(stream).await.map_err(|error| error.to_string())?;
        let opening = async {
            let mut open = Vec::new();
            let wanted = if body.is_some() { 1 } else { 256 };
            while open.len() < wanted {
                let request = http::Request::post("https://webhook/validate?timeout=30s")
                    .header("content-type", "application/json")
                    .body(())
                    .map_err(|error| error.to_string())?;
                sender = sender.ready().await.map_err(|error| error.to_string())?;
                let (answer, mut stream) =
                    sender.send_request(request, false).map_err(|error| error.to_string())?;
                let mut left = body.unwrap_or_default();
                while left > 0 {
                    let piece = Bytes::from_static(&[b' '; 16 * 1024]);
                    left = left.saturating_sub(piece.len());
                    if stream.send_data(piece, false).is_err() {
                        break;
                    }
                }
                open.push((answer, stream));
            }
            std::future::pending::<Result<(), String>>().await
        };
        tokio::select! {
            ended = connection => ended.map_err(|error| error.to_string()),
            failed = opening => failed,
        }
    }
}

/// The head of a review that asks for as much time as the API server ever could.
fn head(length: usize) -> String {
    format!(
        "POST /validate?timeout=30s HTTP/1.1\r\nHost: webhook\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
    )
}
