//! The file descriptors of the process: some are kept back, so that connections for reviews do not use up all.

use rustix::process::{Resource, getrlimit};

/// Descriptors that are kept back: for the listeners, probes and scrapes, the API server's watches, files, and connections that wait or are being
/// closed.
const KEPT_BACK: u64 = 256;

/// How many connections for reviews there can be: as many as are wanted, if the process may open that many files.
pub(super) fn connections(wanted: usize) -> usize {
    let most = most(getrlimit(Resource::Nofile).current);
    if most < wanted {
        tracing::warn!(
            wanted,
            connections = most,
            "--max-connections is more than the limit of open files (RLIMIT_NOFILE) allows, so there can be {most} connections"
        );
    }
    wanted.min(most)
}

/// The most connections with this limit of open files.
fn most(limit: Option<u64>) -> usize {
    let Some(limit) = limit else { return usize::MAX };
    // With a very low limit half of it is used.
    usize::try_from(limit.saturating_sub(KEPT_BACK).max(limit / 2)).unwrap_or(usize::MAX).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descriptors_are_kept_back() {
        assert_eq!(most(None), usize::MAX);
        assert_eq!(most(Some(1 << 20)), (1 << 20) - 256);
        assert_eq!(most(Some(1024)), 768);
        assert_eq!(most(Some(256)), 128);
        assert_eq!(most(Some(0)), 1);
    }
}
