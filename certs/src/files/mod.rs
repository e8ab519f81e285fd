//! Serves `tls.crt` and `tls.key` from a folder that something else writes: cert-manager by way of a Secret volume, or an operator.
//!
//! ```text
//! read   the two files: bounded, and only regular files
//! poll   a thread that reads them once a second
//! ```
//!
//! inotify is not used: the kubelet updates a volume by replacing the symbolic link `..data`, and a watch on the files themselves misses the
//! second update.

mod poll;
mod read;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch::channel;

use crate::choice::{Choice, Outcome, complaint};
use crate::clock::Clock;
use crate::{Keeping, Served, Serving};
use poll::Poller;
use read::Pair;

/// How often what was read is looked at, and what waits is reconsidered.
const PERIOD: Duration = Duration::from_secs(1);

/// How long the first read may take before the webhook starts without a certificate.
const FIRST: Duration = Duration::from_secs(5);

/// A read that takes longer is logged.
const SLOW: Duration = Duration::from_secs(10);

/// Serves the certificate and key in `dir`. `host` is the DNS name that the API server calls, if it is known. `clock` is the time by which
/// certificates are judged.
///
/// A pair that exists already is served when this returns. [`Keeping`] watches the folder and never completes. A pair that cannot be served
/// (half written, or files of two versions) is logged once, and the previous pair stays in use; so it does if the new pair is worse: not
/// valid now, or for other names. A pair that is not valid yet is taken when it is.
///
/// # Errors
///
/// The system's, if no thread can be started.
pub fn watch(dir: PathBuf, host: Option<String>, clock: Clock) -> std::io::Result<(Served, Keeping)> {
    let (sender, served) = channel(None);
    let output = Arc::new(sender);
    let poller = Poller::start(dir.clone(), poll::EVERY, read::read)?;
    let mut folder = Folder::new(&dir, host.clone(), Choice::new(output.clone(), clock.clone()));
    if let Some(found) = poller.first(FIRST) {
        folder.update(&found);
    }
    let (poller, folder) = (Mutex::new(poller), Mutex::new(Some(folder)));
    let keeping = move || {
        let before = folder.lock().unwrap_or_else(PoisonError::into_inner).take();
        let folder = before
            .unwrap_or_else(|| Folder::new(&dir, host.clone(), Choice::new(output.clone(), clock.clone())));
        let mut poller = poller.lock().unwrap_or_else(PoisonError::into_inner);
        // The thread ends only if it panics. As long as it lives, it is the only one that reads.
        if poller.ended()
            && let Ok(new) = Poller::start(dir.clone(), poll::EVERY, read::read)
        {
            *poller = new;
        }
        let work = keep(folder, poller.clone());
        Box::pin(work) as std::pin::Pin<Box<dyn Future<Output = ()> + Send>>
    };
    Ok((served, Box::new(keeping)))
}

/// Looks at what the poller has read, and at the clock.
async fn keep(mut folder: Folder, mut poller: Poller) {
    let mut clock = tokio::time::interval(PERIOD);
    clock.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    if let Some(found) = poller.latest() {
        folder.update(&found);
    }
    loop {
        tokio::select! {
            found = poller.changed() => match found {
                Some(found) => folder.update(&found),
                None => {
                    tracing::error!(dir = folder.dir, "the thread that reads the folder has ended");
                    return;
                }
            },
            _ = clock.tick() => {
                folder.reconsider();
                folder.slow(poller.reading_for());
            }
        }
    }
}

struct Folder {
    dir: String,
    host: Option<String>,
    choice: Choice,
    /// What the last read returned, usable or not.
    last: Option<Arc<Result<Pair, String>>>,
    /// Whether a read that does not end was logged.
    hangs: bool,
}

impl Folder {
    fn new(dir: &Path, host: Option<String>, choice: Choice) -> Folder {
        Folder { dir: dir.display().to_string(), host, choice, last: None, hangs: false }
    }

    /// Serves what was read, if it has changed and can be served.
    fn update(&mut self, found: &Arc<Result<Pair, String>>) {
        if self.last.as_ref() == Some(found) {
            return;
        }
        self.last = Some(found.clone());
        let parsed = match &**found {
            Ok(pair) => Serving::from_pem(&pair.certificate, &pair.key, self.host.as_deref())
                .map_err(|error| error.to_string()),
            Err(error) => Err(error.clone()),
        };
        let dir = &self.dir;
        match parsed {
            Ok(serving) => self.offer(Arc::new(serving)),
            Err(error) => {
                self.choice.withdraw();
                if self.choice.current().is_some() {
                    tracing::warn!(
                        dir,
                        "the certificate in the folder has changed but cannot be served: {error}; the previous one stays in use"
                    );
                } else {
                    tracing::warn!(
                        dir,
                        "the certificate in the folder cannot be served: {error}; waiting for a valid one"
                    );
                }
            }
        }
    }

    fn offer(&mut self, serving: Arc<Serving>) {
        match self.choice.offer(&serving) {
            Outcome::Same => {}
            Outcome::Taken(_) => self.taken(&serving),
            Outcome::Waits(_) => {
                let why = complaint(&serving, self.choice.now()).unwrap_or_default();
                let (dir, serial) = (&self.dir, &serving.serial);
                tracing::warn!(
                    dir,
                    serial,
                    "the certificate in the folder has changed but is worse than the previous one, which stays in use: {why}"
                );
            }
        }
    }

    fn reconsider(&mut self) {
        if let Some((serving, _)) = self.choice.reconsider() {
            self.taken(&serving);
        }
    }

    fn taken(&self, serving: &Serving) {
        let (dir, Serving { serial, validity, names, .. }) = (&self.dir, serving);
        let (not_before, not_after) = (validity.not_before, validity.not_after);
        tracing::info!(dir, serial, not_before, not_after, "now serving the certificate of the folder");
        if let Some(complaint) = complaint(serving, self.choice.now()) {
            tracing::warn!(dir, serial, "there is no better certificate to serve, but {complaint}");
        } else if self.host.is_none() {
            tracing::warn!(
                dir,
                "the certificate is for {}; whether the API server calls one of these names is not known. Give the Service with \
                 --service and --namespace, so that it is checked",
                names.join(", ")
            );
        }
    }

    /// Logs once that a read does not end, and that it did.
    fn slow(&mut self, reading_for: Duration) {
        let hangs = reading_for >= SLOW;
        if hangs == std::mem::replace(&mut self.hangs, hangs) {
            return;
        }
        let dir = &self.dir;
        if hangs {
            tracing::warn!(
                dir,
                "reading the folder has taken {} s so far; until it ends, the current certificate stays in use",
                reading_for.as_secs()
            );
        } else {
            tracing::info!(dir, "the folder can be read again");
        }
    }
}

#[cfg(test)]
mod tests;
