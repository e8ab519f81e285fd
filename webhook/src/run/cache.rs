//! Starts the cache once the version of the API server is known, because the version decides how resource requests are added up. Judges the
//! placement of reviews with it.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use daemonset_validation::Server;
use k8s_openapi::api::apps::v1::DaemonSet;
use kube::Client;
use tokio::sync::{Notify, watch};

use super::cluster::ClusterVersion;
use crate::cache::{Cache, Options, View, Watched};
use crate::config::Config;
use crate::health::{CacheState, Health};
use crate::metrics::{Metrics, Part};
use crate::placement::{self, Judgement, Old, Question};
use crate::review::PlacementJudge;
use crate::supervise::Supervisor;

/// How long the cache waits for the version of the API server. After that it assumes the newest supported one.
const VERSION_TIMEOUT: Duration = Duration::from_secs(5);

/// What the cache is told, and what it tells.
#[derive(Clone)]
pub(super) struct Told {
    /// The version of the API server.
    pub(super) cluster_version: watch::Receiver<ClusterVersion>,
    /// The config file, which has what no API shows.
    pub(super) config: watch::Receiver<Arc<Config>>,
    /// Notified when a connection to the API server is made after one was lost.
    pub(super) reconnected: Arc<Notify>,
}

/// Starts the cache in the background. Returns what judges the placement of reviews; `None` if nothing is watched.
pub(super) fn start(
    watched: Watched,
    client: Client,
    told: Told,
    supervisor: &Supervisor,
    health: &Health,
    metrics: &Metrics,
) -> Option<Arc<dyn PlacementJudge>> {
    if watched.is_off() {
        return None;
    }
    let cell: Arc<OnceLock<Cache>> = Arc::default();
    let (for_health, for_metrics, for_reviews) = (cell.clone(), cell.clone(), cell.clone());
    health.ask_cache(move || state(for_health.get()));
    metrics.on_render(move |metrics| {
        if let Some(cache) = for_metrics.get() {
            report(cache, metrics);
        }
    });
    let (started, supervising) = (Started { cell, watched, client, told }, supervisor.clone());
    supervisor.keep(Part::Cache, move || started.clone().run(supervising.clone()));
    Some(Arc::new(CachedPlacement(for_reviews)))
}

/// Starts the cache and keeps it informed.
#[derive(Clone)]
struct Started {
    cell: Arc<OnceLock<Cache>>,
    watched: Watched,
    client: Client,
    told: Told,
}

impl Started {
    async fn run(self, supervisor: Supervisor) {
        let server = server(self.told.cluster_version.clone()).await;
        let start =
            || Cache::start(&self.client, self.watched.clone(), server, Options::default(), &supervisor);
        let cache = self.cell.get_or_init(start);
        let reconnections = async {
            loop {
                cache.reconnected().await;
                self.told.reconnected.notify_one();
            }
        };
        let configuration = follow_config(cache, self.told.config.clone());
        tokio::join!(follow_version(cache, self.told.cluster_version.clone()), configuration, reconnections);
    }
}

/// Judges placement with a cache that may not have started yet.
struct CachedPlacement(Arc<OnceLock<Cache>>);

impl PlacementJudge for CachedPlacement {
    fn judge(
        &self,
        daemon_set: &DaemonSet,
        old: &mut dyn FnMut() -> Old,
        question: &Question<'_>,
    ) -> Judgement {
        // One view for both objects of an update.
        let view = self.0.get().map_or(View::Cold { missing: Vec::new() }, Cache::view);
        placement::judge(daemon_set, old, &view, question)
    }
}

/// Tells the cache when the API server has another version. What is counted for a version that is not supported stays as it is.
async fn follow_version(cache: &Cache, mut cluster_version: watch::Receiver<ClusterVersion>) {
    loop {
        let version = *cluster_version.borrow_and_update();
        if let ClusterVersion::Supported(server) = version {
            cache.set_server(server);
        }
        if cluster_version.changed().await.is_err() {
            return;
        }
    }
}

/// Tells the cache what the config file says of the API server's own configuration.
async fn follow_config(cache: &Cache, mut config: watch::Receiver<Arc<Config>>) {
    loop {
        let pod_security = config.borrow_and_update().pod_security.engine();
        cache.set_pod_security(pod_security);
        if config.changed().await.is_err() {
            return;
        }
    }
}

async fn server(mut cluster_version: watch::Receiver<ClusterVersion>) -> Server {
    let known = async {
        cluster_version.wait_for(|version| *version != ClusterVersion::Unknown).await.map(|version| *version)
    };
    match tokio::time::timeout(VERSION_TIMEOUT, known).await {
        Ok(Ok(ClusterVersion::Supported(server))) => server,
        _ => Server::newest(),
    }
}

/// The state for readiness.
fn state(cache: Option<&Cache>) -> CacheState {
    let Some(cache) = cache else { return CacheState::Cold { missing: vec!["the cluster".to_owned()] } };
    let missing = cache.missing();
    if missing.is_empty() {
        return CacheState::Ready;
    }
    CacheState::Cold { missing: missing.iter().map(ToString::to_string).collect() }
}

/// Updates the gauges of the cache.
fn report(cache: &Cache, metrics: &Metrics) {
    for (kind, age) in cache.age() {
        if let Some(age) = age {
            metrics.cache_age(kind.plural(), age.as_secs_f64());
        }
    }
    for (kind, count) in cache.counts() {
        metrics.cache_objects(kind.plural(), count);
    }
}
