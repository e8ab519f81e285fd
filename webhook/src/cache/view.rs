//! What a review sees of the cluster.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use daemonset_validation::placement::{Kind, Snapshot};

/// The cluster at the moment of a review. It never changes and holds nobody up, so a review may keep it as long as it likes.
#[derive(Clone, Debug)]
pub enum View {
    /// There is no cache (`--cache off`).
    Off,
    /// Kinds that the answer needs are missing.
    Cold {
        /// The kinds that are missing, and why.
        missing: Vec<Missing>,
    },
    /// The snapshot.
    Ready(Arc<Snapshot>),
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
