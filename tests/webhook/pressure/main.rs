//! Clients that hold what a replica has little of (memory, streams, connections, judges) do not keep others from their answers. What they
//! hold they lose.

mod stand;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use daemonset_tests::reviews::bodies::Bodies;
use daemonset_webhook::placement::{Judgement, Old, Question};
use daemonset_webhook::policy::Levels;
use daemonset_webhook::review::PlacementJudge;
use daemonset_webhook::server::Settings;
use k8s_openapi::api::apps::v1::DaemonSet;
use stand::{LONG, Stand, head, rest};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::timeout;

const LARGEST: usize = 8 << 20;

fn settings() -> Settings {
    Settings::for_cores(2)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_that_is_withheld_holds_no_memory() {
    let stand = Stand::start(settings()).await;
    let mut held = Vec::new();
    for _ in 0..6 {
        let mut stream = stand.connect(b"http/1.1").await.unwrap();
        stream.write_all(&head(30, LARGEST)).await.unwrap();
        held.push(tokio::spawn(async move {
            let body = vec![b' '; LARGEST - 1];
            // It is refused in the middle if there is no memory.
            let _ = timeout(LONG, stream.write_all(&body)).await;
            rest(&mut stream).await
        }));
    }
    stand.neighbour("six bodies of 8 MiB - 1 byte", 15, 1).await;
    for one in held {
        let answer = one.await.unwrap().expect("the connection ends");
        let status = answer.get(9..12).unwrap_or_default();
        // Without an answer its connection was closed while it was still being sent.
        assert!(["408", "429", ""].contains(&status), "{answer}");
    }
    assert!(stand.metric("memory_reserved_bytes{what=\"bodies\"}") < 1.0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn slow_bodies_are_ended() {
    let stand = Stand::start(settings()).await;
    let mut slow = Vec::new();
    for _ in 0..20 {
        let mut stream = stand.connect(b"http/1.1").await.unwrap();
        stream.write_all(&head(30, 100_000)).await.unwrap();
        slow.push(tokio::spawn(async move {
            let (mut read, mut write) = tokio::io::split(stream);
            let sending = async {
                while write.write_all(b"  ").await.is_ok() && write.flush().await.is_ok() {
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            };
            let mut answer = Vec::new();
            let answered = tokio::io::AsyncReadExt::read_to_end(&mut read, &mut answer);
            tokio::select! {
                _ = timeout(LONG, answered) => {}
                () = sending => {}
            }
            String::from_utf8_lossy(&answer).into_owned()
        }));
    }
    stand.neighbour("20 bodies of a few bytes a second", 10, u64::MAX).await;
    stand.reaches("refused_total{reason=\"slow-body\"}", 20.0).await;
    for one in slow {
        let answer = timeout(LONG, one).await.unwrap().unwrap();
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 408"), "{answer}");
    }
}

/// Connections with as many streams as the server allows, none of which sends its body.
async fn empty_streams(stand: &Stand, connections: usize) -> Vec<h2::SendStream<Bytes>> {
    let mut streams = Vec::new();
    for _ in 0..connections {
        let stream = stand.connect(b"h2").await.unwrap();
        let (mut sender, connection) = h2::client::handshake(stream).await.unwrap();
        tokio::spawn(connection);
        for _ in 0..64 {
            let request = http::Request::post("https://localhost/validate?timeout=30s")
                .header("content-type", "application/json")
                .body(())
                .unwrap();
            let Ok(ready) = timeout(Duration::from_secs(1), sender.clone().ready()).await else { break };
            let Ok(ready) = ready else { break };
            sender = ready;
            let Ok((answer, body)) = sender.send_request(request, false) else { break };
            tokio::spawn(answer);
            streams.push(body);
        }
    }
    streams
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn empty_streams_hold_no_places() {
    // As many places as 4 connections can hold.
    let stand = Stand::start(Settings { in_flight: 128, ..settings() }).await;
    let streams = empty_streams(&stand, 4).await;
    assert!(streams.len() >= 128, "{}", streams.len());
    stand.neighbour("4 connections with 64 empty streams", 15, u64::MAX).await;
    let ended = stand.metric("refused_total{reason=\"slow-body\"}")
        + stand.metric("refused_total{reason=\"gave-way\"}")
        + stand.metric("refused_total{reason=\"in-flight\"}");
    assert!(ended >= 128.0, "{ended}");
    drop(streams);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn windows_of_many_connections_are_small() {
    let stand = Arc::new(Stand::start(settings()).await);
    let mut senders = Vec::new();
    for _ in 0..100 {
        let stand = stand.clone();
        senders.push(tokio::spawn(async move {
            let Ok(stream) = stand.connect(b"h2").await else { return 0 };
            let Ok((sender, connection)) = h2::client::handshake(stream).await else { return 0 };
            tokio::spawn(connection);
            let request = http::Request::post("https://localhost/validate?timeout=30s")
                .header("content-type", "application/json")
                .header("content-length", 8_000_000)
                .body(())
                .unwrap();
            let Ok(mut sender) = sender.ready().await else { return 0 };
            let Ok((_answer, mut body)) = sender.send_request(request, false) else { return 0 };
            let mut sent = 0_usize;
            while sent < 1 << 20 {
                body.reserve_capacity(16_384);
                let granted = std::future::poll_fn(|context| body.poll_capacity(context));
                match timeout(Duration::from_millis(500), granted).await {
                    Ok(Some(Ok(bytes))) if bytes > 0 => {
                        if body.send_data(vec![b' '; bytes].into(), false).is_err() {
                            break;
                        }
                        sent += bytes;
                    }
                    _ => break,
                }
            }
            sent
        }));
    }
    let mut held = 0.0_f64;
    for _ in 0..10 {
        held = held.max(stand.metric("memory_reserved_bytes{what=\"bodies\"}"));
        stand.neighbour("100 connections with 1 MiB in their windows", 1, 1).await;
    }
    let mut sent = 0;
    for one in senders {
        sent += one.await.unwrap();
    }
    println!("100 connections could send {} MiB", sent >> 20);
    // Windows of 1 MiB would take 100 MiB. What is taken is read into the memory for bodies, or waits in the windows of few connections.
    assert!(sent < 60 << 20, "{sent}");
    assert!(
        stand.metric("refused_total{reason=\"http2\"}") > 0.0
            || stand.metric("connections{listener=\"reviews\"}") < 100.0
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn idle_and_half_open_connections_give_way() {
    let stand = Stand::start(Settings { connections: 64, ..settings() }).await;
    let mut idle = Vec::new();
    for number in 0..150 {
        // Some say nothing, some stop in the handshake's first record, some speak TLS and send nothing or half a head.
        match number % 4 {
            0 => idle
                .push(Box::new(TcpStream::connect(stand.address).await.unwrap()) as Box<dyn std::any::Any>),
            1 => {
                let mut stream = TcpStream::connect(stand.address).await.unwrap();
                let _ = stream.write_all(&[22, 3, 1, 2, 0, 1, 0, 1, 252]).await;
                idle.push(Box::new(stream));
            }
            kind => {
                let Ok(mut stream) = stand.connect(if kind == 2 { b"h2" } else { b"http/1.1" }).await else {
                    continue;
                };
                if kind == 3 {
                    let _ = stream.write_all(b"POST /validate HTTP/1.1\r\nHost: l").await;
                }
                idle.push(Box::new(stream));
            }
        }
    }
    stand.neighbour("150 idle connections where 64 are allowed, on new connections", 10, 1).await;
    stand.neighbour("150 idle connections where 64 are allowed, on a kept one", 10, u64::MAX).await;
    assert!(stand.metric("connections{listener=\"reviews\"}") <= 64.0);
    drop(idle);
}

/// A look at the cluster that does not end for objects of one name, as long as the test runs.
struct Stuck(Arc<AtomicBool>);

impl PlacementJudge for Stuck {
    fn judge(&self, daemon_set: &DaemonSet, _: &mut dyn FnMut() -> Old, _: &Question<'_>) -> Judgement {
        let is_stuck = daemon_set.metadata.name.as_deref() == Some("stuck");
        while is_stuck && !self.0.load(Ordering::Relaxed) {
            std::thread::sleep(Duration::from_millis(5));
        }
        Judgement::default()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn objects_that_take_long_to_judge_hold_up_nobody_else() {
    let end = Arc::new(AtomicBool::new(false));
    let stuck = Arc::new(Stuck(end.clone()));
    let stand = Arc::new(Stand::with(settings(), Levels::default(), Some(stuck)).await);
    let bodies = Bodies::new(&[], 9).unwrap();
    let mut text = Vec::new();
    bodies.append(0, &mut text);
    let mut review: serde_json::Value = serde_json::from_slice(&text).unwrap();
    review["request"]["object"]["metadata"]["name"] = "stuck".into();
    review["request"]["userInfo"]["username"] = "mallory".into();
    let small = review.to_string();
    let mut large = review.clone();
    large["request"]["object"]["metadata"]["annotations"] = serde_json::json!({ "a": "b".repeat(200_000) });
    let large = large.to_string();
    let mut hostile = Vec::new();
    for number in 0..40 {
        let mut stream = stand.connect(b"http/1.1").await.unwrap();
        let body = if number % 2 == 0 { &small } else { &large };
        let request = [head(3, body.len()), body.clone().into_bytes()].concat();
        stream.write_all(&request).await.unwrap();
        hostile.push(stream);
    }
    stand.reaches("queue_length", 20.0).await;
    stand.neighbour("40 objects of one user that take for ever", 10, u64::MAX).await;
    drop(hostile);
    end.store(true, Ordering::Relaxed);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn objects_with_many_faults_hold_up_nobody_else() {
    let stand = Stand::start(settings()).await;
    let object = |name: &str| {
        let env = vec![format!("{{\"name\":\"{name}=\"}}"); 20_000].join(",");
        format!(
            "{{\"apiVersion\":\"apps/v1\",\"kind\":\"DaemonSet\",\"metadata\":{{\"name\":\"a\",\"namespace\":\"b\"}},\"spec\":{{\"selector\":{{\"matchLabels\":{{\"a\":\"b\"}}}},\
             \"template\":{{\"metadata\":{{\"labels\":{{\"a\":\"b\"}}}},\"spec\":{{\"containers\":[{{\"name\":\"c\",\"image\":\"i\",\"env\":[{env}]}}]}}}}}}}}"
        )
    };
    let review = format!(
        "{{\"apiVersion\":\"admission.k8s.io/v1\",\"kind\":\"AdmissionReview\",\"request\":{{\"uid\":\"u\",\"kind\":{{\"group\":\"apps\",\"version\":\"v1\",\
         \"kind\":\"DaemonSet\"}},\"operation\":\"UPDATE\",\"userInfo\":{{\"username\":\"mallory\"}},\"object\":{},\"oldObject\":{}}}}}",
        object("a"),
        object("b")
    );
    let mut hostile = Vec::new();
    for _ in 0..6 {
        let mut stream = stand.connect(b"http/1.1").await.unwrap();
        let request = [head(3, review.len()), review.clone().into_bytes()].concat();
        hostile.push(tokio::spawn(async move {
            let _ = stream.write_all(&request).await;
            stream
        }));
    }
    stand.neighbour("six updates with 20,000 bad names on both sides", 15, u64::MAX).await;
    drop(hostile);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn heads_have_a_bound() {
    let stand = Stand::start(settings()).await;
    for (bytes, refused) in [(12 << 10, false), (20 << 10, true), (70 << 10, true)] {
        let mut stream = stand.connect(b"http/1.1").await.unwrap();
        let line = format!("X-A: {}\r\n", "a".repeat(1000 - 7));
        let request = format!(
            "POST /validate HTTP/1.1\r\nHost: l\r\nConnection: close\r\nContent-Type: application/json\r\n{}Content-Length: 0\r\n\r\n",
            line.repeat(bytes / 1000)
        );
        let _ = stream.write_all(request.as_bytes()).await;
        let answer = rest(&mut stream).await.unwrap();
        let was_refused = answer.is_empty() || answer.starts_with("HTTP/1.1 431");
        assert_eq!(was_refused, refused, "{bytes}: {answer}");
    }
}
