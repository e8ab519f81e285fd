//! The server that is mirrored: one minor of kube-apiserver with its feature gates at their defaults.

use crate::gates::{Change, Gate};
use crate::minors::{self, Minor};

/// A kube-apiserver of a supported minor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Server {
    minor: Minor,
}

impl Server {
    /// The newest supported minor.
    pub const fn newest() -> Self {
        Self { minor: minors::NEWEST }
    }

    /// The server of a version such as `1.37`, `1.37.2` or `v1.37`; `None` if its minor is not supported.
    pub fn of_version(version: &str) -> Option<Self> {
        let version = version.strip_prefix('v').unwrap_or(version);
        let mut parts = version.splitn(3, '.');
        let (major, minor) = (parts.next()?, parts.next()?);
        let wanted = format!("{major}.{minor}");
        minors::SUPPORTED.into_iter().find(|minor| minor.name() == wanted).map(|minor| Self { minor })
    }

    /// The supported minors, oldest first.
    pub const fn supported() -> &'static [&'static str] {
        minors::NAMES
    }

    /// The minor, as `1.37`.
    pub fn minor(&self) -> &'static str {
        self.minor.name()
    }

    /// The minor as a number: 37 for `1.37`.
    pub(crate) const fn minor_number(&self) -> u8 {
        self.minor.number()
    }

    /// The bit of this minor in the masks of the generated tables.
    pub(crate) const fn mask(&self) -> u16 {
        self.minor.bit()
    }

    /// Whether a feature gate is on by default in this minor.
    pub fn enabled(&self, gate: Gate) -> bool {
        gate.is_on(self.minor)
    }

    /// Whether this minor has a change that no feature gate guards.
    pub fn has(&self, change: Change) -> bool {
        change.is_on(self.minor)
    }
}

impl Default for Server {
    fn default() -> Self {
        Self::newest()
    }
}
