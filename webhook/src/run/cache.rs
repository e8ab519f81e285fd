//! The look at the cluster: a cache that begins once the API server's version is known, since that decides how requests are counted.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use daemonset_validation::{Finding, Server};
use k8s_openapi::api::apps::v1::DaemonSet;
use kube::Client;

use super::cluster::Own;
use crate::cache::{Cache, Mode, Options, View};
use crate::health::{CacheState, Health};
use crate::metrics::Metrics;
use crate::placement;
use crate::review::Placement;

/// A server that does not say its version in this time is taken for the newest that we know; the cache cannot wait longer.
const PATIENCE: Duration = Duration::from_secs(5);

/// Starts the cache beside everything else; gives what reviews ask.
pub(super) fn start(
    mode: Mode,
    client: Client,
    own: tokio::sync::watch::Receiver<Own>,
    health: &Health,
    metrics: &Metrics,
) -> Option<Arc<dyn Placement>> {
    if mode == Mode::Off {
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
    tokio::spawn(async move {
        let server = version(own).await;
        let _ = cell.set(Cache::start(&client, mode, server, Options::default()));
    });
    Some(Arc::new(Later(for_reviews)))
}

/// A cache that may not have begun yet.
struct Later(Arc<OnceLock<Cache>>);

impl Placement for Later {
    fn judge(&self, daemon_set: &DaemonSet, server: &Server, named_nodes: usize) -> Vec<Finding> {
        match self.0.get() {
            Some(cache) => cache.judge(daemon_set, server, named_nodes),
            None => placement::judge(daemon_set, &View::Cold { missing: Vec::new() }, server, named_nodes),
        }
    }

    fn left_out(&self, daemon_set: &DaemonSet, server: &Server) -> Option<usize> {
        self.0.get()?.left_out(daemon_set, server)
    }
}

async fn version(mut own: tokio::sync::watch::Receiver<Own>) -> Server {
    let asked = async { own.wait_for(|own| *own != Own::Unasked).await.map(|own| *own) };
    match tokio::time::timeout(PATIENCE, asked).await {
        Ok(Ok(Own::Known(server))) => server,
        _ => Server::newest(),
    }
}

fn state(cache: Option<&Cache>) -> CacheState {
    let Some(cache) = cache else { return CacheState::Cold { missing: vec!["the cluster".to_owned()] } };
    let missing = cache.missing();
    if missing.is_empty() {
        return CacheState::Ready;
    }
    CacheState::Cold { missing: missing.iter().map(ToString::to_string).collect() }
}

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
