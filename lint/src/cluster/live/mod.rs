//! Reads a cluster's snapshot from its API server: every kind that placement uses and the user may list, in pages.

mod kubeconfig;
mod refusal;

use std::time::Duration;

use daemonset_validation::Server;
use daemonset_validation::placement::{Kind, ListPages, all_kinds};
use kube::Client;

use crate::cluster::{Collector, Saver};
use crate::engine::cluster::{Cluster, Source};
use crate::progress::{Progress, Task};
pub(crate) use kubeconfig::Target;
use refusal::{Refusal, client_fault};

/// The number of objects in a page.
const PAGE: u32 = 500;

/// How long to wait for a connection.
const CONNECT: Duration = Duration::from_secs(5);

/// How long to wait for a page.
const READ: Duration = Duration::from_secs(30);

/// What is asked for where only names matter. A server that knows no such lists answers 406.
const METADATA_ONLY: &str = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";

/// Reads the objects of the kubeconfig's cluster that the user may list.
///
/// # Errors
///
/// A message with the reason, and with the other ways to name a cluster.
pub(crate) fn live(
    target: &Target<'_>,
    server: &Server,
    saver: Option<Saver>,
    progress: &Progress,
) -> Result<Cluster, String> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| format!("cannot start: {error}"))?;
    runtime.block_on(read(target, server, saver, progress))
}

async fn read(
    target: &Target<'_>,
    server: &Server,
    saver: Option<Saver>,
    progress: &Progress,
) -> Result<Cluster, String> {
    let mut chosen = kubeconfig::choose(target).await?;
    chosen.config.connect_timeout = Some(CONNECT);
    chosen.config.read_timeout = Some(READ);
    let client = Client::try_from(chosen.config.clone()).map_err(|error| client_fault(&error, &chosen))?;
    let mut collector = Collector::new(*server, saver);
    for kind in all_kinds() {
        match list(&client, kind, &mut collector, progress).await {
            Ok(()) => collector.mark_read(kind),
            // Nodes are required. Without another kind, verdicts that depend on it are unknown.
            Err(error) if kind == Kind::Node => return Err(error.sentence(kind, &chosen)),
            Err(error) if kind.is_optional() && error.is_not_found() => {}
            Err(error) => collector.mark_refused(kind, error.sentence(kind, &chosen)),
        }
    }
    if collector.counts().0 == 0 {
        return Err(format!("the cluster at {} has no nodes", chosen.config.cluster_url));
    }
    let (snapshot, faults) = collector.finish()?;
    Ok(Cluster { source: Source::Context, snapshot, faults })
}

/// Reads all objects of a kind. If the continue token expires, the list is read again from the start, once. Of an object that is read
/// twice, the first one counts.
async fn list(
    client: &Client,
    kind: Kind,
    collector: &mut Collector,
    progress: &Progress,
) -> Result<(), Refusal> {
    let mut pages = ListPages::new(kind, PAGE);
    loop {
        let (nodes, pods) = collector.counts();
        progress.start(Task::List { kind, nodes, pods });
        let mut request = http::Request::get(pages.uri());
        if kind.is_metadata_only() {
            request = request.header(http::header::ACCEPT, METADATA_ONLY);
        }
        let request = request.body(Vec::new());
        let request = request.map_err(|error| Refusal::Answer(error.to_string()))?;
        let page = match client.request_text(request).await {
            Ok(page) => page,
            Err(kube::Error::Api(status)) if pages.restarts_after(status.code) => continue,
            Err(error) => return Err(Refusal::Server(error)),
        };
        let next = collector.page(kind, page.as_bytes()).map_err(Refusal::Answer)?;
        if !pages.advance(next.unwrap_or_default()) {
            return Ok(());
        }
    }
}
