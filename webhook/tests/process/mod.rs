//! What the tests of the process share.

use std::io::{BufRead, BufReader};
use std::process::ChildStderr;
use std::sync::{Arc, Mutex};

/// The log of a process, as it grows.
pub(crate) fn log_of(stderr: ChildStderr) -> Arc<Mutex<String>> {
    let log: Arc<Mutex<String>> = Arc::default();
    let kept = log.clone();
    std::thread::spawn(move || {
        for line in BufReader::new(stderr).lines().map_while(Result::ok) {
            *kept.lock().unwrap() += &format!("{line}\n");
        }
    });
    log
}
