//! `daemonset-webhook serve`: everything put together, from the first line of the log to the last.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use daemonset_certs::{Resolver, Served};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use super::cluster::Own;
use super::{cache, certificate, cluster, probe};
use crate::args::Serve;
use crate::cache::Mode;
use crate::config::{self, Config};
use crate::health::{self, Health};
use crate::logs;
use crate::metrics::Metrics;
use crate::policy::Levels;
use crate::server::{self, App, Limits, Phase, Policy, Settings, Switch};
use crate::trace::Traces;

/// How long the last spans may take to be sent.
const LAST_SPANS: Duration = Duration::from_secs(2);

/// Serves until it is told to stop.
pub(super) fn run(args: &Serve) -> Result<(), String> {
    let metrics = Arc::new(Metrics::new());
    let _logs = logs::start(args.log_format, &args.log_level, metrics.clone())?;
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    // One core needs no scheduler between threads.
    let mut builder = if cores == 1 {
        tokio::runtime::Builder::new_current_thread()
    } else {
        tokio::runtime::Builder::new_multi_thread()
    };
    let runtime = builder
        .enable_all()
        .max_blocking_threads(cores.saturating_add(4))
        .build()
        .map_err(|error| format!("cannot start: {error}"))?;
    let served = runtime.block_on(serve(args, cores, metrics));
    runtime.shutdown_timeout(Duration::from_secs(1));
    served
}

async fn serve(args: &Serve, cores: usize, metrics: Arc<Metrics>) -> Result<(), String> {
    let health = Arc::new(Health::new());
    let config = configuration(args.config.as_deref(), &metrics)?;
    let client = match cluster::client(args.kubeconfig.as_deref()).await {
        Ok(client) => Some(client),
        // A kubeconfig that was asked for must work; outside a cluster a folder's certificate is enough.
        Err(error) if args.kubeconfig.is_some() || args.certificate.tls_secret.is_some() => {
            return Err(error);
        }
        Err(error) => {
            if args.cache != Mode::Off {
                tracing::warn!("without a cluster placement is not looked at: {error}");
            }
            None
        }
    };
    let (served, keeping) = certificate::of(&args.certificate, client.as_ref())?;
    tokio::spawn(keeping);
    tokio::spawn(follow_certificate(served.clone(), health.clone(), metrics.clone()));

    let traces = match &args.otlp_endpoint {
        Some(endpoint) => Traces::start(endpoint, metrics.clone())?,
        None => Traces::off(),
    };
    let (own_sender, own) = watch::channel(Own::Unasked);
    let placement =
        client.clone().and_then(|client| cache::start(args.cache, client, own.clone(), &health, &metrics));
    if let Some(client) = client.clone() {
        tokio::spawn(async move { own_sender.send_replace(cluster::version(client).await) });
    }
    let app = Arc::new(App {
        policy: ArcSwap::from_pointee(policy(&config.borrow(), Own::Unasked)),
        placement,
        limits: Limits::new(Settings {
            in_flight: args.max_in_flight,
            body: args.max_body,
            connections: args.max_connections,
            ..Settings::for_cores(cores)
        }),
        metrics: metrics.clone(),
        switch: Switch::default(),
        traces,
    });
    tokio::spawn(follow_policy(app.clone(), config.clone(), own));
    if let Some(client) = client {
        tokio::spawn(probe::keep(client, args.self_test_namespace.clone(), config.clone(), metrics.clone()));
    }

    let ops = listen(args.ops_listen, "--ops-listen").await?;
    let ops_router = health::router(health.clone(), metrics.clone());
    tokio::spawn(async move {
        if let Err(error) = axum::serve(ops, ops_router).await {
            tracing::error!("the listener for probes and metrics ended: {error}");
        }
    });
    let reviews = listen(args.listen, "--listen").await?;
    let tls =
        server::config(Resolver::new(served), args.tls_min_version).map_err(|error| error.to_string())?;
    health.listening();
    tracing::info!(
        reviews = %args.listen, ops = %args.ops_listen, version = env!("CARGO_PKG_VERSION"), cores,
        "taking reviews"
    );
    let switch = app.switch.clone();
    let serving = tokio::spawn(server::serve(reviews, tls, app.clone()));
    let left = leave(args, &health, &switch, serving).await;
    app.traces.flush(LAST_SPANS).await;
    left
}

/// Waits for the signal to stop, then goes through the phases.
async fn leave(
    args: &Serve,
    health: &Health,
    switch: &Switch,
    serving: tokio::task::JoinHandle<()>,
) -> Result<(), String> {
    let broken = |error: std::io::Error| format!("signals cannot be heard: {error}");
    let mut terminate = signal(SignalKind::terminate()).map_err(broken)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(broken)?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    tracing::info!(delay = ?args.drain_delay, timeout = ?args.drain_timeout, "leaving");
    health.drain();
    switch.enter(Phase::Leaving);
    let hurry = async {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    };
    let gently = async {
        tokio::time::sleep(args.drain_delay).await;
        switch.enter(Phase::Refusing);
        switch.idle(args.drain_timeout).await;
    };
    tokio::select! {
        () = gently => {}
        () = hurry => tracing::info!("told twice: not waiting any longer"),
    }
    switch.enter(Phase::Ended);
    // What is under way is answered; a client that keeps its connection open is not waited for.
    if tokio::time::timeout(Duration::from_secs(2), serving).await.is_err() {
        tracing::warn!("connections were still open at the end");
    }
    tracing::info!("gone");
    Ok(())
}

async fn listen(address: std::net::SocketAddr, flag: &str) -> Result<TcpListener, String> {
    TcpListener::bind(address)
        .await
        .map_err(|error| format!("{flag} {address} cannot be listened on: {error}"))
}

/// The configuration, and what keeps it up to date.
fn configuration(
    file: Option<&Path>,
    metrics: &Arc<Metrics>,
) -> Result<watch::Receiver<Arc<Config>>, String> {
    let Some(file) = file else {
        let (sender, config) = watch::channel(Arc::new(Config::default()));
        // Nobody changes it, and it stays.
        tokio::spawn(async move { sender.closed().await });
        return Ok(config);
    };
    let (config, keeping) =
        config::watch(file.to_owned(), metrics.clone()).map_err(|errors| errors.to_string())?;
    tokio::spawn(keeping);
    Ok(config)
}

fn policy(config: &Config, own: Own) -> Policy {
    Policy {
        levels: Levels::new(config),
        server: own.server(config.kubernetes_version),
        named_nodes: config.placement.named_nodes,
        known: Arc::default(),
    }
}

/// Puts a changed configuration, and the server's version once it is known, into force.
async fn follow_policy(
    app: Arc<App>,
    mut config: watch::Receiver<Arc<Config>>,
    mut own: watch::Receiver<Own>,
) {
    let mut asking = true;
    loop {
        tokio::select! {
            // Whoever sent the version is gone once it is known.
            known = own.changed(), if asking => asking = known.is_ok(),
            changed = config.changed() => {
                if changed.is_err() {
                    return;
                }
            }
        }
        let now = policy(&config.borrow_and_update(), *own.borrow());
        app.policy.store(Arc::new(now));
    }
}

/// Tells readiness and the metrics which certificate is served.
async fn follow_certificate(mut served: Served, health: Arc<Health>, metrics: Arc<Metrics>) {
    loop {
        let not_after = served.borrow_and_update().as_ref().map(|serving| serving.not_after);
        health.certificate(not_after);
        if let Some(not_after) = not_after {
            metrics.certificate(not_after);
        }
        if served.changed().await.is_err() {
            return;
        }
    }
}
