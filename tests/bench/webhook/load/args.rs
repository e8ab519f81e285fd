//! The arguments of the load generator. Each load has a limit in time and in reviews.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Parser;

/// Sends admission reviews as kube-apiserver sends them and prints one line of JSON.
#[derive(Parser, Clone, Debug)]
#[command(name = "review-load")]
pub struct Args {
    /// Where the webhook (or a balancer in front of several) listens.
    #[arg(long)]
    pub address: SocketAddr,
    /// The name that the certificate must have, as kube-apiserver asks for a Service.
    #[arg(long, default_value = "localhost")]
    pub server_name: String,
    /// The certificate authority, PEM; read again when it has changed, as a caBundle that is patched.
    #[arg(long)]
    pub ca: PathBuf,
    /// A client certificate, PEM, for a webhook that asks for one.
    #[arg(long, requires = "client_key")]
    pub client_cert: Option<PathBuf>,
    /// Its key, PEM.
    #[arg(long, requires = "client_cert")]
    pub client_key: Option<PathBuf>,
    /// The path of the reviews.
    #[arg(long, default_value = "/validate")]
    pub path: String,
    /// 1 for HTTP/1.1 (what Services get), 2 for HTTP/2 (what loopback URLs get).
    #[arg(long, default_value_t = 1)]
    pub http: u8,
    /// Closed loop: this many reviews at a time, each sent when another is answered.
    #[arg(long, default_value_t = 16)]
    pub at_once: usize,
    /// Open loop: this many reviews a second, whatever the answers do; latencies count from the intended moment.
    #[arg(long)]
    pub rate: Option<f64>,
    /// The load ends after this many seconds.
    #[arg(long, default_value_t = 10.0)]
    pub seconds: f64,
    /// The load ends after this many reviews.
    #[arg(long, default_value_t = 10_000_000)]
    pub reviews: u64,
    /// Seconds at the beginning that are not counted.
    #[arg(long, default_value_t = 0.0)]
    pub warm_up: f64,
    /// The webhook's timeoutSeconds: an admission that is not decided by then has failed.
    #[arg(long, default_value_t = 3)]
    pub timeout: u64,
    /// At most this many connections at once (HTTP/1.1), or exactly this many (HTTP/2).
    #[arg(long)]
    pub connections: Option<usize>,
    /// Open loop: at most this many reviews at once; what comes beyond is turned away before it begins, as kube-apiserver turns away
    /// requests beyond its --max-requests-inflight, and is counted apart.
    #[arg(long)]
    pub turn_away_beyond: Option<usize>,
    /// Idle connections that are kept; client-go keeps 25.
    #[arg(long, default_value_t = 25)]
    pub idle: usize,
    /// A connection is left after this many reviews, so that handshakes go on under load.
    #[arg(long, default_value_t = u64::MAX)]
    pub reviews_per_connection: u64,
    /// What every answer must say: allowed, denied or any.
    #[arg(long, default_value = "allowed")]
    pub expect: String,
    /// Files of AdmissionReviews to send instead of the built-in ones; their uid is replaced.
    #[arg(long)]
    pub body: Vec<PathBuf>,
    /// Send no spec twice: each has another image. Otherwise the specs repeat, as those of a cluster's DaemonSets do.
    #[arg(long)]
    pub fresh_specs: bool,
    /// Threads that send.
    #[arg(long, default_value_t = 1)]
    pub threads: usize,
    /// Seed of the uids, so that two generators never send the same.
    #[arg(long, default_value_t = 1)]
    pub seed: u32,
    /// Never sleep, so that no server pays for waking the generator up: an interrupt from core to core costs several microseconds.
    #[arg(long)]
    pub spin: bool,
    /// Exit status 1 if a single admission failed.
    #[arg(long)]
    pub strict: bool,
}
