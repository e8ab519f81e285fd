//! `daemonset-webhook serve`: starts all parts of the webhook, and shuts them down.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use daemonset_certs::{Clock, Resolver, Served};
use kube::Client;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{Notify, watch};

use super::cluster::ClusterVersion;
use super::{cache, certificate, cluster, files, probe};
use crate::args::{MetricsAuth, Serve};
use crate::cache::{Mode, Watched};
use crate::callers::{self, Callers};
use crate::config::{self, Config};
use crate::health::{Certificate, Health};
use crate::logs;
use crate::metrics::{Metrics, Part};
use crate::ops::{self, Access, Ops, Reviewer};
use crate::policy::Levels;
use crate::server::{self, App, Judges, Limits, Phase, Policy, Settings, Switch, TlsError};
use crate::supervise::Supervisor;
use crate::trace::Traces;

/// How long sending the last spans may take.
const FLUSH_TIMEOUT: Duration = Duration::from_secs(2);

/// Why the webhook did not start or has ended with an error.
pub(super) enum Failed {
    /// It is in the log.
    Logged,
    /// The log does not have it.
    Unsaid(String),
}

/// Serves until SIGTERM or SIGINT. What goes wrong is logged in the format of the log.
///
/// # Errors
///
/// If the webhook cannot start.
pub(super) fn run(args: &Serve) -> Result<(), Failed> {
    let metrics = Arc::new(Metrics::new());
    let checked = logs::check_level(&args.log_level);
    let level = if checked.is_ok() { args.log_level.as_str() } else { "info" };
    let _logs = logs::start(args.log_format, level, metrics.clone()).map_err(Failed::Unsaid)?;
    checked.and_then(|()| start(args, metrics)).map_err(|sentence| {
        if tracing::enabled!(tracing::Level::ERROR) {
            tracing::error!("the webhook cannot run: {sentence}");
            Failed::Logged
        } else {
            Failed::Unsaid(sentence)
        }
    })
}

/// Starts the runtime and serves.
fn start(args: &Serve, metrics: Arc<Metrics>) -> Result<(), String> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    // The multi-threaded scheduler has no use on one core.
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
    let clock = Clock::default();
    let health = Arc::new(Health::new(clock.clone()));
    let supervisor = Supervisor::new(metrics.clone());
    health.ask_supervisor(supervisor.clone());
    let config = configuration(args.config.as_deref(), &supervisor, &health, &metrics);
    let client = match cluster::client(args.kubeconfig.as_deref()).await {
        Ok(client) => Some(client),
        // A kubeconfig that was given must work, and a Secret needs a cluster. With a certificate from a folder the webhook runs without one.
        Err(error) if args.kubeconfig.is_some() || args.certificate.tls_secret.is_some() => {
            return Err(error);
        }
        Err(error) => {
            if args.cache != Mode::Off {
                tracing::warn!("there is no cluster, so placement is not checked: {error}");
            }
            None
        }
    };
    // Every answer of the API server tells its time, by which certificates are judged.
    let client = client.map(|client| clock.observe(client));
    let (served, keeping) = certificate::start(&args.certificate, client.as_ref(), &clock)?;
    supervisor.keep(Part::Certificate, keeping);
    let following = (served.clone(), health.clone(), metrics.clone());
    supervisor.until_done(Part::Certificate, move || {
        let (served, health, metrics) = following.clone();
        follow_certificate(served, health, metrics)
    });

    let (version_sender, version) = watch::channel(ClusterVersion::Unknown);
    let reconnected = Arc::new(Notify::new());
    let placement = client.clone().and_then(|client| {
        let watched = Watched::new(args.cache, args.admission.clone());
        let told = cache::Told {
            cluster_version: version.clone(),
            config: config.clone(),
            reconnected: reconnected.clone(),
        };
        cache::start(watched, client, told, &supervisor, &health, &metrics)
    });
    if let Some(client) = client.clone() {
        let (sender, reconnected, metrics) = (version_sender, reconnected, metrics.clone());
        supervisor.keep(Part::Version, move || {
            let every = cluster::VERSION_INTERVAL;
            cluster::follow(client.clone(), sender.clone(), reconnected.clone(), metrics.clone(), every)
        });
    }
    let settings = Settings {
        in_flight: args.max_in_flight,
        body: args.max_body,
        connections: files::connections(args.max_connections),
        longest: args.max_timeout,
        ..Settings::for_cores(cores)
    };
    let judges = Judges::start(&settings, &metrics, &supervisor)
        .map_err(|error| format!("the threads that judge reviews cannot be started: {error}"))?;
    let app = Arc::new(App {
        policy: ArcSwap::from_pointee(policy(&config.borrow(), ClusterVersion::Unknown)),
        placement,
        limits: Limits::new(settings),
        judges,
        metrics: metrics.clone(),
        switch: Switch::default(),
        traces: traces(args.otlp_endpoint.as_deref(), &metrics),
    });
    let following = (app.clone(), config.clone(), version);
    supervisor.until_done(Part::Policy, move || {
        let (app, config, version) = following.clone();
        follow_policy(app, config, version)
    });
    if let Some(client) = client.clone() {
        let (namespace, metrics) = (args.self_test_namespace.clone(), metrics.clone());
        supervisor.until_done(Part::SelfProbe, move || {
            probe::run(client.clone(), namespace.clone(), config.clone(), metrics.clone())
        });
    }

    start_ops(args, client.as_ref(), &supervisor, (&health, &metrics), &served)?;
    let reviews = listen(args.listen, "--listen").await?;
    let tls = review_tls(args, served, &supervisor, &health).map_err(|error| error.to_string())?;
    health.listening();
    tracing::info!(
        reviews = %args.listen, ops = %args.ops_listen, version = env!("CARGO_PKG_VERSION"), cores,
        "taking reviews"
    );
    let (accepting, accepted) = (Arc::new((reviews, tls, app.clone())), app.clone());
    let accepting = supervisor.until_done(Part::Reviews, move || {
        let accepting = accepting.clone();
        async move { server::accept(&accepting.0, accepting.1.clone(), &accepting.2).await }
    });
    let serving = tokio::spawn(async move {
        let _ = accepting.await;
        server::closed(&accepted).await;
    });
    let stopped = shut_down(args, &health, &app.switch, serving).await;
    app.traces.flush(FLUSH_TIMEOUT).await;
    stopped
}

/// TLS for reviews: mutual if `--client-ca` is given.
fn review_tls(
    args: &Serve,
    served: Served,
    supervisor: &Supervisor,
    health: &Health,
) -> Result<Arc<rustls::ServerConfig>, TlsError> {
    let resolver = Resolver::new(served);
    let Some(file) = &args.client_ca else { return server::config(resolver, args.tls_min_version) };
    let callers = Arc::new(Callers::new(args.client_cn.clone()));
    let (usable, updates) = callers::watch(file.clone(), callers.clone());
    health.ask_callers(move || *usable.borrow());
    supervisor.keep(Part::ClientCa, updates);
    server::mutual(resolver, args.tls_min_version, callers)
}

/// Starts the listener for probes and metrics.
fn start_ops(
    args: &Serve,
    client: Option<&Client>,
    supervisor: &Supervisor,
    (health, metrics): (&Arc<Health>, &Arc<Metrics>),
    served: &Served,
) -> Result<(), String> {
    let access = match args.metrics_auth {
        MetricsAuth::Open => Access::Open,
        MetricsAuth::Token if !args.ops_tls => {
            return Err("--metrics-auth token needs --ops-tls: without it tokens would be sent in the clear"
                .to_owned());
        }
        MetricsAuth::Token => {
            let client = client.ok_or(
                "--metrics-auth token needs a cluster to check tokens: the pod's service account, or --kubeconfig FILE",
            )?;
            Access::Token(Box::new(Reviewer::new(client.clone())))
        }
    };
    let tls = args.ops_tls.then(|| server::ops_config(Resolver::new(served.clone()), args.tls_min_version));
    let tls = tls.transpose().map_err(|error| error.to_string())?;
    let listener = std::net::TcpListener::bind(args.ops_listen)
        .map_err(|error| cannot_listen("--ops-listen", args.ops_listen, &error))?;
    ops::start(supervisor, listener, tls, Ops { health: health.clone(), metrics: metrics.clone(), access })
}

/// Starts traces, if an endpoint is given. One that cannot be used is said, and traces are off: admission does not depend on them.
fn traces(endpoint: Option<&str>, metrics: &Arc<Metrics>) -> Traces {
    let started = endpoint.map(|endpoint| Traces::start(endpoint, metrics.clone()));
    match started {
        None => Traces::off(),
        Some(Ok(traces)) => traces,
        Some(Err(sentence)) => {
            tracing::error!("traces are off: {sentence}");
            Traces::off()
        }
    }
}

/// Waits for SIGTERM or SIGINT, then goes through the phases of the shutdown. A second signal ends it early.
async fn shut_down(
    args: &Serve,
    health: &Health,
    switch: &Switch,
    serving: tokio::task::JoinHandle<()>,
) -> Result<(), String> {
    let failed = |error: std::io::Error| format!("signals cannot be received: {error}");
    let mut terminate = signal(SignalKind::terminate()).map_err(failed)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(failed)?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    tracing::info!(delay = ?args.drain_delay, timeout = ?args.drain_timeout, "shutting down");
    health.drain();
    switch.enter(Phase::Leaving);
    let second_signal = async {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    };
    let gracefully = async {
        tokio::time::sleep(args.drain_delay).await;
        switch.enter(Phase::Refusing);
        switch.idle(args.drain_timeout).await;
    };
    tokio::select! {
        () = gracefully => {}
        () = second_signal => tracing::info!("second signal: not waiting any longer"),
    }
    switch.enter(Phase::Ended);
    // Reviews in flight are answered; idle connections are not waited for.
    if tokio::time::timeout(Duration::from_secs(2), serving).await.is_err() {
        tracing::warn!("connections were still open at the end of the shutdown");
    }
    tracing::info!("stopped");
    Ok(())
}

async fn listen(address: std::net::SocketAddr, flag: &str) -> Result<TcpListener, String> {
    TcpListener::bind(address).await.map_err(|error| cannot_listen(flag, address, &error))
}

fn cannot_listen(flag: &str, address: std::net::SocketAddr, error: &std::io::Error) -> String {
    format!("{flag} {address} cannot be listened on: {error}")
}

/// Reads the config file and starts to watch it.
fn configuration(
    file: Option<&Path>,
    supervisor: &Supervisor,
    health: &Health,
    metrics: &Arc<Metrics>,
) -> watch::Receiver<Arc<Config>> {
    let Some(file) = file else {
        let (sender, config) = watch::channel(Arc::new(Config::default()));
        // The sender must live as long as its receivers.
        tokio::spawn(async move { sender.closed().await });
        return config;
    };
    let config::Watched { config, refused, updates } = config::watch(file.to_owned(), metrics.clone());
    health.ask_config(move || refused.borrow().clone());
    supervisor.until_done(Part::Config, updates);
    config
}

fn policy(config: &Config, version: ClusterVersion) -> Policy {
    Policy {
        levels: Levels::new(config),
        server: version.server(config.kubernetes_version),
        named_nodes: config.placement.named_nodes,
        faultless: Arc::default(),
    }
}

/// Replaces the policy when the config file changes, and when the version of the API server is known or changes.
async fn follow_policy(
    app: Arc<App>,
    mut config: watch::Receiver<Arc<Config>>,
    mut version: watch::Receiver<ClusterVersion>,
) {
    let mut version_changes = true;
    loop {
        tokio::select! {
            // Without a cluster there is no sender.
            changed = version.changed(), if version_changes => version_changes = changed.is_ok(),
            changed = config.changed() => {
                if changed.is_err() {
                    return;
                }
            }
        }
        let now = policy(&config.borrow_and_update(), *version.borrow());
        app.policy.store(Arc::new(now));
    }
}

/// Reports the served certificate to readiness and metrics.
async fn follow_certificate(mut served: Served, health: Arc<Health>, metrics: Arc<Metrics>) {
    loop {
        let serving = served.borrow_and_update().clone();
        health.certificate(serving.as_deref().map(Certificate::from));
        if let Some(serving) = serving {
            metrics.certificate(serving.validity);
        }
        if served.changed().await.is_err() {
            return;
        }
    }
}
