//! Hostile bytes below HTTP: no TLS, handshakes and requests that stop halfway, heads that are too large, wrong lengths. The webhook must
//! still answer a plain review after each. They are written to the socket, because no HTTP client sends them.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use daemonset_tests::reviews::answer::{Verdict, verdict};
use daemonset_tests::reviews::bodies::Bodies;
use daemonset_tests::reviews::http1::Pool;
use daemonset_tests::reviews::tls::Dialer;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// One round of everything; gives the number of faults.
pub(crate) async fn round(address: SocketAddr, ca: &Path, name: &str, tell: bool) -> Result<u64, String> {
    let dial = |protocol: &'static [u8]| Dialer::new(address, name, ca.to_owned(), protocol);
    let http1 = dial(b"http/1.1")?;
    let pool = Pool::new(dial(b"http/1.1")?, 1, 1, u64::MAX);
    let mut faults = 0;
    // Connections that stay open and say nothing more, until the end of the round.
    let mut slow_tls = Vec::new();
    let mut slow = Vec::new();

    for (what, bytes) in below_tls() {
        let mut stream = TcpStream::connect(address).await.map_err(|error| error.to_string())?;
        let _ = stream.write_all(&bytes).await;
        if what.starts_with("half") {
            slow_tls.push(stream);
        } else if !ends(&mut stream).await {
            faults += complain(what, "the connection stays open");
        }
        faults += still_answers(&pool, what).await;
    }
    for (what, text) in below_http() {
        let mut stream = http1.dial().await?;
        let _ = stream.write_all(&text).await;
        let _ = stream.flush().await;
        if what.starts_with("half") {
            slow.push(stream);
        } else {
            let mut answer = Vec::new();
            let _ = timeout(Duration::from_secs(3), stream.read_to_end(&mut answer)).await;
            let line = String::from_utf8_lossy(&answer[..answer.len().min(12)]).into_owned();
            // Closed without a word, or refused in words; never a fault of the server's own.
            if !(answer.is_empty() || line.starts_with("HTTP/1.1 4") || line.starts_with("HTTP/1.1 2")) {
                faults += complain(what, &line);
            }
            if tell {
                println!("           {what}: {}", if line.is_empty() { "closed" } else { &line });
            }
        }
        faults += still_answers(&pool, what).await;
    }
    let mut http2 = dial(b"h2")?.dial().await?;
    let mut frames = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec();
    frames.extend_from_slice(&[0, 0, 0, 4, 0, 0, 0, 0, 0]);
    // Streams that are opened and reset at once, then a frame of a type and length that nobody has.
    for stream in (1..4001_u32).step_by(2) {
        frames.extend_from_slice(&[0, 0, 4, 1, 4]);
        frames.extend_from_slice(&stream.to_be_bytes());
        frames.extend_from_slice(&[0x83, 0x84, 0x87, 0x41]);
        frames.extend_from_slice(&[0, 0, 4, 3, 0]);
        frames.extend_from_slice(&stream.to_be_bytes());
        frames.extend_from_slice(&[0, 0, 0, 8]);
    }
    frames.extend_from_slice(&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]);
    let _ = timeout(Duration::from_secs(3), http2.write_all(&frames)).await;
    faults += still_answers(&pool, "rapid resets").await;
    drop((slow_tls, slow));
    faults += still_answers(&pool, "the end of the slow ones").await;
    Ok(faults)
}

fn below_tls() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("plain HTTP", b"POST /validate HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}".to_vec()),
        ("zeros", vec![0; 70_000]),
        ("a record of 65,535 bytes", [&[22, 3, 1, 255, 255][..], &[1; 70_000]].concat()),
        ("an alert", vec![21, 3, 3, 0, 2, 2, 40]),
        ("half a record", vec![22, 3, 1, 2, 0, 1, 0, 1, 252]),
        ("half of nothing", Vec::new()),
    ]
}

fn below_http() -> Vec<(&'static str, Vec<u8>)> {
    let head = "POST /validate?timeout=3s HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n";
    let with = |rest: &str| format!("{head}{rest}").into_bytes();
    vec![
        ("half a head", with("X-A: b\r\n")),
        ("half a body", with("Content-Length: 5000\r\n\r\n{\"kind\":")),
        ("half a chunk", with("Transfer-Encoding: chunked\r\n\r\nfff\r\n{")),
        ("no request line", b"\x00\xff\x00\xff\r\n\r\n".to_vec()),
        ("a head of 1 MiB", with(&format!("X-A: {}\r\n\r\n", "a".repeat(1 << 20)))),
        ("10,000 headers", with(&format!("{}\r\n", "X-A: b\r\n".repeat(10_000)))),
        ("a line of 1 MiB", format!("POST /{} HTTP/1.1\r\n\r\n", "a".repeat(1 << 20)).into_bytes()),
        ("a negative length", with("Content-Length: -1\r\n\r\n{}")),
        ("two lengths", with("Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}")),
        ("an endless length", with("Content-Length: 18446744073709551616\r\n\r\n{}")),
        ("a length of exabytes", with("Content-Length: 9223372036854775807\r\n\r\n{}")),
        ("a length and chunks", with("Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")),
        ("an endless chunk", with("Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n")),
        ("a chunk that is no number", with("Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n")),
        ("gzip", with("Content-Encoding: gzip\r\nContent-Length: 4\r\nConnection: close\r\n\r\n\x1f\u{b}00")),
        ("an expectation", with("Expect: 200-maybe\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")),
        ("an upgrade", with("Connection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: 0\r\n\r\n")),
        ("HTTP/9.9", b"POST /validate HTTP/9.9\r\n\r\n".to_vec()),
        ("HTTP/2 without asking", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec()),
        ("CONNECT", b"CONNECT 10.0.0.1:443 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".to_vec()),
        (
            "a whole address",
            b"GET http://elsewhere/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".to_vec(),
        ),
    ]
}

/// Whether the server ends the connection within a few seconds.
async fn ends(stream: &mut TcpStream) -> bool {
    let mut rest = Vec::new();
    timeout(Duration::from_secs(12), stream.read_to_end(&mut rest)).await.is_ok()
}

async fn still_answers(pool: &std::sync::Arc<Pool>, after: &str) -> u64 {
    let Ok(bodies) = Bodies::new(&[], 7) else { return 1 };
    let mut text = b"POST /validate?timeout=3s HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ".to_vec();
    text.extend_from_slice(bodies.length(0).to_string().as_bytes());
    text.extend_from_slice(b"\r\n\r\n");
    let uid = bodies.append(0, &mut text);
    match timeout(Duration::from_secs(3), pool.post(&text)).await {
        Ok(Ok(answer)) => match verdict(&answer, &uid) {
            Verdict::Failed(why) => complain(after, &why),
            _ => 0,
        },
        Ok(Err(error)) => complain(after, &error),
        Err(_) => complain(after, "no answer to a plain review"),
    }
}

fn complain(what: &str, why: &str) -> u64 {
    println!("FAULT after {what}: {why}");
    1
}
