//! A webhook that listens on loopback in this process, and a neighbour whose reviews must be answered whatever others do.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use daemonset_tests::reviews::answer::{Verdict, verdict};
use daemonset_tests::reviews::bodies::Bodies;
use daemonset_tests::reviews::http1::Pool;
use daemonset_tests::reviews::in_process::InProcess;
use daemonset_tests::reviews::tls::Dialer;
use daemonset_webhook::policy::Levels;
use daemonset_webhook::review::PlacementJudge;
use daemonset_webhook::server::{self, Minimum, Settings};
use rustls::pki_types::PrivateKeyDer;
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_rustls::client::TlsStream;

/// Longer than anything here may take.
pub const LONG: Duration = Duration::from_secs(30);

/// The API server's default for the timeout of a webhook in the chart.
const TIMEOUT: Duration = Duration::from_secs(3);

/// A webhook that listens.
pub struct Stand {
    pub webhook: InProcess,
    pub address: SocketAddr,
    ca: PathBuf,
    serving: JoinHandle<()>,
    _folder: tempfile::TempDir,
}

impl Drop for Stand {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Stand {
    /// Starts it with these limits.
    pub async fn start(settings: Settings) -> Self {
        Self::with(settings, Levels::default(), None).await
    }

    /// Starts it with these limits, levels and this look at the cluster.
    pub async fn with(
        settings: Settings,
        levels: Levels,
        placement: Option<Arc<dyn PlacementJudge>>,
    ) -> Self {
        let own = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let ca = folder.path().join("ca.crt");
        std::fs::write(&ca, own.cert.pem()).unwrap();
        let provider = rustls::crypto::ring::default_provider();
        let key = PrivateKeyDer::try_from(own.signing_key.serialize_der()).unwrap();
        let certified = CertifiedKey::from_der(vec![own.cert.der().clone()], key, &provider).unwrap();
        let tls = server::config(Arc::new(SingleCertAndKey::from(certified)), Minimum::Tls13).unwrap();
        let webhook = InProcess::with(levels, placement, settings);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let serving = tokio::spawn(server::serve(listener, tls, webhook.app()));
        Self { webhook, address, ca, serving, _folder: folder }
    }

    fn dialer(&self, protocol: &'static [u8]) -> Dialer {
        Dialer::new(self.address, "localhost", self.ca.clone(), protocol).unwrap()
    }

    /// A new connection.
    pub async fn connect(&self, protocol: &'static [u8]) -> Result<TlsStream<TcpStream>, String> {
        timeout(LONG, self.dialer(protocol).dial()).await.map_err(|_| "no handshake".to_owned())?
    }

    /// A sample of the metrics, without the prefix.
    pub fn metric(&self, sample: &str) -> f64 {
        let sample = format!("daemonset_webhook_{sample}");
        self.webhook.metric(&sample).unwrap_or_else(|| panic!("there is no {sample}"))
    }

    /// Waits until a sample of the metrics is at least this large.
    pub async fn reaches(&self, sample: &str, least: f64) {
        let reached = async {
            while self.metric(sample) < least {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        let there = timeout(LONG, reached).await;
        assert!(there.is_ok(), "{sample} is {}, not {least}", self.metric(sample));
    }

    /// Another user's reviews, five a second, with `uses` reviews on a connection. All must be decided within the API server's timeout,
    /// without a retry. Prints how long the longest took.
    pub async fn neighbour(&self, what: &str, reviews: u64, uses: u64) {
        let pool = Pool::new(self.dialer(b"http/1.1"), 8, 8, uses);
        let bodies = Bodies::new(&[], 7).unwrap();
        let mut longest = Duration::ZERO;
        for number in 0..reviews {
            let mut text = format!(
                "POST /validate?timeout={}s HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
                TIMEOUT.as_secs(),
                bodies.length(number)
            )
            .into_bytes();
            let uid = bodies.append(number, &mut text);
            let start = Instant::now();
            match timeout(TIMEOUT, pool.post(&text)).await {
                Ok(Ok(answer)) => match verdict(&answer, &uid) {
                    Verdict::Failed(why) => panic!("{what}, review {number}: {why}"),
                    Verdict::Allowed(_) | Verdict::Denied(_) => {}
                },
                Ok(Err(why)) => panic!("{what}, review {number}: {why}"),
                Err(_) => panic!("{what}, review {number}: no answer in time"),
            }
            longest = longest.max(start.elapsed());
            tokio::time::sleep(Duration::from_millis(200).saturating_sub(start.elapsed())).await;
        }
        println!("{what}: {reviews} reviews of a neighbour, the longest took {} ms", longest.as_millis());
    }
}

/// What comes until the connection ends; `None` if it does not end.
pub async fn rest(stream: &mut TlsStream<TcpStream>) -> Option<String> {
    let mut rest = Vec::new();
    // An end without a farewell is an end.
    let _ = timeout(LONG, stream.read_to_end(&mut rest)).await.ok()?;
    Some(String::from_utf8_lossy(&rest).into_owned())
}

/// The head of a request with a body of this length.
pub fn head(timeout: u64, length: usize) -> Vec<u8> {
    format!(
        "POST /validate?timeout={timeout}s HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
    )
    .into_bytes()
}
