//! The levels of the Pod Security Standards.

use std::fmt;

/// A level of the Pod Security Standards. A greater one takes fewer pods.
///
/// Upstream: `pod-security-admission/api.Level`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PodSecurityLevel {
    /// Takes every pod.
    #[default]
    Privileged,
    /// Prevents known ways to get more rights.
    Baseline,
    /// Asks for what hardened pods do.
    Restricted,
}

impl PodSecurityLevel {
    /// The word for it in labels.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Privileged => "privileged",
            Self::Baseline => "baseline",
            Self::Restricted => "restricted",
        }
    }

    /// The level with this word; `None` where there is none.
    ///
    /// Upstream: `pod-security-admission/api.ParseLevel`.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Privileged, Self::Baseline, Self::Restricted].into_iter().find(|level| level.as_str() == word)
    }
}

impl fmt::Display for PodSecurityLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
