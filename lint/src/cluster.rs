//! A cluster's snapshot from its API server.

use std::path::Path;
use std::time::Duration;

use daemonset_validation::Server;
use daemonset_validation::placement::{Kind, SnapshotBuilder};
use kube::api::{Api, ListParams};
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::core::{ApiResource, DynamicObject, GroupVersionKind};
use kube::{Client, Config};

use crate::explain::Cluster;

/// As many nodes are asked for at once.
const PAGE: u32 = 500;

/// A server that does not even take the connection in this time is not there.
const CONNECT: Duration = Duration::from_secs(5);

/// A page takes the server at most this long.
const READ: Duration = Duration::from_secs(30);

/// Reads the nodes of the cluster that the kubeconfig names.
///
/// # Errors
///
/// A sentence that says what went wrong, and the other way to name a cluster.
pub(crate) fn live(
    context: Option<&str>,
    kubeconfig: Option<&Path>,
    server: &Server,
) -> Result<Cluster, String> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| format!("cannot start: {error}"))?;
    runtime.block_on(read(context, kubeconfig, server))
}

const BOTH_WAYS: &str = "--explain needs a cluster's nodes. Either give them in a file:\n  \
    kubectl get nodes,pods -A -o yaml > cluster.yaml\n  daemonset-lint --explain --nodes cluster.yaml PATH…\n\
    or let them be read from the cluster of your kubeconfig ($KUBECONFIG, ~/.kube/config, --kubeconfig, --context).";

async fn read(context: Option<&str>, kubeconfig: Option<&Path>, server: &Server) -> Result<Cluster, String> {
    let config = match kubeconfig {
        Some(path) => Kubeconfig::read_from(path).map_err(|error| format!("{}: {error}", path.display()))?,
        None => Kubeconfig::read()
            .map_err(|error| format!("no kubeconfig can be read: {error}\n\n{BOTH_WAYS}"))?,
    };
    let options = KubeConfigOptions { context: context.map(str::to_owned), ..KubeConfigOptions::default() };
    let mut config = Config::from_custom_kubeconfig(config, &options)
        .await
        .map_err(|error| format!("the kubeconfig cannot be used: {error}\n\n{BOTH_WAYS}"))?;
    config.connect_timeout = Some(CONNECT);
    config.read_timeout = Some(READ);
    let version = server;
    let server = config.cluster_url.to_string();
    let client =
        Client::try_from(config).map_err(|error| format!("the kubeconfig cannot be used: {error}"))?;
    let mut builder = SnapshotBuilder::new(*version);
    list(&client, Kind::Node, &mut builder).await.map_err(|error| refused("nodes", &server, &error))?;
    if builder.counts().0 == 0 {
        return Err(format!("the cluster at {server} has no nodes"));
    }
    if let Err(error) = list(&client, Kind::Pod, &mut builder).await {
        builder.mark_refused(Kind::Pod, refused("pods", &server, &error));
    }
    Ok(Cluster { source: "context", snapshot: builder.finish() })
}

fn refused(what: &str, server: &str, error: &kube::Error) -> String {
    match error {
        kube::Error::Api(status) if status.code == 403 => {
            format!(
                "the cluster at {server} does not let you list {what} (verb list, at cluster scope): {}",
                status.message
            )
        }
        kube::Error::Api(status) => {
            format!("the cluster at {server} refuses to list {what}: {}", status.message)
        }
        other => {
            let mut sentence = format!("the cluster at {server} does not answer: {other}");
            let mut source = std::error::Error::source(other);
            while let Some(cause) = source {
                let cause_text = cause.to_string();
                if !sentence.contains(&cause_text) {
                    sentence = format!("{sentence}: {cause_text}");
                }
                source = cause.source();
            }
            format!("{sentence}\n\n{BOTH_WAYS}")
        }
    }
}

/// Reads all objects of a kind, a page at a time.
async fn list(client: &Client, kind: Kind, builder: &mut SnapshotBuilder) -> Result<(), kube::Error> {
    let (group, version) = kind.api_version().split_once('/').unwrap_or(("", kind.api_version()));
    let gvk = GroupVersionKind::gvk(group, version, kind.as_str());
    let resource = ApiResource::from_gvk_with_plural(&gvk, kind.plural());
    let api: Api<DynamicObject> = Api::all_with(client.clone(), &resource);
    let mut params = ListParams::default().limit(PAGE);
    loop {
        let page = api.list(&params).await?;
        for object in page.items {
            let text = serde_json::to_value(object).map_err(kube::Error::SerdeError)?;
            builder.add(kind, text).map_err(kube::Error::SerdeError)?;
        }
        match page.metadata.continue_.filter(|token| !token.is_empty()) {
            Some(token) => params = params.continue_token(&token),
            None => break,
        }
    }
    builder.mark_read(kind);
    Ok(())
}
