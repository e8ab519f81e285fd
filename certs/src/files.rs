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
        let judged = match &found {
            Ok(pair) => Serving::from_pem(&pair.certificate, &pair.key).map_err(|error| error.to_string()),
            Err(error) => Err(error.clone()),
        };
        let dir = self.dir.display();
        match judged {
            Ok(serving) => {
                let Serving { serial, not_after, .. } = &serving;
                tracing::info!(%dir, serial, not_after, "now serving the certificate of the folder");
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

    /// As the kubelet does it (k8s.io/kubernetes/pkg/volume/util.AtomicWriter): a new folder, and a link renamed over the old one.
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
    fn what_cannot_be_served_leaves_the_one_before() {
        let (dir, authority) = (tempfile::tempdir().unwrap(), authority());
        let dir = dir.path();
        let (one, two) = (leaf(&authority), leaf(&authority));
        let (mut folder, served) = folder(dir);
        folder.look();
        assert!(served.borrow().is_none());
        write(dir, &one);
        folder.look();
        assert!(serves(&served, &one));
        std::fs::write(dir.join("tls.crt"), &two.certificate).unwrap();
        folder.look();
        assert!(serves(&served, &one), "a certificate without its key is served");
        std::fs::write(dir.join("tls.key"), &two.key[..90]).unwrap();
        folder.look();
        assert!(serves(&served, &one), "a certificate with half its key is served");
        std::fs::remove_file(dir.join("tls.key")).unwrap();
        folder.look();
        assert!(serves(&served, &one));
        write(dir, &two);
        folder.look();
        assert!(serves(&served, &two));
    }

    #[test]
    fn every_swap_of_the_kubelet_is_seen() {
        let (dir, authority) = (tempfile::tempdir().unwrap(), authority());
        let (mut folder, served) = folder(dir.path());
        for generation in 0..4 {
            let next = leaf(&authority);
            swap(dir.path(), generation, &next);
            folder.look();
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
                // Without the generation as a guard this fails within a few swaps.
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
        assert!(serves(&served, &one), "what is there already is served at once");
        served.mark_unchanged();
        let write = async {
            write(dir.path(), &two);
            tokio::time::timeout(Duration::from_secs(5), served.changed()).await.unwrap().unwrap();
        };
        tokio::select! { () = watching => {}, () = write => {} }
        assert!(serves(&served, &two));
    }
}
