//! The way to the API server, and which one it is.

use std::path::Path;
use std::time::Duration;

use daemonset_validation::Server;
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Client, Config};

use crate::config::KubernetesVersion;

/// A server that does not take the connection in this time is not there.
const CONNECT: Duration = Duration::from_secs(5);

/// After a failure the version is asked for again this much later, at most.
const AGAIN: Duration = Duration::from_secs(60);

/// A client by a kubeconfig, or by the pod's own account.
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
                "this is no pod with a service account ({error}); outside a cluster give --kubeconfig FILE"
            )
        })?,
    };
    config.connect_timeout = Some(CONNECT);
    Client::try_from(config).map_err(|error| format!("the API server cannot be asked: {error}"))
}

/// The namespace that the pod runs in.
pub(super) fn own_namespace() -> Option<String> {
    let text = std::fs::read_to_string("/var/run/secrets/kubernetes.io/serviceaccount/namespace").ok()?;
    Some(text.trim().to_owned()).filter(|namespace| !namespace.is_empty())
}

/// Whose validation is repeated: as configured, or the cluster's own, once that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Own {
    /// Nobody has been asked yet, or there is nobody to ask: the newest that we know.
    Unasked,
    /// The cluster's.
    Known(Server),
    /// The cluster's is none that we know, so nothing can be said about validation.
    Strange,
}

impl Own {
    pub(super) fn server(self, configured: KubernetesVersion) -> Option<Server> {
        match (configured, self) {
            (KubernetesVersion::Minor(server), _) | (KubernetesVersion::Auto, Self::Known(server)) => {
                Some(server)
            }
            (KubernetesVersion::Auto, Self::Unasked) => Some(Server::newest()),
            (KubernetesVersion::Auto, Self::Strange) => None,
        }
    }
}

/// Asks the API server for its version until it says it.
pub(super) async fn version(client: Client) -> Own {
    let mut pause = Duration::from_secs(1);
    loop {
        match client.apiserver_version().await {
            Ok(info) => {
                let minor: String = info.minor.chars().take_while(char::is_ascii_digit).collect();
                let version = format!("{}.{minor}", info.major);
                return match Server::of_version(&version) {
                    Some(server) => Own::Known(server),
                    None => {
                        let known = Server::supported().join(", ");
                        tracing::warn!(
                            version,
                            "Kubernetes {version} is none that this version knows ({known}): nothing is said about validation"
                        );
                        Own::Strange
                    }
                };
            }
            Err(error) => {
                tracing::debug!("the API server's version is not known: {error}");
                tokio::time::sleep(pause).await;
                pause = pause.saturating_mul(2).min(AGAIN);
            }
        }
    }
}
