//! Reads the config file again when its content changes, so a changed ConfigMap needs no restart.

use std::future::Future;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval};

use super::errors::ConfigErrors;
use super::{Config, read};
use crate::metrics::Metrics;

/// How often the content is compared. Events of the file system would be sooner, but the kubelet changes a ConfigMap by
/// swapping a symlink beside the file, which watchers of the file miss.
const PERIOD: Duration = Duration::from_secs(1);

/// Reads the config file now, and again whenever its content changes, for as long as the future is polled and a receiver
/// lives. A file that cannot be used changes nothing: it is said once in the log and in the metrics.
///
/// # Errors
/// When the file as it is now cannot be used.
pub fn watch(
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
    metrics.config_is_good();
    let (sender, receiver) = watch::channel(Arc::new(config));
    let mut watcher = Watcher { name, used: Ok(bytes), doubted: None, refused: None, metrics };
    let future = async move {
        let mut ticks = interval(period);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        while !sender.is_closed() {
            ticks.tick().await;
            if let Some(config) = watcher.look(read_aside(&path).await) {
                sender.send_replace(Arc::new(config));
            }
        }
    };
    Ok((receiver, future))
}

/// What is read: the bytes, or why there are none.
type Content = Result<Vec<u8>, String>;

/// Reads on a thread where blocking is allowed: a volume that hangs must not hold up reviews.
async fn read_aside(path: &Path) -> Content {
    let path = path.to_owned();
    match tokio::task::spawn_blocking(move || read(&path)).await {
        Ok(content) => content,
        Err(error) => Err(format!("cannot be read: {error}")),
    }
}

/// Decides from one look to the next; knows no clock and no file.
struct Watcher {
    name: String,
    /// What the config in use was made of.
    used: Content,
    /// Something else, seen once, that cannot be used. It may be half written: it is refused if it is seen again.
    doubted: Option<Content>,
    /// Something that was refused, so that it is said once.
    refused: Option<Content>,
    metrics: Arc<Metrics>,
}

impl Watcher {
    /// A config to be used from now on, if there is a new one.
    fn look(&mut self, content: Content) -> Option<Config> {
        if content == self.used {
            self.doubted = None;
            if self.refused.take().is_some() {
                tracing::info!(file = self.name, "the config file is again the one in use");
                self.metrics.config_is_good();
            }
            return None;
        }
        if self.refused.as_ref() == Some(&content) {
            self.doubted = None;
            return None;
        }
        let parsed = match &content {
            Ok(bytes) => Config::parse(bytes, &self.name),
            Err(sentence) => Err(ConfigErrors::of_file(&self.name, sentence.clone())),
        };
        match parsed {
            Ok(config) => {
                self.used = content;
                (self.doubted, self.refused) = (None, None);
                self.metrics.config_reloaded();
                tracing::info!(file = self.name, "the config file has changed and is in use");
                Some(config)
            }
            Err(errors) if self.doubted.as_ref() == Some(&content) => {
                (self.doubted, self.refused) = (None, Some(content));
                self.metrics.config_refused();
                tracing::error!(
                    file = self.name,
                    errors = errors.line(),
                    "the config file has changed and cannot be used; the one before stays in use"
                );
                None
            }
            Err(_) => {
                self.doubted = Some(content);
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
            doubted: None,
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
    fn a_bad_file_is_said_once_and_changes_nothing() {
        let metrics = Arc::new(Metrics::new());
        metrics.config_is_good();
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
        assert!(watcher.look(bytes(ONE)).is_none());
        // Half written, then whole: nothing is said of the half.
        assert!(watcher.look(bytes(&TWO[..20])).is_none());
        assert_eq!(counts(&metrics), sorted(&good));
        assert_eq!(watcher.look(bytes(TWO)).unwrap().level("skips-nodes"), Level::Deny);
        assert!(watcher.look(bytes(TWO)).is_none());
        // Bad for good.
        for _ in 0..5 {
            assert!(watcher.look(bytes("{}")).is_none());
        }
        let bad = ["ok 0", "reloads_total{result=\"success\"} 1", "reloads_total{result=\"error\"} 1"];
        assert_eq!(counts(&metrics), sorted(&bad));
        // Gone, which is another error, and back.
        for _ in 0..3 {
            assert!(watcher.look(Err("cannot be read: gone".to_owned())).is_none());
        }
        assert!(watcher.look(bytes(TWO)).is_none());
        let back = ["ok 1", "reloads_total{result=\"success\"} 1", "reloads_total{result=\"error\"} 2"];
        assert_eq!(counts(&metrics), sorted(&back));
        // A good file after a bad one.
        assert!(watcher.look(bytes("{}")).is_none());
        assert!(watcher.look(bytes("{}")).is_none());
        assert!(watcher.look(bytes(ONE)).is_some());
        let mended = ["ok 1", "reloads_total{result=\"success\"} 2", "reloads_total{result=\"error\"} 3"];
        assert_eq!(counts(&metrics), sorted(&mended));
    }

    /// As the kubelet does it: a new folder, then `..data` swapped by a rename.
    fn swap(folder: &Path, name: &str, text: &str) {
        std::fs::create_dir(folder.join(name)).unwrap();
        std::fs::write(folder.join(name).join("config.json"), text).unwrap();
        std::os::unix::fs::symlink(name, folder.join("..data_tmp")).unwrap();
        std::fs::rename(folder.join("..data_tmp"), folder.join("..data")).unwrap();
    }

    #[tokio::test]
    async fn swaps_of_the_kubelet_are_seen() {
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
        // Nobody listens: the watch ends.
        drop(configs);
        tokio::time::timeout(Duration::from_secs(10), watching).await.unwrap().unwrap();
    }

    #[test]
    fn a_bad_file_at_the_start_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.json");
        let missing = watch(path.clone(), Arc::new(Metrics::new())).err().unwrap();
        assert!(missing.to_string().contains("cannot be read"), "{missing}");
        std::fs::write(&path, "[]").unwrap();
        assert!(watch(path, Arc::new(Metrics::new())).is_err());
    }
}
