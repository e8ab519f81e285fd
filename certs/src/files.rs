//! Serves `tls.crt` and `tls.key` from a folder that something else writes: cert-manager by way of a Secret volume, or an operator.
//!
//! The files are read once a second and compared. inotify is not used: the kubelet updates a volume by replacing the symbolic link `..data`,
//! and a watch on the files themselves misses the second update.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch::{Sender, channel};

use crate::{Served, Serving};

/// How often the folder is read.
const PERIOD: Duration = Duration::from_secs(1);

/// Serves the certificate and key in `dir`. A pair that exists already is served when this returns. The returned future watches the folder
/// and never completes. A pair that cannot be served (half written, or files of two versions) is logged once, and the previous pair stays
/// in use.
pub fn watch(dir: PathBuf) -> (Served, impl Future<Output = ()>) {
    let (sender, served) = channel(None);
    let mut folder = Folder { dir, sender, last: None };
    folder.update(read(&folder.dir));
    (served, async move {
        let mut clock = tokio::time::interval(PERIOD);
        clock.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            clock.tick().await;
            let dir = folder.dir.clone();
            // On the thread pool for blocking calls: a volume that hangs must not delay reviews.
            let found = tokio::task::spawn_blocking(move || read(&dir)).await;
            folder.update(found.unwrap_or_else(|error| Err(error.to_string())));
        }
    })
}

struct Folder {
    dir: PathBuf,
    sender: Sender<Option<Arc<Serving>>>,
    /// What the last read returned, usable or not.
    last: Option<Result<Pair, String>>,
}

#[derive(PartialEq, Eq)]
struct Pair {
    certificate: Vec<u8>,
    key: Vec<u8>,
}

impl Folder {
    /// Serves what was read, if it has changed and can be served.
    fn update(&mut self, found: Result<Pair, String>) {
        if self.last.as_ref() == Some(&found) {
            return;
        }
        let parsed = match &found {
            Ok(pair) => Serving::from_pem(&pair.certificate, &pair.key).map_err(|error| error.to_string()),
            Err(error) => Err(error.clone()),
        };
        let dir = self.dir.display();
        match parsed {
            Ok(serving) => {
                let Serving { serial, not_after, .. } = &serving;
                tracing::info!(%dir, serial, not_after, "now serving the certificate of the folder");
                self.sender.send_replace(Some(Arc::new(serving)));
            }
            Err(error) if self.sender.borrow().is_some() => {
                tracing::warn!(%dir, "the certificate in the folder has changed but cannot be served: {error}; the previous one stays in use");
            }
            Err(error) => {
                tracing::warn!(%dir, "the certificate in the folder cannot be served: {error}; waiting for a valid one");
            }
        }
        self.last = Some(found);
    }
}

/// Reads both files of one version of the volume. If the kubelet replaces `..data` between the two reads, they are read again.
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

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;
    use crate::authority::Authority;
    use crate::leaf::{self, Leaf};

    fn leaf(authority: &Authority) -> Leaf {
        leaf::make(authority, &["a".to_owned()], 0, Duration::from_secs(10)).unwrap()
    }

    fn authority() -> Authority {
        Authority::make(0, Duration::from_secs(100)).unwrap()
    }

    fn write(dir: &Path, leaf: &Leaf) {
        std::fs::write(dir.join("tls.crt"), &leaf.certificate).unwrap();
        std::fs::write(dir.join("tls.key"), &leaf.key).unwrap();
    }

    /// Updates the volume as the kubelet does (k8s.io/kubernetes/pkg/volume/util.AtomicWriter): a new folder, and a link that is renamed over
    /// the old one.
    fn swap(dir: &Path, generation: usize, leaf: &Leaf) {
        let folder = format!("..{generation}");
        std::fs::create_dir(dir.join(&folder)).unwrap();
        write(&dir.join(&folder), leaf);
        symlink(&folder, dir.join("..data_tmp")).unwrap();
        std::fs::rename(dir.join("..data_tmp"), dir.join("..data")).unwrap();
        if generation == 0 {
            symlink("..data/tls.crt", dir.join("tls.crt")).unwrap();
            symlink("..data/tls.key", dir.join("tls.key")).unwrap();
        } else if let Some(before) = generation.checked_sub(1) {
            std::fs::remove_dir_all(dir.join(format!("..{before}"))).unwrap();
        }
    }

    fn folder(dir: &Path) -> (Folder, Served) {
        let (sender, served) = channel(None);
        (Folder { dir: dir.to_owned(), sender, last: None }, served)
    }

    fn serves(served: &Served, leaf: &Leaf) -> bool {
        let wanted = Serving::from_pem(leaf.certificate.as_bytes(), leaf.key.as_bytes()).unwrap();
        served.borrow().as_ref().is_some_and(|serving| serving.same(&wanted))
    }

    #[test]
    fn a_pair_that_cannot_be_served_leaves_the_previous_one_in_use() {
        let (dir, authority) = (tempfile::tempdir().unwrap(), authority());
        let dir = dir.path();
        let (one, two) = (leaf(&authority), leaf(&authority));
        let (mut folder, served) = folder(dir);
        folder.update(read(dir));
        assert!(served.borrow().is_none());
        write(dir, &one);
        folder.update(read(dir));
        assert!(serves(&served, &one));
        std::fs::write(dir.join("tls.crt"), &two.certificate).unwrap();
        folder.update(read(dir));
        assert!(serves(&served, &one), "a certificate without its key is served");
        std::fs::write(dir.join("tls.key"), &two.key[..90]).unwrap();
        folder.update(read(dir));
        assert!(serves(&served, &one), "a certificate with half its key is served");
        std::fs::remove_file(dir.join("tls.key")).unwrap();
        folder.update(read(dir));
        assert!(serves(&served, &one));
        write(dir, &two);
        folder.update(read(dir));
        assert!(serves(&served, &two));
    }

    #[test]
    fn every_swap_of_the_kubelet_is_seen() {
        let (dir, authority) = (tempfile::tempdir().unwrap(), authority());
        let (mut folder, served) = folder(dir.path());
        for generation in 0..4 {
            let next = leaf(&authority);
            swap(dir.path(), generation, &next);
            folder.update(read(dir.path()));
            assert!(serves(&served, &next), "{generation}");
        }
    }

    #[test]
    fn a_swap_between_two_reads_gives_no_mixed_pair() {
        let (dir, authority) = (tempfile::tempdir().unwrap(), authority());
        let leaves: Vec<Leaf> = (0..50).map(|_| leaf(&authority)).collect();
        swap(dir.path(), 0, &leaves[0]);
        std::thread::scope(|scope| {
            let swaps = scope.spawn(|| {
                for (generation, leaf) in leaves.iter().enumerate().skip(1) {
                    swap(dir.path(), generation, leaf);
                    std::thread::sleep(Duration::from_millis(2));
                }
            });
            let mut reads = 0;
            while !swaps.is_finished() {
                // Without the check of the generation this fails within a few swaps.
                if let Ok(pair) = read(dir.path()) {
                    Serving::from_pem(&pair.certificate, &pair.key).unwrap();
                    reads += 1;
                }
            }
            assert!(reads > 10, "{reads} reads");
        });
    }

    #[tokio::test]
    async fn a_change_is_served_within_seconds() {
        let (dir, authority) = (tempfile::tempdir().unwrap(), authority());
        let (one, two) = (leaf(&authority), leaf(&authority));
        write(dir.path(), &one);
        let (mut served, watching) = watch(dir.path().to_owned());
        assert!(serves(&served, &one), "an existing pair is served at once");
        served.mark_unchanged();
        let write = async {
            write(dir.path(), &two);
            tokio::time::timeout(Duration::from_secs(5), served.changed()).await.unwrap().unwrap();
        };
        tokio::select! { () = watching => {}, () = write => {} }
        assert!(serves(&served, &two));
    }

    /// Opening a FIFO blocks until it has a writer, like a file on a network volume whose server does not answer.
    #[tokio::test]
    async fn a_volume_that_hangs_does_not_block_the_runtime() {
        let (dir, authority) = (tempfile::tempdir().unwrap(), authority());
        let (one, two) = (leaf(&authority), leaf(&authority));
        write(dir.path(), &one);
        let (mut served, watching) = watch(dir.path().to_owned());
        served.mark_unchanged();
        let certificate = dir.path().join("tls.crt");
        std::fs::remove_file(&certificate).unwrap();
        let made = std::process::Command::new("mkfifo").arg(&certificate).status().unwrap();
        assert!(made.success());
        let watching = tokio::spawn(watching);
        tokio::time::sleep(Duration::from_millis(200)).await;
        assert!(serves(&served, &one), "the previous pair stays in use");
        std::fs::remove_file(dir.path().join("tls.key")).unwrap();
        std::fs::write(dir.path().join("tls.key"), &two.key).unwrap();
        // The read that hangs gets its certificate, and the runtime goes on.
        let text = two.certificate.clone();
        let writer = tokio::task::spawn_blocking(move || std::fs::write(certificate, text).unwrap());
        tokio::time::timeout(Duration::from_secs(5), served.changed()).await.unwrap().unwrap();
        assert!(serves(&served, &two));
        watching.abort();
        writer.await.unwrap();
        // Another read may have begun. It must end before the test can.
        let renamed = dir.path().join("fifo");
        std::fs::rename(dir.path().join("tls.crt"), &renamed).unwrap();
        let fifo = std::fs::OpenOptions::new().read(true).write(true).open(renamed).unwrap();
        tokio::time::sleep(Duration::from_millis(200)).await;
        drop(fifo);
    }
}
