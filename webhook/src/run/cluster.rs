//! The client for the API server, and the version of the API server.

use std::hash::{BuildHasher, RandomState};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use daemonset_validation::Server;
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Client, Config};
use tokio::sync::{Notify, watch};

use crate::config::KubernetesVersion;
use crate::metrics::Metrics;

/// Timeout for a connection to the API server.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// How often the version is asked again.
pub(super) const VERSION_INTERVAL: Duration = Duration::from_secs(10 * 60);

/// The pauses before the version is asked again, after the first time and after a connection was lost.
const SOON: [Duration; 2] = [Duration::from_secs(30), Duration::from_secs(120)];

/// The shortest pause between two attempts to read the version.
const MIN_PAUSE: Duration = Duration::from_secs(1);

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

/// Follows the version of the API server: asks for it again at intervals, and soon after a connection to the API server was lost and made
/// again. Changes are logged, counted in the metrics, and sent.
pub(super) async fn follow(
    client: Client,
    version: watch::Sender<ClusterVersion>,
    reconnected: Arc<Notify>,
    metrics: Arc<Metrics>,
    every: Duration,
) {
    let mut known: Option<String> = None;
    let mut soon = SOON.iter();
    loop {
        let read = read_version(&client).await;
        if known.as_ref() != Some(&read) {
            let now = announce(known.as_deref(), &read, &metrics);
            version.send_if_modified(|version| std::mem::replace(version, now) != now);
            known = Some(read);
        }
        let pause = soon.next().map_or_else(|| jittered(every), |soon| every.min(*soon));
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = reconnected.notified() => {
                // Several API servers are replaced one after another, so it is asked again.
                soon = SOON.iter();
                tokio::time::sleep(MIN_PAUSE.min(every)).await;
            }
        }
    }
}

/// Logs the version of the API server and sets its metrics.
fn announce(before: Option<&str>, version: &str, metrics: &Metrics) -> ClusterVersion {
    let server = Server::of_version(version);
    metrics.kubernetes(version, server.is_some());
    match (before, server) {
        (None, Some(_)) => tracing::info!(version, "the API server has version {version}"),
        (Some(before), Some(_)) => {
            tracing::info!(
                before,
                version,
                "the API server now has version {version}, before it had {before}"
            );
        }
        (_, None) => {
            let supported = Server::supported().join(", ");
            tracing::warn!(
                before,
                version,
                "Kubernetes {version} is not supported (supported: {supported}), so DaemonSets are not validated"
            );
        }
    }
    server.map_or(ClusterVersion::Unsupported, ClusterVersion::Supported)
}

/// An interval that is up to a tenth longer or shorter, so that not all replicas ask at the same time.
fn jittered(interval: Duration) -> Duration {
    let thousandths = u32::try_from(RandomState::new().hash_one(()) % 200).unwrap_or(100);
    let unit = interval.checked_div(1_000).unwrap_or_default();
    unit.saturating_mul(thousandths.saturating_add(900))
}

/// Reads the version of the API server, the major and the minor one. Tries until there is an answer.
async fn read_version(client: &Client) -> String {
    let mut pause = MIN_PAUSE;
    loop {
        match client.apiserver_version().await {
            Ok(info) => {
                let minor: String = info.minor.chars().take_while(char::is_ascii_digit).collect();
                return format!("{}.{minor}", info.major);
            }
            Err(error) => {
                tracing::debug!("the version of the API server cannot be read: {error}");
                tokio::time::sleep(pause).await;
                pause = pause.saturating_mul(2).min(MAX_PAUSE);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use kube::client::Body;

    use super::*;

    /// A client of an API server with the version that is in the cell; it does not answer while that is empty.
    fn client(version: Arc<Mutex<&'static str>>) -> Client {
        let service = tower::service_fn(move |request: http::Request<Body>| {
            assert_eq!(request.uri().path(), "/version");
            let minor = *version.lock().unwrap();
            let info = serde_json::json!({
                "major": "1", "minor": minor, "gitVersion": "", "gitCommit": "", "gitTreeState": "", "buildDate": "",
                "goVersion": "", "compiler": "", "platform": ""
            });
            let status = if minor.is_empty() { 503 } else { 200 };
            async move {
                let body = Body::from(info.to_string().into_bytes());
                Ok::<_, std::io::Error>(http::Response::builder().status(status).body(body).unwrap())
            }
        });
        Client::new(service, "default")
    }

    fn exported(metrics: &Metrics, name: &str) -> Option<String> {
        let text = metrics.render();
        let name = format!("daemonset_webhook_{name} ");
        text.lines().find_map(|line| Some(line.strip_prefix(&name)?.to_owned()))
    }

    #[tokio::test]
    async fn an_upgrade_of_the_api_server_is_noticed() {
        let (old, new) = (Server::supported()[0], Server::newest().minor());
        let minor = |version: &'static str| version.split_once('.').unwrap().1;
        let answer = Arc::new(Mutex::new(minor(old)));
        let (sender, mut version) = watch::channel(ClusterVersion::Unknown);
        let metrics = Arc::new(Metrics::new());
        assert_eq!(exported(&metrics, "kubernetes_minor"), None);
        let every = Duration::from_millis(20);
        let following =
            tokio::spawn(follow(client(answer.clone()), sender, Arc::default(), metrics.clone(), every));
        let mut steps = vec![(minor(old), ClusterVersion::Supported(Server::of_version(old).unwrap()), "1")];
        steps.push((minor(new), ClusterVersion::Supported(Server::newest()), "1"));
        steps.push(("99", ClusterVersion::Unsupported, "0"));
        steps.push(("99+", ClusterVersion::Unsupported, "0"));
        steps.push((minor(old), ClusterVersion::Supported(Server::of_version(old).unwrap()), "1"));
        for (minor, expected, supported) in steps {
            *answer.lock().unwrap() = minor;
            let reached = version.wait_for(|version| *version == expected);
            tokio::time::timeout(Duration::from_secs(20), reached).await.unwrap().unwrap();
            assert_eq!(exported(&metrics, "kubernetes_minor").as_deref(), Some(minor.trim_end_matches('+')));
            assert_eq!(exported(&metrics, "kubernetes_supported").as_deref(), Some(supported));
        }
        // While there is no answer, what was known stays.
        *answer.lock().unwrap() = "";
        tokio::time::sleep(Duration::from_millis(100)).await;
        assert!(!version.has_changed().unwrap() && !following.is_finished());
    }

    #[tokio::test]
    async fn the_version_is_asked_at_once_after_a_connection_was_lost() {
        let answer = Arc::new(Mutex::new("99"));
        let (sender, mut version) = watch::channel(ClusterVersion::Unknown);
        let reconnected = Arc::new(Notify::new());
        let (metrics, never) = (Arc::new(Metrics::new()), Duration::from_secs(3_600));
        tokio::spawn(follow(client(answer.clone()), sender, reconnected.clone(), metrics, never));
        version.wait_for(|version| *version == ClusterVersion::Unsupported).await.unwrap();
        *answer.lock().unwrap() = Server::newest().minor().split_once('.').unwrap().1;
        reconnected.notify_one();
        let newest = ClusterVersion::Supported(Server::newest());
        let reached = version.wait_for(|version| *version == newest);
        tokio::time::timeout(Duration::from_secs(20), reached).await.unwrap().unwrap();
    }

    #[test]
    fn intervals_differ_by_a_tenth_at_most() {
        let interval = Duration::from_secs(600);
        let many: Vec<Duration> = (0..100).map(|_| jittered(interval)).collect();
        assert!(many.iter().all(|one| one.abs_diff(interval) <= Duration::from_secs(60)));
        assert!(many.iter().any(|one| *one != many[0]));
    }
}
