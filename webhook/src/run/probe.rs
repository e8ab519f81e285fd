//! The self-probe: sends a dry run through the API server at the interval in the config file (`selfProbeSeconds`).

use std::sync::Arc;
use std::time::Duration;

use kube::Client;
use tokio::sync::watch;

use crate::config::Config;
use crate::metrics::Metrics;
use crate::self_test::{self, Outcome};

/// Sends dry runs until the config channel is closed. Logs each change of the result.
pub(super) async fn run(
    client: Client,
    namespace: String,
    mut config: watch::Receiver<Arc<Config>>,
    metrics: Arc<Metrics>,
) {
    let mut last = None;
    loop {
        let seconds = config.borrow_and_update().self_probe_seconds;
        if seconds == 0 {
            if config.changed().await.is_err() {
                return;
            }
            continue;
        }
        let pause = tokio::time::sleep(Duration::from_secs(seconds.into()));
        tokio::select! {
            () = pause => {}
            changed = config.changed() => {
                if changed.is_err() {
                    return;
                }
                continue;
            }
        }
        let outcome = self_test::once(&client, &namespace).await;
        let ok = matches!(outcome, Outcome::Reviewed(_));
        metrics.self_probe(ok);
        if last != Some(ok) {
            let sentence = outcome.sentence(&namespace);
            if ok {
                tracing::info!("self-probe: {sentence}")
            } else {
                tracing::warn!("self-probe: {sentence}")
            }
        }
        last = Some(ok);
    }
}
