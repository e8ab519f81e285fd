//! Reads the config file again when its content changes, so that a changed ConfigMap takes effect without a restart.

use std::future::Future;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval};

use super::errors::ConfigErrors;
use super::file::{Config, read};
use crate::metrics::Metrics;

/// How often the content is compared. File system events are not used: the kubelet updates a ConfigMap volume by replacing a symbolic link
/// beside the file, which a watch on the file misses.
const PERIOD: Duration = Duration::from_secs(1);

/// Reads the config file, and reads it again when its content changes, until all receivers are dropped. The returned future does this. A file
/// with errors is logged and counted once, and the previous config stays in use.
///
/// # Errors
///
/// The errors of the file as it is now.
pub(crate) fn watch(
    path: PathBuf,
    metrics: Arc<Metrics>,
) -> Result<(watch::Receiver<Arc<Config>>, impl Future<Output = ()> + Send + 'static), ConfigErrors> {
    watch_every(PERIOD, path, metrics)
}

fn watch_every(
    period: Duration,
    path: PathBuf,
    metrics: Arc<Metrics>,
) -> Result<(watch::Receiver<Arc<Config>>, impl Future<Output = ()> + Send + 'static), ConfigErrors> {
    let name = path.display().to_string();
    let bytes = read(&path).map_err(|sentence| ConfigErrors::of_file(&name, sentence))?;
    let config = Config::parse(&bytes, &name)?;
    metrics.config_ok();
    let (sender, receiver) = watch::channel(Arc::new(config));
    let mut watcher = Watcher { name, used: Ok(bytes), pending: None, refused: None, metrics };
    let future = async move {
        let mut ticks = interval(period);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        while !sender.is_closed() {
            ticks.tick().await;
            if let Some(config) = watcher.update(read_blocking(&path).await) {
                sender.send_replace(Arc::new(config));
            }
        }
    };
    Ok((receiver, future))
}

/// The bytes of the file, or why it cannot be read.
type Content = Result<Vec<u8>, String>;

/// Reads the file on the thread pool for blocking calls: a volume that hangs must not delay reviews.
async fn read_blocking(path: &Path) -> Content {
    let path = path.to_owned();
    match tokio::task::spawn_blocking(move || read(&path)).await {
        Ok(content) => content,
        Err(error) => Err(format!("cannot be read: {error}")),
    }
}

/// Decides what a read means. Does no I/O.
struct Watcher {
    name: String,
    /// The content of the config in use.
    used: Content,
    /// Content with errors that was read once. It may be half written, so it is refused only if the next read is the same.
    pending: Option<Content>,
    /// The content that was refused, so that it is logged once.
    refused: Option<Content>,
    metrics: Arc<Metrics>,
}

impl Watcher {
    /// Takes what was read. Returns the new config, if there is one.
    fn update(&mut self, content: Content) -> Option<Config> {
        if content == self.used {
            self.pending = None;
            if self.refused.take().is_some() {
                tracing::info!(file = self.name, "the config file is the one in use again");
                self.metrics.config_ok();
            }
            return None;
        }
        if self.refused.as_ref() == Some(&content) {
            self.pending = None;
            return None;
        }
        let parsed = match &content {
            Ok(bytes) => Config::parse(bytes, &self.name),
            Err(sentence) => Err(ConfigErrors::of_file(&self.name, sentence.clone())),
        };
        match parsed {
            Ok(config) => {
                self.used = content;
                (self.pending, self.refused) = (None, None);
                self.metrics.config_reloaded();
                tracing::info!(file = self.name, "the config file has changed and is in use");
                Some(config)
            }
            Err(errors) if self.pending.as_ref() == Some(&content) => {
                (self.pending, self.refused) = (None, Some(content));
                self.metrics.config_refused();
                tracing::error!(
                    file = self.name,
                    errors = errors.line(),
                    "the config file has changed and has errors; the previous config stays in use"
                );
                None
            }
            Err(_) => {
                self.pending = Some(content);
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Level;

    const ONE: &str = r#"{"schemaVersion": 1, "levels": {"skips-nodes": "off"}}"#;
    const TWO: &str = r#"{"schemaVersion": 1, "levels": {"skips-nodes": "deny"}}"#;

    fn watcher(metrics: &Arc<Metrics>) -> Watcher {
        Watcher {
            name: "config.json".to_owned(),
            used: bytes(ONE),
            pending: None,
            refused: None,
            metrics: metrics.clone(),
        }
    }

    fn bytes(text: &str) -> Content {
        Ok(text.as_bytes().to_vec())
    }

    fn counts(metrics: &Metrics) -> Vec<String> {
        let text = metrics.render();
        text.lines()
            .filter(|line| line.starts_with("daemonset_webhook_config_"))
            .map(|line| line.trim_start_matches("daemonset_webhook_config_").to_owned())
            .collect()
    }

    #[test]
    fn a_file_with_errors_is_reported_once_and_changes_nothing() {
        let metrics = Arc::new(Metrics::new());
        metrics.config_ok();
        let mut watcher = watcher(&metrics);
        let good = ["ok 1", "reloads_total{result=\"success\"} 0", "reloads_total{result=\"error\"} 0"];
        let sorted = |lines: &[&str]| {
            let mut lines: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
            lines.sort();
            lines
        };
        let counts = |metrics: &Metrics| {
            let mut lines = counts(metrics);
            lines.sort();
            lines
        };
        assert!(watcher.update(bytes(ONE)).is_none());
        // Half written, then complete: the half is not reported.
        assert!(watcher.update(bytes(&TWO[..20])).is_none());
        assert_eq!(counts(&metrics), sorted(&good));
        assert_eq!(watcher.update(bytes(TWO)).unwrap().level("skips-nodes"), Level::Deny);
        assert!(watcher.update(bytes(TWO)).is_none());
        // Errors that stay.
        for _ in 0..5 {
            assert!(watcher.update(bytes("{}")).is_none());
        }
        let bad = ["ok 0", "reloads_total{result=\"success\"} 1", "reloads_total{result=\"error\"} 1"];
        assert_eq!(counts(&metrics), sorted(&bad));
        // Removed, which is another error, and back.
        for _ in 0..3 {
            assert!(watcher.update(Err("cannot be read: gone".to_owned())).is_none());
        }
        assert!(watcher.update(bytes(TWO)).is_none());
        let back = ["ok 1", "reloads_total{result=\"success\"} 1", "reloads_total{result=\"error\"} 2"];
        assert_eq!(counts(&metrics), sorted(&back));
        // A valid file after one with errors.
        assert!(watcher.update(bytes("{}")).is_none());
        assert!(watcher.update(bytes("{}")).is_none());
        assert!(watcher.update(bytes(ONE)).is_some());
        let mended = ["ok 1", "reloads_total{result=\"success\"} 2", "reloads_total{result=\"error\"} 3"];
        assert_eq!(counts(&metrics), sorted(&mended));
    }

    /// Updates the volume as the kubelet does: a new folder, then `..data` replaced by a rename.
    fn swap(folder: &Path, name: &str, text: &str) {
        std::fs::create_dir(folder.join(name)).unwrap();
        std::fs::write(folder.join(name).join("config.json"), text).unwrap();
        std::os::unix::fs::symlink(name, folder.join("..data_tmp")).unwrap();
        std::fs::rename(folder.join("..data_tmp"), folder.join("..data")).unwrap();
    }

    #[tokio::test]
    async fn updates_by_the_kubelet_are_noticed() {
        let folder = tempfile::tempdir().unwrap();
        swap(folder.path(), "..1", ONE);
        let path = folder.path().join("config.json");
        std::os::unix::fs::symlink("..data/config.json", &path).unwrap();
        let metrics = Arc::new(Metrics::new());
        let (mut configs, future) = watch_every(Duration::from_millis(5), path, metrics.clone()).unwrap();
        let watching = tokio::spawn(future);
        assert_eq!(configs.borrow_and_update().level("skips-nodes"), Level::Off);
        for (name, text, level) in
            [("..2", TWO, Level::Deny), ("..3", ONE, Level::Off), ("..4", TWO, Level::Deny)]
        {
            swap(folder.path(), name, text);
            tokio::time::timeout(Duration::from_secs(10), configs.changed()).await.unwrap().unwrap();
            assert_eq!(configs.borrow_and_update().level("skips-nodes"), level);
        }
        swap(folder.path(), "..5", "{");
        let refused = async {
            while !metrics.render().contains("daemonset_webhook_config_ok 0\n") {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(10), refused).await.unwrap();
        assert_eq!(configs.borrow().level("skips-nodes"), Level::Deny);
        // Without receivers the watch ends.
        drop(configs);
        tokio::time::timeout(Duration::from_secs(10), watching).await.unwrap().unwrap();
    }

    #[test]
    fn a_file_with_errors_at_the_start_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.json");
        let missing = watch(path.clone(), Arc::new(Metrics::new())).err().unwrap();
        assert!(missing.to_string().contains("cannot be read"), "{missing}");
        std::fs::write(&path, "[]").unwrap();
        assert!(watch(path, Arc::new(Metrics::new())).is_err());
    }
}
