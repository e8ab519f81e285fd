//! A folder with `tls.crt` and `tls.key` that somebody else fills: cert-manager through the kubelet, or an operator's own hand.
//!
//! The folder is looked at once a second, and contents are compared. Notification by the kernel is not used: the kubelet swaps
//! a symbolic link `..data` above the files, and a watch on the files themselves misses the second swap.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch::{Sender, channel};

use crate::{Served, Serving};

/// How often the folder is looked at.
pub const EVERY: Duration = Duration::from_secs(1);

/// Serves the pair in `dir`. What is there already is served when this returns; the future keeps looking and never ends.
/// A pair that cannot be served (half written, of two generations) leaves the one before in place and is told of once.
pub fn watch(dir: PathBuf) -> (Served, impl Future<Output = ()>) {
    let (sender, served) = channel(None);
    let mut folder = Folder { dir, sender, last: None };
    folder.look();
    (served, async move {
        let mut clock = tokio::time::interval(EVERY);
        clock.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            clock.tick().await;
            folder.look();
        }
    })
}

struct Folder {
    dir: PathBuf,
    sender: Sender<Option<Arc<Serving>>>,
    /// What was judged last, good or bad.
    last: Option<Result<Pair, String>>,
}

#[derive(PartialEq, Eq)]
struct Pair {
    certificate: Vec<u8>,
    key: Vec<u8>,
}

impl Folder {
    fn look(&mut self) {
        let found = read(&self.dir);
        if self.last.as_ref() == Some(&found) {
            return;
        }
        let first = self.last.is_none();
        let judged = match &found {
            Ok(pair) => Serving::from_pem(&pair.certificate, &pair.key).map_err(|error| error.to_string()),
            Err(error) => Err(error.clone()),
        };
        let dir = self.dir.display();
        match judged {
            Ok(serving) => {
                tracing::info!(
                    %dir, serial = serving.serial, not_after = serving.not_after,
                    "{} the certificate of the folder", if first { "serving" } else { "now serving" }
                );
                self.sender.send_replace(Some(Arc::new(serving)));
            }
            Err(error) if self.sender.borrow().is_some() => {
                tracing::warn!(%dir, "the certificate in the folder changed but cannot be served: {error}; the one before stays");
            }
            Err(error) => {
                tracing::warn!(%dir, "the certificate in the folder cannot be served: {error}; waiting for a good one");
            }
        }
        self.last = Some(found);
    }
}

/// Reads both files of one generation: where the kubelet's link moves between the two reads, they are read again.
fn read(dir: &Path) -> Result<Pair, String> {
    let file = |name: &str| {
        let path = dir.join(name);
        std::fs::read(&path).map_err(|error| format!("{name} cannot be read: {error}"))
    };
    let generation = || std::fs::read_link(dir.join("..data")).ok();
    let mut pair = Err(String::new());
    for _ in 0..3 {
        let before = generation();
        pair = file("tls.crt").and_then(|certificate| Ok(Pair { certificate, key: file("tls.key")? }));
        if generation() == before {
            break;
        }
    }
    pair
}
