//! The folder: swaps of the kubelet, pairs that cannot be served, and pairs that are worse than the one before.

use std::os::unix::fs::symlink;

use super::read::read;
use super::*;
use crate::authority::Authority;
use crate::leaf::{self, Leaf};
use crate::serving::Standing;

/// The time of the tests, in Unix seconds.
const NOW: i64 = 1_800_000_000;
const DAY: i64 = 24 * 3600;
/// How long certificates live, unless a test says otherwise.
const LIFE: Duration = Duration::from_secs(30 * 24 * 3600);

fn leaf(authority: &Authority) -> Leaf {
    leaf::make(authority, &["a".to_owned()], NOW, LIFE).unwrap()
}

fn authority() -> Authority {
    Authority::make(NOW, LIFE.saturating_mul(20)).unwrap()
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

fn clock() -> Clock {
    Clock::with(|| NOW)
}

fn folder(dir: &Path) -> (Folder, Served) {
    let (sender, served) = channel(None);
    (Folder::new(dir, None, Choice::new(Arc::new(sender), clock())), served)
}

impl Folder {
    fn read(&mut self, dir: &Path) {
        self.update(&Arc::new(read(dir)));
    }
}

fn serves(served: &Served, leaf: &Leaf) -> bool {
    let wanted = Serving::from_pem(leaf.certificate.as_bytes(), leaf.key.as_bytes(), None).unwrap();
    served.borrow().as_ref().is_some_and(|serving| serving.same(&wanted))
}

#[test]
fn a_pair_that_cannot_be_served_leaves_the_previous_one_in_use() {
    let (dir, authority) = (tempfile::tempdir().unwrap(), authority());
    let dir = dir.path();
    let (one, two) = (leaf(&authority), leaf(&authority));
    let (mut folder, served) = folder(dir);
    folder.read(dir);
    assert!(served.borrow().is_none());
    write(dir, &one);
    folder.read(dir);
    assert!(serves(&served, &one));
    std::fs::write(dir.join("tls.crt"), &two.certificate).unwrap();
    folder.read(dir);
    assert!(serves(&served, &one), "a certificate without its key is served");
    std::fs::write(dir.join("tls.key"), &two.key[..90]).unwrap();
    folder.read(dir);
    assert!(serves(&served, &one), "a certificate with half its key is served");
    std::fs::remove_file(dir.join("tls.key")).unwrap();
    folder.read(dir);
    assert!(serves(&served, &one));
    write(dir, &two);
    folder.read(dir);
    assert!(serves(&served, &two));
}

#[test]
fn every_swap_of_the_kubelet_is_seen() {
    let (dir, authority) = (tempfile::tempdir().unwrap(), authority());
    let (mut folder, served) = folder(dir.path());
    for generation in 0..4 {
        let next = leaf(&authority);
        swap(dir.path(), generation, &next);
        folder.read(dir.path());
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
                Serving::from_pem(&pair.certificate, &pair.key, None).unwrap();
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
    let (mut served, keeping) = watch(dir.path().to_owned(), None, clock()).unwrap();
    assert!(serves(&served, &one), "an existing pair is served at once");
    served.mark_unchanged();
    let write = async {
        write(dir.path(), &two);
        tokio::time::timeout(Duration::from_secs(30), served.changed()).await.unwrap().unwrap();
    };
    tokio::select! { () = keeping() => {}, () = write => {} }
    assert!(serves(&served, &two));
}

#[tokio::test]
async fn keeping_goes_on_when_it_is_started_again() {
    let (dir, authority) = (tempfile::tempdir().unwrap(), authority());
    write(dir.path(), &leaf(&authority));
    let (mut served, keeping) = watch(dir.path().to_owned(), None, clock()).unwrap();
    for _ in 0..3 {
        let next = leaf(&authority);
        let work = tokio::spawn(keeping());
        tokio::task::yield_now().await;
        served.mark_unchanged();
        write(dir.path(), &next);
        tokio::time::timeout(Duration::from_secs(30), served.changed()).await.unwrap().unwrap();
        assert!(serves(&served, &next));
        // As a supervisor sees it after a panic: the work is gone, and is made again.
        work.abort();
        let _ = work.await;
    }
}

/// A pipe in place of a file is said, not waited for.
#[tokio::test]
async fn a_pipe_in_the_folder_leaves_the_previous_pair_in_use() {
    let (dir, authority) = (tempfile::tempdir().unwrap(), authority());
    let (one, two) = (leaf(&authority), leaf(&authority));
    write(dir.path(), &one);
    let (mut served, keeping) = watch(dir.path().to_owned(), None, clock()).unwrap();
    served.mark_unchanged();
    let certificate = dir.path().join("tls.crt");
    std::fs::remove_file(&certificate).unwrap();
    assert!(std::process::Command::new("mkfifo").arg(&certificate).status().unwrap().success());
    let work = tokio::spawn(keeping());
    tokio::time::sleep(Duration::from_millis(1500)).await;
    assert!(serves(&served, &one), "the previous pair stays in use");
    std::fs::remove_file(&certificate).unwrap();
    write(dir.path(), &two);
    tokio::time::timeout(Duration::from_secs(30), served.changed()).await.unwrap().unwrap();
    assert!(serves(&served, &two));
    work.abort();
}

/// A pair in the folder: from when it is valid, for how long, and for which host.
fn pair(authority: &Authority, from: i64, life: i64, host: &str) -> Leaf {
    // It is made a week after it becomes valid.
    let made = from.saturating_add(crate::authority::BACKDATED);
    let life = Duration::from_secs(u64::try_from(from.saturating_add(life).saturating_sub(made)).unwrap());
    leaf::make(authority, &[host.to_owned()], made, life).unwrap()
}

#[test]
fn a_worse_pair_never_replaces_a_good_one() {
    let authority = authority();
    let host = "hook.apps.svc";
    let good = pair(&authority, NOW - DAY, 30 * DAY, host);
    for (what, worse) in [
        ("not valid for 30 days", pair(&authority, NOW + 30 * DAY, 60 * DAY, host)),
        ("not valid for a second", pair(&authority, NOW + 1, 60 * DAY, host)),
        ("expired", pair(&authority, NOW - 40 * DAY, 39 * DAY, host)),
        ("expires now", pair(&authority, NOW - 40 * DAY, 40 * DAY, host)),
        ("another namespace", pair(&authority, NOW - DAY, 60 * DAY, "hook.other.svc")),
        ("another domain", pair(&authority, NOW - DAY, 60 * DAY, "hook.example.com")),
        ("a wildcard for another level", pair(&authority, NOW - DAY, 60 * DAY, "*.svc")),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let (sender, served) = channel(None);
        let choice = Choice::new(Arc::new(sender), clock());
        let mut folder = Folder::new(dir.path(), Some(host.to_owned()), choice);
        write(dir.path(), &good);
        folder.read(dir.path());
        write(dir.path(), &worse);
        folder.read(dir.path());
        folder.reconsider();
        assert!(serves(&served, &good), "{what}");
        // And a good one replaces it again.
        let next = pair(&authority, NOW - DAY, 60 * DAY, "*.apps.svc");
        write(dir.path(), &next);
        folder.read(dir.path());
        assert!(serves(&served, &next), "{what}");
    }
}

#[test]
fn a_pair_that_is_not_valid_yet_is_served_at_once_if_there_is_no_other_and_else_in_time() {
    use std::sync::atomic::{AtomicI64, Ordering};
    let (dir, authority) = (tempfile::tempdir().unwrap(), authority());
    let now = Arc::new(AtomicI64::new(NOW));
    let clock = Clock::with({
        let now = now.clone();
        move || now.load(Ordering::Relaxed)
    });
    let (sender, served) = channel(None);
    let mut folder = Folder::new(dir.path(), None, Choice::new(Arc::new(sender), clock));
    let early = pair(&authority, NOW + DAY, 60 * DAY, "a");
    write(dir.path(), &early);
    folder.read(dir.path());
    assert!(serves(&served, &early), "there is no other");
    let standing = served.borrow().as_ref().unwrap().standing(NOW);
    assert_eq!(standing, Standing::Early);
    let good = pair(&authority, NOW - DAY, 60 * DAY, "a");
    write(dir.path(), &good);
    folder.read(dir.path());
    assert!(serves(&served, &good));
    write(dir.path(), &early);
    folder.read(dir.path());
    folder.reconsider();
    assert!(serves(&served, &good));
    now.store(NOW + DAY, Ordering::Relaxed);
    folder.reconsider();
    assert!(serves(&served, &early), "its time has come");
}
