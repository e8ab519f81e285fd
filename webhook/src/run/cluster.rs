//! The client for the API server, and the version of the API server.

use std::path::Path;
use std::time::Duration;

use daemonset_validation::Server;
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Client, Config};

use crate::config::KubernetesVersion;

/// Timeout for a connection to the API server.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// The longest pause between two attempts to read the version.
const MAX_PAUSE: Duration = Duration::from_secs(60);

/// A client for the cluster of a kubeconfig, or of the pod's service account.
///
/// # Errors
///
/// A message, if the kubeconfig cannot be used, or there is none and this is not a pod.
pub(super) async fn client(kubeconfig: Option<&Path>) -> Result<Client, String> {
    let mut config = match kubeconfig {
        Some(path) => {
            let file = Kubeconfig::read_from(path).map_err(|error| format!("{}: {error}", path.display()))?;
            Config::from_custom_kubeconfig(file, &KubeConfigOptions::default())
                .await
                .map_err(|error| format!("{} cannot be used: {error}", path.display()))?
        }
        None => Config::incluster().map_err(|error| {
            format!(
                "this process does not run in a pod with a service account ({error}); outside a cluster give --kubeconfig FILE"
            )
        })?,
    };
    config.connect_timeout = Some(CONNECT_TIMEOUT);
    Client::try_from(config).map_err(|error| format!("the API server cannot be reached: {error}"))
}

/// The namespace of the pod.
pub(super) fn own_namespace() -> Option<String> {
    let text = std::fs::read_to_string("/var/run/secrets/kubernetes.io/serviceaccount/namespace").ok()?;
    Some(text.trim().to_owned()).filter(|namespace| !namespace.is_empty())
}

/// The version of the cluster's API server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ClusterVersion {
    /// It was not read yet, or there is no cluster.
    Unknown,
    /// The engine supports it.
    Supported(Server),
    /// The engine does not support it.
    Unsupported,
}

impl ClusterVersion {
    /// The server whose validation is repeated: the configured one, or the cluster's. `None` if the cluster's version is not supported. While
    /// it is unknown, the newest supported version is assumed.
    pub(super) fn server(self, configured: KubernetesVersion) -> Option<Server> {
        match (configured, self) {
            (KubernetesVersion::Minor(server), _) | (KubernetesVersion::Auto, Self::Supported(server)) => {
                Some(server)
            }
            (KubernetesVersion::Auto, Self::Unknown) => Some(Server::newest()),
            (KubernetesVersion::Auto, Self::Unsupported) => None,
        }
    }
}

/// Reads the version of the API server. Tries until there is an answer.
pub(super) async fn version(client: Client) -> ClusterVersion {
    let mut pause = Duration::from_secs(1);
    loop {
        match client.apiserver_version().await {
            Ok(info) => {
                let minor: String = info.minor.chars().take_while(char::is_ascii_digit).collect();
                let version = format!("{}.{minor}", info.major);
                return match Server::of_version(&version) {
                    Some(server) => ClusterVersion::Supported(server),
                    None => {
                        let supported = Server::supported().join(", ");
                        tracing::warn!(
                            version,
                            "Kubernetes {version} is not supported (supported: {supported}), so DaemonSets are not validated"
                        );
                        ClusterVersion::Unsupported
                    }
                };
            }
            Err(error) => {
                tracing::debug!("the version of the API server cannot be read: {error}");
                tokio::time::sleep(pause).await;
                pause = pause.saturating_mul(2).min(MAX_PAUSE);
            }
        }
    }
}
