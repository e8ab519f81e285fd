//! A cluster's snapshot from its API server.

use std::path::Path;
use std::time::Duration;

use daemonset_validation::placement::{Node, Snapshot};
use k8s_openapi::api::core::v1;
use kube::api::{Api, ListParams};
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Client, Config, ResourceExt};

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
pub(crate) fn live(context: Option<&str>, kubeconfig: Option<&Path>) -> Result<Cluster, String> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| format!("cannot start: {error}"))?;
    runtime.block_on(read(context, kubeconfig))
}

const BOTH_WAYS: &str = "--explain needs a cluster's nodes. Either give them in a file:\n  \
    kubectl get nodes,pods -A -o yaml > cluster.yaml\n  daemonset-lint --explain --nodes cluster.yaml PATH…\n\
    or let them be read from the cluster of your kubeconfig ($KUBECONFIG, ~/.kube/config, --kubeconfig, --context).";

async fn read(context: Option<&str>, kubeconfig: Option<&Path>) -> Result<Cluster, String> {
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
    let server = config.cluster_url.to_string();
    let client =
        Client::try_from(config).map_err(|error| format!("the kubeconfig cannot be used: {error}"))?;
    let nodes = nodes(&client).await.map_err(|error| refused("nodes", &server, &error))?;
    if nodes.is_empty() {
        return Err(format!("the cluster at {server} has no nodes"));
    }
    let pods = pods(&client).await;
    Ok(Cluster { source: "context", snapshot: Snapshot { nodes, pods } })
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

async fn nodes(client: &Client) -> Result<Vec<Node>, kube::Error> {
    let api: Api<v1::Node> = Api::all(client.clone());
    let mut params = ListParams::default().limit(PAGE);
    let mut nodes = Vec::new();
    loop {
        let page = api.list(&params).await?;
        nodes.extend(page.items.into_iter().map(node));
        match page.metadata.continue_.filter(|token| !token.is_empty()) {
            Some(token) => params = params.continue_token(&token),
            None => return Ok(nodes),
        }
    }
}

fn node(node: v1::Node) -> Node {
    let name = node.name_any();
    let spec = node.spec.unwrap_or_default();
    Node {
        name,
        labels: node.metadata.labels.unwrap_or_default(),
        taints: spec.taints.unwrap_or_default(),
        unschedulable: spec.unschedulable.unwrap_or(false),
    }
}

/// How many pods there are. No verdict depends on them yet, so one page of one pod is enough: the server counts the rest.
async fn pods(client: &Client) -> usize {
    let api: Api<v1::Pod> = Api::all(client.clone());
    match api.list_metadata(&ListParams::default().limit(1)).await {
        Ok(page) => {
            let rest =
                page.metadata.remaining_item_count.and_then(|count| usize::try_from(count).ok()).unwrap_or(0);
            page.items.len().saturating_add(rest)
        }
        Err(_) => 0,
    }
}
