//! Certificates of a folder, in the process: what /readyz, /metrics and the log say of a pair that the API server would not accept, and that a
//! worse pair does not replace a good one.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::arithmetic_side_effects,
    reason = "this is no part of the product"
)]

mod process;

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};

const PATIENCE: Duration = Duration::from_secs(30);
const DAY: i64 = 24 * 3600;
const HOST: &str = "hook.apps.svc";

/// Writes a self-signed pair, valid from so many seconds after now until so many.
fn pair(folder: &Path, from: i64, until: i64, host: &str) {
    let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).unwrap();
    let mut params = rcgen::CertificateParams::new(vec![host.to_owned()]).unwrap();
    let moment = |seconds: i64| {
        let distance = Duration::from_secs(seconds.unsigned_abs());
        let now = SystemTime::now();
        if seconds < 0 { now - distance } else { now + distance }.into()
    };
    params.not_before = moment(from);
    params.not_after = moment(until);
    std::fs::write(folder.join("tls.crt"), params.self_signed(&key).unwrap().pem()).unwrap();
    std::fs::write(folder.join("tls.key"), key.serialize_pem()).unwrap();
}

struct Webhook {
    child: Child,
    ops: SocketAddr,
    log: Arc<Mutex<String>>,
}

impl Webhook {
    fn start(folder: &Path, flags: &[&str]) -> Webhook {
        // The port is free a moment later, too.
        let ops = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_daemonset-webhook"))
            .args(["serve", "--cache", "off", "--listen", "127.0.0.1:0", "--ops-listen", &ops.to_string()])
            .args(flags)
            .arg("--tls-dir")
            .arg(folder)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let log = process::log_of(child.stderr.take().unwrap());
        Webhook { child, ops, log }
    }

    /// The answer for a path of the listener for probes and metrics, as soon as it listens.
    fn page(&self, path: &str) -> String {
        let start = Instant::now();
        loop {
            let asked = TcpStream::connect(self.ops).and_then(|mut stream| {
                stream.set_read_timeout(Some(PATIENCE))?;
                write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
                let mut answer = String::new();
                stream.read_to_string(&mut answer).map(|_| answer)
            });
            match asked {
                Ok(answer) => return answer,
                Err(error) => assert!(start.elapsed() < PATIENCE, "{error}; the log: {}", self.logged()),
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn logged(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    /// Waits until the log has these words.
    fn says(&self, words: &str) {
        let start = Instant::now();
        while !self.logged().contains(words) {
            assert!(start.elapsed() < PATIENCE, "{words:?} is not in the log: {}", self.logged());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// The line about the certificate in /readyz.
    fn certificate(&self) -> String {
        // The other conditions hold soon.
        let start = Instant::now();
        loop {
            let page = self.page("/readyz?verbose");
            if page.contains("[+]listener") {
                let line = page.lines().find(|line| line.contains("]certificate ")).unwrap();
                let code = page.split(' ').nth(1).unwrap();
                return format!("{code} {line}");
            }
            assert!(start.elapsed() < PATIENCE, "{page}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Webhook {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_certificate_that_the_api_server_refuses_makes_the_replica_unready() {
    let service = ["--service", "hook", "--namespace", "apps"];
    for (from, until, host, flags, wanted, logged) in [
        (
            30 * DAY + DAY / 2,
            90 * DAY,
            HOST,
            &[][..],
            "the certificate is not valid for another 30 days",
            "is not valid for another",
        ),
        (
            -90 * DAY,
            -DAY,
            HOST,
            &[],
            "the certificate expired 24 hours ago and was not renewed",
            "expired 86",
        ),
        (
            -DAY,
            DAY,
            "other.apps.svc",
            &service,
            "the certificate is for other.apps.svc, and not for hook.apps.svc, which the API server calls",
            "and not for hook.apps.svc",
        ),
    ] {
        let folder = tempfile::tempdir().unwrap();
        pair(folder.path(), from, until, host);
        let webhook = Webhook::start(folder.path(), flags);
        assert_eq!(webhook.certificate(), format!("503 [-]certificate failed: {wanted}"));
        webhook.says("there is no better certificate to serve");
        webhook.says(logged);
    }
}

#[test]
fn a_worse_pair_does_not_replace_a_good_one() {
    let folder = tempfile::tempdir().unwrap();
    pair(folder.path(), -DAY, 10 * DAY + 60, HOST);
    let webhook = Webhook::start(folder.path(), &["--service", "hook", "--namespace", "apps"]);
    let good = "200 [+]certificate ok: the certificate is valid for 10 days";
    assert_eq!(webhook.certificate(), good);
    let metrics = webhook.page("/metrics");
    for name in ["certificate_not_before_seconds", "certificate_not_after_seconds"] {
        assert!(metrics.contains(&format!("\ndaemonset_webhook_{name} 1")), "{metrics}");
    }
    for (from, until, host, why) in [
        (30 * DAY, 90 * DAY, HOST, "stays in use: the certificate is not valid for another"),
        (-90 * DAY, -DAY, HOST, "stays in use: the certificate expired"),
        (-DAY, 90 * DAY, "hook.other.svc", "stays in use: the certificate is for hook.other.svc"),
    ] {
        pair(folder.path(), from, until, host);
        webhook.says(why);
        assert_eq!(webhook.certificate(), good);
    }
    pair(folder.path(), -DAY, 20 * DAY + 60, "*.apps.svc");
    let start = Instant::now();
    while webhook.certificate() != "200 [+]certificate ok: the certificate is valid for 20 days" {
        assert!(start.elapsed() < PATIENCE, "{}", webhook.logged());
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn without_the_service_the_log_says_what_the_certificate_is_for() {
    let folder = tempfile::tempdir().unwrap();
    pair(folder.path(), -DAY, DAY, HOST);
    let webhook = Webhook::start(folder.path(), &[]);
    webhook.says(
        "the certificate is for hook.apps.svc; whether the API server calls one of these names is not known",
    );
}
