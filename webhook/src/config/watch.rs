//! Reads the config file again when its content changes, so that a changed ConfigMap takes effect without a restart.

use std::future::Future;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Mutex, watch};
use tokio::time::{MissedTickBehavior, interval};

use super::errors::ConfigErrors;
use super::file::{Config, read};
use crate::metrics::Metrics;

/// How often the content is compared. File system events are not used: the kubelet updates a ConfigMap volume by replacing a symbolic link
/// beside the file, which a watch on the file misses.
const PERIOD: Duration = Duration::from_secs(1);

/// What is used instead of a config file with errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Instead {
    /// The last content without errors.
    Previous,
    /// The defaults: there was no content without errors since the start.
    Defaults,
}

/// A config file that is not in use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refused {
    /// Its errors, in one line.
    pub(crate) errors: String,
    /// What is in use.
    pub(crate) instead: Instead,
}

/// Makes the future that reads the file again. Can be called again if the future has panicked. The future ends when all receivers of the
/// config are dropped.
pub(crate) type Updates = Box<dyn FnMut() -> Pin<Box<dyn Future<Output = ()> + Send>> + Send>;

/// A config file that is being watched.
pub(crate) struct Watched {
    /// The config in use.
    pub(crate) config: watch::Receiver<Arc<Config>>,
    /// The file as it is now, if it is not in use.
    pub(crate) refused: watch::Receiver<Option<Refused>>,
    /// What keeps both up to date.
    pub(crate) updates: Updates,
}

/// Reads the config file, and reads it again when its content changes. A file with errors is logged and counted once, and the previous config
/// stays in use. If the file has errors at the start, the defaults are used, which deny nothing: a restart must not end admission, and the
/// file may have been changed long before the restart.
pub(crate) fn watch(path: PathBuf, metrics: Arc<Metrics>) -> Watched {
    watch_every(PERIOD, path, metrics)
}

fn watch_every(period: Duration, path: PathBuf, metrics: Arc<Metrics>) -> Watched {
    let (refused, refused_receiver) = watch::channel(None);
    let name = path.display().to_string();
    let mut watcher = Watcher { name, used: None, pending: None, refused: None, said: refused, metrics };
    let (sender, config) = watch::channel(Arc::new(watcher.start(read(&path))));
    let watcher = Arc::new(Mutex::new(watcher));
    let sender = Arc::new(sender);
    let updates: Updates = Box::new(move || {
        let (watcher, sender, path) = (watcher.clone(), sender.clone(), path.clone());
        Box::pin(async move {
            let mut watcher = watcher.lock().await;
            let mut ticks = interval(period);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            while !sender.is_closed() {
                ticks.tick().await;
                if let Some(config) = watcher.update(read_blocking(&path).await) {
                    sender.send_replace(Arc::new(config));
                }
            }
        })
    });
    Watched { config, refused: refused_receiver, updates }
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
    /// The content of the config in use; `None` if the defaults are in use.
    used: Option<Content>,
    /// Content with errors that was read once. It may be half written, so it is refused only if the next read is the same.
    pending: Option<Content>,
    /// The content that was refused, so that it is logged once.
    refused: Option<Content>,
    /// Why it was refused.
    said: watch::Sender<Option<Refused>>,
    metrics: Arc<Metrics>,
}

impl Watcher {
    /// Takes what was read first.
    fn start(&mut self, content: Content) -> Config {
        match self.parse(&content) {
            Ok(config) => {
                self.used = Some(content);
                self.metrics.config_ok();
                config
            }
            Err(errors) => {
                self.refuse(content, &errors);
                Config::default()
            }
        }
    }

    /// Takes what was read. Returns the new config, if there is one.
    fn update(&mut self, content: Content) -> Option<Config> {
        if self.used.as_ref() == Some(&content) {
            self.pending = None;
            if self.refused.take().is_some() {
                tracing::info!(file = self.name, "the config file is the one in use again");
                self.said.send_replace(None);
                self.metrics.config_ok();
            }
            return None;
        }
        if self.refused.as_ref() == Some(&content) {
            self.pending = None;
            return None;
        }
        match self.parse(&content) {
            Ok(config) => {
                self.used = Some(content);
                (self.pending, self.refused) = (None, None);
                self.said.send_replace(None);
                self.metrics.config_reloaded();
                tracing::info!(file = self.name, "the config file has changed and is in use");
                Some(config)
            }
            Err(errors) if self.pending.as_ref() == Some(&content) => {
                self.refuse(content, &errors);
                None
            }
            Err(_) => {
                self.pending = Some(content);
                None
            }
        }
    }

    fn parse(&self, content: &Content) -> Result<Config, ConfigErrors> {
        match content {
            Ok(bytes) => Config::parse(bytes, &self.name),
            Err(sentence) => Err(ConfigErrors::of_file(&self.name, sentence.clone())),
        }
    }

    /// Says that the content is not used.
    fn refuse(&mut self, content: Content, errors: &ConfigErrors) {
        (self.pending, self.refused) = (None, Some(content));
        self.metrics.config_refused();
        let (file, errors) = (&self.name, errors.line());
        let instead = if self.used.is_some() {
            tracing::error!(
                file,
                errors,
                "the config file has changed and has errors; the previous config stays in use"
            );
            Instead::Previous
        } else {
            tracing::error!(
                file,
                errors,
                "the config file has errors; the defaults are in use, which deny nothing"
            );
            Instead::Defaults
        };
        self.said.send_replace(Some(Refused { errors, instead }));
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
            used: Some(bytes(ONE)),
            pending: None,
            refused: None,
            said: watch::Sender::new(None),
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
        let Watched { config: mut configs, refused: why, mut updates } =
            watch_every(Duration::from_millis(5), path, metrics.clone());
        let watching = tokio::spawn(updates());
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
        assert_eq!(why.borrow().as_ref().map(|refused| refused.instead), Some(Instead::Previous));
        // Without receivers the watch ends.
        drop(configs);
        tokio::time::timeout(Duration::from_secs(10), watching).await.unwrap().unwrap();
    }

    #[tokio::test]
    async fn with_a_file_with_errors_at_the_start_the_defaults_are_in_use_until_it_is_mended() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.json");
        for (text, said) in [(None, "cannot be read"), (Some("[]"), "object"), (Some("{"), "not JSON")] {
            let _ = std::fs::remove_file(&path);
            if let Some(text) = text {
                std::fs::write(&path, text).unwrap();
            }
            let metrics = Arc::new(Metrics::new());
            let Watched { mut config, refused, mut updates } =
                watch_every(Duration::from_millis(5), path.clone(), metrics.clone());
            assert_eq!(**config.borrow(), Config::default());
            let why = refused.borrow().clone().unwrap();
            assert_eq!(why.instead, Instead::Defaults);
            assert!(why.errors.contains(said), "{}", why.errors);
            assert!(metrics.render().contains("daemonset_webhook_config_ok 0\n"));

            let watching = tokio::spawn(updates());
            std::fs::write(&path, TWO).unwrap();
            tokio::time::timeout(Duration::from_secs(10), config.changed()).await.unwrap().unwrap();
            assert_eq!(config.borrow().level("skips-nodes"), Level::Deny);
            assert_eq!(*refused.borrow(), None);
            assert!(metrics.render().contains("daemonset_webhook_config_ok 1\n"));
            watching.abort();
        }
    }

    #[tokio::test]
    async fn a_watch_that_was_ended_goes_on_where_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.json");
        std::fs::write(&path, ONE).unwrap();
        let metrics = Arc::new(Metrics::new());
        let Watched { mut config, mut updates, .. } =
            watch_every(Duration::from_millis(5), path.clone(), metrics.clone());
        config.mark_unchanged();
        let first = tokio::spawn(updates());
        first.abort();
        let _ = first.await;
        std::fs::write(&path, TWO).unwrap();
        let second = tokio::spawn(updates());
        tokio::time::timeout(Duration::from_secs(10), config.changed()).await.unwrap().unwrap();
        assert_eq!(config.borrow().level("skips-nodes"), Level::Deny);
        second.abort();
    }

    #[test]
    fn the_defaults_deny_nothing() {
        let config = Config::default();
        assert!(crate::config::rules::all().all(|(rule, _)| config.level(rule.id) != Level::Deny));
    }
}
