//! What a review sees of the cluster.

use std::fmt;
use std::sync::RwLockReadGuard;
use std::time::Duration;

use daemonset_validation::placement::{Kind, LiveSnapshot, Snapshot};

/// The cluster at the moment of a review. While it exists the cache cannot change, so it must not outlive the review.
#[derive(Debug)]
pub enum View<'c> {
    /// There is no cache (`--cache off`).
    Off,
    /// Kinds that the answer needs are missing.
    Cold {
        /// The kinds that are missing, and why.
        missing: Vec<Missing>,
    },
    /// The cache was locked for longer than a review waits.
    Busy,
    /// The snapshot.
    Ready(Reading<'c>),
}

/// A kind that is missing from the cache, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// The kind.
    pub kind: Kind,
    /// Why.
    pub why: Why,
}

/// Why a kind is missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// The first list is not complete.
    NotReadYet,
    /// The API server refuses to list or watch it; its message.
    Refused(String),
    /// The API server has not answered for this long.
    Silent(Duration),
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = self.kind.plural();
        match &self.why {
            Why::NotReadYet => write!(f, "{what} are not read yet"),
            Why::Refused(why) => f.write_str(why),
            Why::Silent(since) => {
                write!(f, "no answer about {what} for {} minutes", since.as_secs() / 60)
            }
        }
    }
}

/// Read access to the snapshot. While it exists, the snapshot does not change.
#[derive(Debug)]
pub struct Reading<'c>(Source<'c>);

#[derive(Debug)]
enum Source<'c> {
    Held(RwLockReadGuard<'c, LiveSnapshot>),
    Borrowed(&'c Snapshot),
}

impl Reading<'_> {
    /// The snapshot.
    pub fn snapshot(&self) -> &Snapshot {
        match &self.0 {
            Source::Held(guard) => guard.snapshot(),
            Source::Borrowed(snapshot) => snapshot,
        }
    }
}

impl<'c> From<RwLockReadGuard<'c, LiveSnapshot>> for Reading<'c> {
    fn from(guard: RwLockReadGuard<'c, LiveSnapshot>) -> Self {
        Self(Source::Held(guard))
    }
}

impl<'c> From<&'c Snapshot> for Reading<'c> {
    fn from(snapshot: &'c Snapshot) -> Self {
        Self(Source::Borrowed(snapshot))
    }
}
