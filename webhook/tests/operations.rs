//! The process as an operator meets it: how it starts with wrong settings, and how its listener for probes and metrics holds under attack.

#![allow(clippy::unwrap_used, clippy::panic, reason = "this is no part of the product")]

mod process;

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

/// Longer than anything here takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(40);

/// Writes ca.crt, tls.crt and tls.key for loopback.
fn certificates() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_daemonset-webhook"));
    let made = command.args(["dev-certs", "--out"]).arg(folder.path()).output().unwrap();
    assert!(made.status.success());
    folder
}

/// A free port.
fn free() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

/// A running webhook.
struct Webhook {
    child: Child,
    reviews: SocketAddr,
    ops: SocketAddr,
    log: Arc<Mutex<String>>,
}

impl Webhook {
    /// Starts it, with this limit of open files, and waits until it answers probes.
    fn start(tls: &Path, files: u32, more: &[&str]) -> Self {
        let (reviews, ops) = (free(), free());
        let mut child = Command::new("sh")
            .args(["-c", &format!("ulimit -n {files}; exec \"$0\" \"$@\"")])
            .arg(env!("CARGO_BIN_EXE_daemonset-webhook"))
            .args(["serve", "--cache", "off", "--listen", &reviews.to_string()])
            .args(["--ops-listen", &ops.to_string(), "--tls-dir"])
            .arg(tls)
            .args(more)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let log = process::log_of(child.stderr.take().unwrap());
        let webhook = Self { child, reviews, ops, log };
        webhook.comes("it listens", || webhook.logged("taking reviews"));
        webhook
    }

    fn logged(&self, text: &str) -> bool {
        self.log.lock().unwrap().contains(text)
    }

    /// Waits for a condition.
    fn comes(&self, what: &str, there: impl Fn() -> bool) {
        let began = Instant::now();
        while !there() {
            assert!(began.elapsed() < PATIENCE, "{what}: not in time; the log: {}", self.log.lock().unwrap());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// A page of the listener for probes and metrics; empty if there is no answer.
    fn page(&self, path: &str) -> String {
        let mut page = Vec::new();
        if let Ok(mut stream) = TcpStream::connect(self.ops) {
            stream.set_read_timeout(Some(PATIENCE)).unwrap();
            let request = format!("GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
            let _ = stream.write_all(request.as_bytes());
            let _ = stream.read_to_end(&mut page);
        }
        String::from_utf8(page).unwrap()
    }
}

impl Drop for Webhook {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A `GET` over TLS, from a client that trusts a CA.
async fn secure(address: SocketAddr, authority: &Path, path: &str) -> Result<String, kube::Error> {
    let mut config = kube::Config::new(format!("https://localhost:{}", address.port()).parse().unwrap());
    config.root_cert = Some(vec![CertificateDer::from_pem_file(authority).unwrap().to_vec()]);
    let client = kube::Client::try_from(config).unwrap();
    client.request_text(http::Request::get(path).body(Vec::new()).unwrap()).await
}

/// Runs `serve` with flags with which it cannot start.
fn fails(tls: &Path, flags: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_daemonset-webhook"));
    command.args(["serve", "--cache", "off", "--ops-listen", "127.0.0.1:0", "--listen", "127.0.0.1:0"]);
    command.arg("--tls-dir").arg(tls).args(flags).output().unwrap()
}

#[test]
fn what_prevents_the_start_is_said_in_the_format_of_the_log() {
    let tls = certificates();
    for (flags, said) in [
        (&["--log-level", "loud"][..], "is not a log level"),
        (&["--kubeconfig", "/none"], "/none"),
        (&["--metrics-auth", "token"], "--metrics-auth token needs --ops-tls"),
        (&["--metrics-auth", "token", "--ops-tls"], "--metrics-auth token needs a cluster"),
    ] {
        let output = fails(tls.path(), flags);
        assert_eq!(output.status.code(), Some(2), "{flags:?}");
        let text = String::from_utf8(output.stderr).unwrap();
        for line in text.lines() {
            let value: serde_json::Value = serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}"));
            assert!(value.get("level").is_some(), "{line}");
        }
        assert!(text.contains(said) && text.contains("\"level\":\"ERROR\""), "{text}");

        let output = fails(tls.path(), &[flags, &["--log-format", "text"]].concat());
        let text = String::from_utf8(output.stderr).unwrap();
        assert!(text.contains(said) && !text.contains('{'), "{text}");
    }
    // It is said even if there is no log.
    let output = fails(tls.path(), &["--log-level", "off", "--metrics-auth", "token"]);
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(text.starts_with("daemonset-webhook: --metrics-auth token needs --ops-tls"), "{text}");
}

#[test]
fn wrong_settings_that_may_change_later_do_not_prevent_the_start() {
    let tls = certificates();
    let config = tls.path().join("config.json");
    std::fs::write(&config, r#"{"schemaVersion": 1, "levels": {"lands-nowhere": "block"}}"#).unwrap();
    let config = config.to_str().unwrap();
    for endpoint in ["collector:4317", "https://collector:4318", "http://a@collector"] {
        let flags = ["--config", config, "--otlp-endpoint", endpoint];
        let webhook = Webhook::start(tls.path(), 1024, &flags);
        let page = webhook.page("/readyz");
        let said = "[+]config ok: refused, and the defaults are in use, which deny nothing: /levels/lands-nowhere: \"block\" is not allowed";
        assert!(page.contains(said) && page.contains("readyz check passed"), "{page}");
        assert!(webhook.page("/metrics").contains("\ndaemonset_webhook_config_ok 0\n"));
        // Where the machine has CA certificates, https can be used.
        assert!(
            endpoint.starts_with("https") || webhook.logged("traces are off: --otlp-endpoint"),
            "{endpoint}"
        );
    }
    let webhook = Webhook::start(tls.path(), 1024, &["--config", config]);
    std::fs::write(config, r#"{"schemaVersion": 1, "levels": {"lands-nowhere": "deny"}}"#).unwrap();
    webhook.comes("the mended file is used", || {
        webhook.page("/metrics").contains("\ndaemonset_webhook_config_ok 1\n")
    });
    assert!(webhook.page("/readyz").contains("[+]config ok: the config file is in use"));
}

/// More half-sent requests than the process may open files, on the listener for probes and metrics.
#[tokio::test]
async fn held_connections_of_the_ops_listener_hold_nobody_up() {
    let tls = certificates();
    let webhook = Webhook::start(tls.path(), 400, &["--max-connections", "64"]);
    let mut held = Vec::new();
    for _ in 0..600 {
        let mut stream = TcpStream::connect(webhook.ops).unwrap();
        let _ = stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: ");
        held.push(stream);
    }
    for _ in 0..5 {
        assert!(webhook.page("/healthz").starts_with("HTTP/1.1 200"));
        // The listener for reviews has descriptors left: this is answered, if only with a 404.
        let answer = secure(webhook.reviews, &tls.path().join("ca.crt"), "/").await;
        assert!(matches!(&answer, Err(kube::Error::Api(status)) if status.code == 404), "{answer:?}");
    }
    assert!(!webhook.logged("could not be accepted"), "{}", webhook.log.lock().unwrap());
    drop(held);
}

#[tokio::test]
async fn probes_and_metrics_are_served_over_tls_by_option() {
    let tls = certificates();
    let webhook = Webhook::start(tls.path(), 1024, &["--ops-tls"]);
    let page = secure(webhook.ops, &tls.path().join("ca.crt"), "/metrics").await.unwrap();
    assert!(page.contains("\ndaemonset_webhook_ready 1\n"), "{page}");
    let strange = certificates();
    assert!(secure(webhook.ops, &strange.path().join("ca.crt"), "/healthz").await.is_err());
    assert!(!webhook.page("/healthz").starts_with("HTTP"), "it answers without TLS");
}

/// A client that does not trust the certificate, as an API server with a wrong caBundle.
#[tokio::test]
async fn failed_handshakes_are_counted_and_logged_with_what_to_do() {
    let (tls, strange) = (certificates(), certificates());
    let webhook = Webhook::start(tls.path(), 1024, &[]);
    for _ in 0..20 {
        assert!(secure(webhook.reviews, &strange.path().join("ca.crt"), "/").await.is_err());
        let mut plain = TcpStream::connect(webhook.reviews).unwrap();
        let _ = plain.write_all(b"GET / HTTP/1.1\r\n\r\n");
        let _ = plain.read(&mut [0; 64]);
    }
    for (reason, said) in [("untrusted", "does the caBundle"), ("not-tls", "reviews are sent to https URLs")]
    {
        let counted = format!("\ndaemonset_webhook_handshake_failures_total{{reason=\"{reason}\"}} 20\n");
        webhook.comes(reason, || webhook.page("/metrics").contains(&counted));
        let log = webhook.log.lock().unwrap().clone();
        let lines = log.lines().filter(|line| line.contains(&format!("\"reason\":\"{reason}\""))).count();
        assert!(log.contains(said) && (1..20).contains(&lines), "{lines} lines: {log}");
    }
}
