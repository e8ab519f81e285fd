//! Traces over https, sent by the process: a collector whose CA is in SSL_CERT_FILE gets them, and one with an unknown CA does not.

#![allow(clippy::unwrap_used, clippy::panic, reason = "this is no part of the product")]

mod process;

use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Empty};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use prost::Message;
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

const PATIENCE: Duration = Duration::from_secs(20);

const REVIEW: &str = r#"{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":{"uid":"u","kind":{"group":"apps","version":"v1","kind":"DaemonSet"},"resource":{"group":"apps","version":"v1","resource":"daemonsets"},"operation":"CREATE","name":"agent","namespace":"default","userInfo":{"username":"anna"},"object":{"apiVersion":"apps/v1","kind":"DaemonSet","metadata":{"name":"agent","namespace":"default"},"spec":{"selector":{"matchLabels":{"app":"a"}},"template":{"metadata":{"labels":{"app":"a"}},"spec":{"containers":[{"name":"c","image":"i"}]}}}}}}"#;

/// Writes ca.crt, tls.crt and tls.key for loopback.
fn certificates(folder: &Path) {
    let status = Command::new(env!("CARGO_BIN_EXE_daemonset-webhook"))
        .args(["dev-certs", "--out"])
        .arg(folder)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    assert!(status.unwrap().success());
}

/// A collector that serves the certificate in a folder and collects the names of the spans that it receives.
async fn collector(folder: &Path) -> (SocketAddr, Arc<Mutex<Vec<String>>>) {
    let chain = CertificateDer::pem_file_iter(folder.join("tls.crt")).unwrap().map(Result::unwrap).collect();
    let key = PrivateKeyDer::from_pem_file(folder.join("tls.key")).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let spans: Arc<Mutex<Vec<String>>> = Arc::default();
    let kept = spans.clone();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            // A client that does not trust the certificate closes the connection during the handshake.
            let Ok(stream) = acceptor.accept(stream).await else { continue };
            let kept = kept.clone();
            let take = service_fn(move |request: Request<Incoming>| {
                let kept = kept.clone();
                async move {
                    let body = request.into_body().collect().await?.to_bytes();
                    let batch = ExportTraceServiceRequest::decode(body).unwrap();
                    let scopes = batch.resource_spans.iter().flat_map(|spans| &spans.scope_spans);
                    let names = scopes.flat_map(|scope| &scope.spans).map(|span| span.name.clone());
                    kept.lock().unwrap().extend(names);
                    Ok::<_, hyper::Error>(Response::new(Empty::<Bytes>::new()))
                }
            });
            tokio::spawn(
                hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), take),
            );
        }
    });
    (address, spans)
}

/// A free port.
fn free() -> SocketAddr {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

struct Webhook {
    child: Child,
    log: Arc<Mutex<String>>,
}

impl Webhook {
    fn start(listen: SocketAddr, tls: &Path, collector: SocketAddr, authority: &Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_daemonset-webhook"))
            .args(["serve", "--cache", "off", "--ops-listen", "127.0.0.1:0", "--listen", &listen.to_string()])
            .args(["--otlp-endpoint", &format!("https://localhost:{}", collector.port()), "--tls-dir"])
            .arg(tls)
            .env("SSL_CERT_FILE", authority)
            .env_remove("SSL_CERT_DIR")
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let log = process::log_of(child.stderr.take().unwrap());
        Self { child, log }
    }
}

impl Drop for Webhook {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Waits for a condition. Returns whether it held in time.
async fn comes(there: impl Fn() -> bool) -> bool {
    let coming = async {
        while !there() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, coming).await.is_ok()
}

/// Sends one review, as soon as the webhook listens. Returns the answer's body.
async fn ask(address: SocketAddr, authority: &Path) -> String {
    let mut config = kube::Config::new(format!("https://localhost:{}", address.port()).parse().unwrap());
    config.root_cert = Some(vec![CertificateDer::from_pem_file(authority).unwrap().to_vec()]);
    let client = kube::Client::try_from(config).unwrap();
    loop {
        let request = Request::post("/validate").header("content-type", "application/json");
        match client.request_text(request.body(REVIEW.into()).unwrap()).await {
            Ok(answer) => return answer,
            Err(kube::Error::Api(status)) => panic!("{status:?}"),
            Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    }
}

#[tokio::test]
async fn a_collector_whose_authority_is_trusted_gets_the_spans() {
    let (ours, strange) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    certificates(ours.path());
    certificates(strange.path());
    let (address, spans) = collector(ours.path()).await;
    let listen = free();
    let webhook = Webhook::start(listen, ours.path(), address, &ours.path().join("ca.crt"));
    let answer = tokio::time::timeout(PATIENCE, ask(listen, &ours.path().join("ca.crt"))).await.unwrap();
    assert!(answer.contains("\"allowed\":true"), "{answer}");
    let arrived = comes(|| !spans.lock().unwrap().is_empty()).await;
    assert!(arrived, "no span came; the log: {}", webhook.log.lock().unwrap());
    assert_eq!(*spans.lock().unwrap(), ["review"]);
    drop(webhook);

    // The same collector, but the client trusts another CA.
    let listen = free();
    let webhook = Webhook::start(listen, ours.path(), address, &strange.path().join("ca.crt"));
    let answer = tokio::time::timeout(PATIENCE, ask(listen, &ours.path().join("ca.crt"))).await.unwrap();
    assert!(answer.contains("\"allowed\":true"), "{answer}");
    let refused =
        comes(|| webhook.log.lock().unwrap().contains("the collector does not accept traces")).await;
    let log = webhook.log.lock().unwrap().clone();
    assert!(refused && log.contains("certificate"), "{log}");
    assert_eq!(spans.lock().unwrap().len(), 1, "no span goes to a collector that nobody vouches for");
}
