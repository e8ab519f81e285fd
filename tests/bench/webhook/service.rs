//! A Service on loopback: new connections go to the ready backends in turn. Connections stay open when their backend is no longer ready,
//! as with kube-proxy.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use clap::Parser;
use daemonset_tests::forward::forward;
use daemonset_tests::http_client;
use tokio::net::TcpListener;

/// Balances TCP connections over the backends that say they are ready.
#[derive(Parser)]
#[command(name = "service-stand-in")]
struct Args {
    /// Where to listen.
    #[arg(long)]
    listen: SocketAddr,
    /// A backend, `https=ADDR:PORT,ready=http://ADDR:PORT/readyz`; may be given several times.
    #[arg(long, required = true)]
    backend: Vec<String>,
    /// Milliseconds between two looks at a backend's readiness.
    #[arg(long, default_value_t = 100)]
    period: u64,
}

struct Backend {
    address: SocketAddr,
    probe: SocketAddr,
    path: String,
    ready: AtomicBool,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args = Args::parse();
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(serve(args))
}

async fn serve(args: Args) -> Result<(), Box<dyn std::error::Error>> {
    let backends: Vec<Arc<Backend>> =
        args.backend.iter().map(|text| parse(text).map(Arc::new)).collect::<Result<_, _>>()?;
    for backend in &backends {
        let backend = Arc::clone(backend);
        let period = Duration::from_millis(args.period);
        tokio::spawn(async move {
            loop {
                let ready = probed(&backend).await;
                if backend.ready.swap(ready, Ordering::Relaxed) != ready {
                    eprintln!("{} is {}", backend.address, if ready { "ready" } else { "not ready" });
                }
                tokio::time::sleep(period).await;
            }
        });
    }
    let listener = TcpListener::bind(args.listen).await?;
    let turn = AtomicUsize::new(0);
    loop {
        let (stream, _) = listener.accept().await?;
        let ready: Vec<_> = backends.iter().filter(|backend| backend.ready.load(Ordering::Relaxed)).collect();
        let chosen =
            ready.get(turn.fetch_add(1, Ordering::Relaxed) % ready.len().max(1)).map(|chosen| chosen.address);
        if chosen.is_none() {
            eprintln!("no backend for a connection");
        }
        tokio::spawn(forward(stream, chosen));
    }
}

/// Whether the backend's readiness endpoint answers 200.
async fn probed(backend: &Backend) -> bool {
    let answer = http_client::get(backend.probe, &backend.path, Duration::from_secs(1)).await;
    answer.is_ok_and(|(status, _)| status == 200)
}

fn parse(text: &str) -> Result<Backend, String> {
    let wrong = || format!("--backend {text}: write https=ADDR:PORT,ready=http://ADDR:PORT/PATH");
    let (address, ready) = text.split_once(',').ok_or_else(wrong)?;
    let address = address.strip_prefix("https=").ok_or_else(wrong)?;
    let ready = ready.strip_prefix("ready=http://").ok_or_else(wrong)?;
    let (probe, path) = ready.split_once('/').unwrap_or((ready, "readyz"));
    Ok(Backend {
        address: address.parse().map_err(|_| wrong())?,
        probe: probe.parse().map_err(|_| wrong())?,
        path: format!("/{path}"),
        ready: AtomicBool::new(false),
    })
}
