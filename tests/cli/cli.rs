//! The command prints what each session in this folder shows. `harness/session.rs` describes the format. `UPDATE=1` records the sessions
//! again.

use std::path::Path;

use daemonset_tests::session::Session;
use daemonset_tests::{compare_with_file, root};

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// One test for all sessions: they change the working folder, which belongs to the whole process.
#[test]
fn every_session_prints_what_is_recorded() {
    // A kubeconfig of the machine must not answer in the place of the sessions' own.
    let entries = std::fs::read_dir(root().join("tests/cli")).unwrap();
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    // All that is not a test's own code is a session.
    files.retain(|file| file.extension().is_none_or(|extension| extension != "rs"));
    files.sort();
    assert!(!files.is_empty());
    for file in files {
        let session = Session::parse(&std::fs::read_to_string(&file).unwrap());
        let folder = tempfile::tempdir().unwrap();
        copy(&root().join("tests/tutorial"), &folder.path().join("tutorial"));
        let text = session.run(folder.path()).unwrap();
        std::env::set_current_dir(root()).unwrap();
        compare_with_file(&file, &text);
    }
}
