//! The command prints what each session in this folder shows. `harness/session.rs` describes the format. `UPDATE=1` records the sessions
//! again.

use std::path::Path;

use daemonset_tests::command::{Output, lint, lint_with};
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
    // All that is not code of a test is a session.
    files.retain(|file| file.is_file() && file.extension().is_none_or(|extension| extension != "rs"));
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

#[test]
fn without_arguments_the_help_is_printed() {
    let Output { code, stdout, stderr } = lint([""; 0], b"");
    // A script whose list of files is empty must not pass.
    assert_eq!((code, stdout.as_str()), (2, ""));
    assert!(stderr.contains("Usage: daemonset-lint") && stderr.contains("--explain"), "{stderr}");
    // This is a pipe.
    assert!(stderr.ends_with("write: … | daemonset-lint -\n"), "{stderr}");
    let asked = lint(["-h"], b"");
    assert_eq!((asked.code, asked.stderr.as_str()), (0, ""));
    assert!(stderr.starts_with(&asked.stdout), "{stderr}");
}

#[test]
fn the_help_fits_a_narrow_terminal() {
    for arguments in [["-h"], ["--help"]] {
        let narrow = lint_with(&[("COLUMNS".to_owned(), "60".to_owned())], arguments, b"");
        let width = narrow.stdout.lines().map(|line| line.chars().count()).max();
        assert!(width.is_some_and(|width| width <= 60), "{}", narrow.stdout);
    }
}
