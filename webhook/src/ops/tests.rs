//! The listener for probes and metrics, over sockets.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Instant;

use super::*;
use crate::health::{Certificate, Health};
use crate::metrics::{CONTENT_TYPE, Metrics};

/// Longer than an answer takes on a busy machine.
const LONG: Duration = Duration::from_secs(20);

struct Listener {
    address: SocketAddr,
    health: Arc<Health>,
}

fn listener(access: Access) -> Listener {
    let (health, metrics) = (Arc::new(Health::default()), Arc::new(Metrics::new()));
    let supervisor = Supervisor::new(metrics.clone());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    start(&supervisor, listener, None, Ops { health: health.clone(), metrics, access }).unwrap();
    Listener { address, health }
}

impl Listener {
    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(LONG)).unwrap();
        stream
    }

    /// Sends bytes and reads until the listener closes the connection.
    fn send(&self, bytes: &str) -> String {
        let mut stream = self.connect();
        stream.write_all(bytes.as_bytes()).unwrap();
        let mut answer = Vec::new();
        // A reset after the answer is an end as well.
        let _ = stream.read_to_end(&mut answer);
        String::from_utf8(answer).unwrap()
    }

    fn get(&self, path: &str) -> String {
        self.send(&format!("GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"))
    }
}

/// The status, the value of `Content-Type`, and the body.
fn parts(answer: &str) -> (u16, &str, &str) {
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((answer, ""));
    let code = head.split(' ').nth(1).unwrap_or_default().parse().unwrap_or_default();
    let kind = head.lines().find_map(|line| line.strip_prefix("content-type: ")).unwrap_or_default();
    (code, kind, body)
}

#[test]
fn the_listener_answers() {
    let listener = listener(Access::Open);
    let plain = "text/plain; charset=utf-8";
    assert_eq!(parts(&listener.get("/healthz")), (200, plain, "ok\n"));
    let answer = listener.get("/readyz");
    let (code, kind, text) = parts(&answer);
    assert_eq!((code, kind), (503, plain));
    assert!(text.starts_with("[-]listener failed: "), "{text}");

    listener.health.listening();
    listener.health.certificate(Some(Certificate::until(i64::MAX)));
    let answer = listener.get("/metrics");
    let (code, kind, text) = parts(&answer);
    assert_eq!((code, kind), (200, "text/plain; version=0.0.4; charset=utf-8"));
    assert!(text.contains("\ndaemonset_webhook_ready 1\n") && !text.contains("# EOF"), "{text}");
    let open = "GET /metrics HTTP/1.1\r\nHost: a\r\nConnection: close\r\nAccept: application/openmetrics-text\r\n\r\n";
    let answer = listener.send(open);
    let (code, kind, text) = parts(&answer);
    assert_eq!((code, kind), (200, CONTENT_TYPE));
    assert!(text.ends_with("# EOF\n"), "{text}");
    assert_eq!(parts(&listener.get("/readyz?verbose")).0, 200);

    listener.health.drain();
    assert_eq!(parts(&listener.get("/healthz")).0, 200);
    assert_eq!(parts(&listener.get("/readyz")).0, 503);
    assert!(listener.get("/metrics").contains("\ndaemonset_webhook_ready 0\n"));

    for (path, said) in [("/", "/healthz, /readyz and /metrics"), ("/validate", "--listen")] {
        let answer = listener.get(path);
        assert_eq!(parts(&answer).0, 404);
        assert!(answer.contains(said), "{answer}");
    }
}

/// Clients that send half a request hold no probe up, however many they are.
#[test]
fn half_sent_requests_keep_no_probe_out() {
    let listener = listener(Access::Open);
    let mut held = Vec::new();
    for _ in 0..300 {
        let mut stream = listener.connect();
        stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: ").unwrap();
        held.push(stream);
    }
    assert!(listener.get("/metrics").contains("\ndaemonset_webhook_connections{listener=\"ops\"} 8\n"));
    let began = Instant::now();
    for _ in 0..5 {
        assert_eq!(parts(&listener.get("/healthz")).0, 200);
    }
    assert!(began.elapsed() < LONG, "waits for the held connections");
    // Those beyond a peer's share are closed at once, the others when their head is overdue.
    let mut closed = 0;
    for mut stream in held {
        let mut rest = Vec::new();
        let _ = stream.read_to_end(&mut rest);
        closed += 1;
    }
    assert_eq!(closed, 300);
}

#[test]
fn large_heads_and_bodies_are_refused() {
    let listener = listener(Access::Open);
    let large = |bytes: usize| {
        format!("GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\nX: {}\r\n\r\n", "a".repeat(bytes))
    };
    assert_eq!(parts(&listener.send(&large(8_000))).0, 200);
    for bytes in [20_000, 70_000] {
        assert_eq!(parts(&listener.send(&large(bytes))).0, 431, "{bytes}");
    }
    let many = format!("GET /healthz HTTP/1.1\r\n{}\r\n", "A: b\r\n".repeat(200));
    assert_eq!(parts(&listener.send(&many)).0, 431);
    // A body is not read: the connection ends after the answer.
    let with_body = "GET /healthz HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000000\r\n\r\n";
    let answer = listener.send(with_body);
    assert_eq!(parts(&answer).0, 200);
    assert!(answer.contains("connection: close"), "{answer}");
    let posted =
        listener.send("POST /metrics HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
    assert_eq!(parts(&posted).0, 405);
    assert!(posted.contains("allow: GET, HEAD"), "{posted}");
}

/// A client that is idle after its request is closed soon, but not before the next request of a probe.
#[test]
fn an_idle_connection_ends() {
    let listener = listener(Access::Open);
    let mut stream = listener.connect();
    for _ in 0..2 {
        stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n").unwrap();
        let mut answer = [0; 4096];
        let length = stream.read(&mut answer).unwrap();
        assert!(answer[..length].starts_with(b"HTTP/1.1 200"));
    }
    // The end, not the timeout of this test.
    assert_eq!(stream.read(&mut [0; 16]).unwrap_or(0), 0);
}

/// Nothing of the main runtime is needed for an answer.
#[tokio::test]
async fn it_answers_while_the_runtime_is_blocked() {
    let listener = listener(Access::Open);
    // This blocks the only thread of the test's runtime.
    assert_eq!(parts(&listener.get("/healthz")).0, 200);
}
