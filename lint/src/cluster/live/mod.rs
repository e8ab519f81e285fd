//! Reads a cluster's snapshot from its API server: every kind that placement uses and the user may list, in pages.

mod progress;

use std::path::Path;
use std::time::Duration;

use daemonset_validation::Server;
use daemonset_validation::placement::{KINDS, Kind, ListPages};
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Client, Config};

use crate::cluster::{Collector, Saver};
use crate::engine::cluster::{Cluster, Source};
use crate::shown::shown_path;
pub(crate) use progress::Progress;

/// The number of objects in a page.
const PAGE: u32 = 500;

/// How long to wait for a connection.
const CONNECT: Duration = Duration::from_secs(5);

/// How long to wait for a page.
const READ: Duration = Duration::from_secs(30);

/// Reads the objects of the kubeconfig's cluster that the user may list.
///
/// # Errors
///
/// A message with the reason, and with the other ways to name a cluster.
pub(crate) fn live(
    context: Option<&str>,
    kubeconfig: Option<&Path>,
    server: &Server,
    saver: Option<Saver>,
    progress: &mut Progress<'_>,
) -> Result<Cluster, String> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| format!("cannot start: {error}"))?;
    let cluster = runtime.block_on(read(context, kubeconfig, server, saver, progress));
    progress.clear();
    cluster
}

const BOTH_WAYS: &str = "--explain needs a cluster's nodes. Either give them in a file:\n  \
    kubectl get nodes,pods -A -o yaml > cluster.yaml\n  daemonset-lint --explain --nodes cluster.yaml PATH…\n\
or have them read from the cluster of your kubeconfig ($KUBECONFIG, ~/.kube/config, --kubeconfig, --context).";

async fn read(
    context: Option<&str>,
    kubeconfig: Option<&Path>,
    server: &Server,
    saver: Option<Saver>,
    progress: &mut Progress<'_>,
) -> Result<Cluster, String> {
    let config = match kubeconfig {
        Some(path) => {
            Kubeconfig::read_from(path).map_err(|error| format!("{}: {error}", shown_path(path)))?
        }
        None => Kubeconfig::read()
            .map_err(|error| format!("the kubeconfig cannot be read: {error}\n\n{BOTH_WAYS}"))?,
    };
    let options = KubeConfigOptions { context: context.map(str::to_owned), ..KubeConfigOptions::default() };
    let mut config = Config::from_custom_kubeconfig(config, &options)
        .await
        .map_err(|error| format!("the kubeconfig cannot be used: {error}\n\n{BOTH_WAYS}"))?;
    config.connect_timeout = Some(CONNECT);
    config.read_timeout = Some(READ);
    let url = config.cluster_url.to_string();
    let client =
        Client::try_from(config).map_err(|error| format!("the kubeconfig cannot be used: {error}"))?;
    let mut collector = Collector::new(*server, saver);
    for kind in KINDS {
        match list(&client, kind, &mut collector, progress).await {
            Ok(()) => collector.mark_read(kind),
            // Nodes are required. Without another kind, verdicts that depend on it are unknown.
            Err(error) if kind == Kind::Node => return Err(error.sentence(kind, &url)),
            Err(error) => collector.mark_refused(kind, error.sentence(kind, &url)),
        }
    }
    if collector.counts().0 == 0 {
        return Err(format!("the cluster at {url} has no nodes"));
    }
    let (snapshot, faults) = collector.finish()?;
    Ok(Cluster { source: Source::Context, snapshot, faults })
}

/// Why a list could not be read.
enum Refusal {
    /// The server refuses the request, or does not answer.
    Server(kube::Error),
    /// Its answer cannot be read.
    Answer(String),
}

impl Refusal {
    fn sentence(&self, kind: Kind, server: &str) -> String {
        let what = kind.plural();
        match self {
            Self::Server(kube::Error::Api(status)) if status.code == 403 => format!(
                "the cluster at {server} does not let you list {what} (verb list, at cluster scope): {}",
                status.message
            ),
            Self::Server(kube::Error::Api(status)) => {
                format!("the cluster at {server} refuses to list {what}: {}", status.message)
            }
            Self::Server(other) => {
                let mut sentence = format!("the cluster at {server} does not answer: {other}");
                let mut source = std::error::Error::source(other);
                while let Some(cause) = source {
                    let cause_text = cause.to_string();
                    if !sentence.contains(&cause_text) {
                        sentence = format!("{sentence}: {cause_text}");
                    }
                    source = cause.source();
                }
                if kind == Kind::Node { format!("{sentence}\n\n{BOTH_WAYS}") } else { sentence }
            }
            Self::Answer(why) => format!("the cluster at {server} was asked for {what}, but {why}"),
        }
    }
}

/// Reads all objects of a kind. If the continue token expires, the list is read again from the start, once. Of an object that is read
/// twice, the first one counts.
async fn list(
    client: &Client,
    kind: Kind,
    collector: &mut Collector,
    progress: &mut Progress<'_>,
) -> Result<(), Refusal> {
    let mut pages = ListPages::new(kind, PAGE);
    loop {
        progress.show(kind, collector.counts());
        let request = http::Request::get(pages.uri()).body(Vec::new());
        let request = request.map_err(|error| Refusal::Answer(error.to_string()))?;
        let page = match client.request_text(request).await {
            Ok(page) => page,
            Err(kube::Error::Api(status)) if pages.restarts_after(status.code) => continue,
            Err(error) => return Err(Refusal::Server(error)),
        };
        let next = collector.page(&kind.path(), page.as_bytes()).map_err(Refusal::Answer)?;
        if !pages.advance(next.unwrap_or_default()) {
            return Ok(());
        }
    }
}
