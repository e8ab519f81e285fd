//! Reads the file of `--client-ca` again when it changes.

use std::future::Future;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Mutex, watch};
use tokio::time::{MissedTickBehavior, interval};

use super::Callers;
use crate::file;

/// How often the content is compared. The kubelet replaces links beside the file, which a watch on the file misses.
const PERIOD: Duration = Duration::from_secs(1);

/// The largest file, in bytes: the limit of a ConfigMap.
const MAX_BYTES: u64 = 1 << 20;

/// Makes the future that reads the file again and never ends. Can be called again if the future has panicked.
pub(crate) type Updates = Box<dyn FnMut() -> Pin<Box<dyn Future<Output = ()> + Send>> + Send>;

/// The bytes of the file, or why it cannot be read.
type Content = Result<Vec<u8>, String>;

/// Keeps the CAs of `callers` those of the file. What cannot be used is logged, and the previous CAs stay in use. The receiver says whether
/// there are any.
pub(crate) fn watch(path: PathBuf, callers: Arc<Callers>) -> (watch::Receiver<bool>, Updates) {
    watch_every(PERIOD, path, callers)
}

fn watch_every(period: Duration, path: PathBuf, callers: Arc<Callers>) -> (watch::Receiver<bool>, Updates) {
    let (usable, receiver) = watch::channel(false);
    let mut watcher = Watcher { name: path.display().to_string(), last: None, callers, usable };
    watcher.update(read(&path));
    let watcher = Arc::new(Mutex::new(watcher));
    let updates: Updates = Box::new(move || {
        let (watcher, path) = (watcher.clone(), path.clone());
        Box::pin(async move {
            let mut watcher = watcher.lock().await;
            let mut ticks = interval(period);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            loop {
                ticks.tick().await;
                let path = path.clone();
                // On the thread pool for blocking calls: a volume that hangs must not delay reviews.
                let found = tokio::task::spawn_blocking(move || read(&path)).await;
                watcher.update(found.unwrap_or_else(|error| Err(error.to_string())));
            }
        })
    });
    (receiver, updates)
}

fn read(path: &Path) -> Content {
    file::read(path, MAX_BYTES).map_err(|error| error.to_string())
}

struct Watcher {
    name: String,
    /// What the last read returned, usable or not.
    last: Option<Content>,
    callers: Arc<Callers>,
    usable: watch::Sender<bool>,
}

impl Watcher {
    /// Uses what was read, if it has changed and can be used.
    fn update(&mut self, found: Content) {
        if self.last.as_ref() == Some(&found) {
            return;
        }
        let trusted = found.as_ref().map_err(Clone::clone).and_then(|pem| self.callers.trust(pem));
        let file = &self.name;
        match trusted {
            Ok(count) => {
                tracing::info!(file, count, "the CA certificates of clients are in use");
                self.usable.send_replace(true);
            }
            Err(error) if *self.usable.borrow() => tracing::error!(
                file,
                "the CA certificates of clients have changed and cannot be used: {error}; the previous ones stay in use"
            ),
            Err(error) => tracing::error!(
                file,
                "the CA certificates of clients cannot be used: {error}; until they can, no client is accepted"
            ),
        }
        self.last = Some(found);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn authority() -> String {
        let folder = tempfile::tempdir().unwrap();
        daemonset_certs::dev::write(folder.path(), &["localhost".to_owned()]).unwrap();
        std::fs::read_to_string(folder.path().join("ca.crt")).unwrap()
    }

    #[tokio::test]
    async fn a_file_that_cannot_be_used_leaves_the_previous_cas_in_use() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ca.crt");
        let callers = Arc::new(Callers::new(Vec::new()));
        let (mut usable, mut updates) = watch_every(Duration::from_millis(5), path.clone(), callers.clone());
        assert!(!*usable.borrow() && callers.trusted.load().is_none(), "without a file nobody is accepted");
        let watching = tokio::spawn(updates());
        let one = authority();
        std::fs::write(&path, &one).unwrap();
        tokio::time::timeout(Duration::from_secs(10), usable.wait_for(|usable| *usable))
            .await
            .unwrap()
            .unwrap();
        watching.abort();
        let _ = watching.await;

        let first = callers.trusted.load_full().unwrap();
        let in_use = || callers.trusted.load_full().unwrap();
        let mut watcher = Watcher {
            name: String::new(),
            last: None,
            callers: callers.clone(),
            usable: watch::Sender::new(true),
        };
        for bad in [
            "",
            "nothing",
            &one[..one.len() / 2],
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        ] {
            watcher.update(Ok(bad.as_bytes().to_vec()));
            assert!(Arc::ptr_eq(&first, &in_use()), "{bad:?}");
        }
        watcher.update(Err("gone".to_owned()));
        assert!(Arc::ptr_eq(&first, &in_use()));
        // Two generations, as during a rotation.
        watcher.update(Ok(format!("{one}{}", authority()).into_bytes()));
        assert!(!Arc::ptr_eq(&first, &in_use()));
    }
}
