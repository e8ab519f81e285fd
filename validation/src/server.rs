//! Whom we imitate: one minor of kube-apiserver with its feature gates at their defaults.

use crate::gates::{Change, Gate, MINORS};

/// A kube-apiserver of a known minor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Server {
    minor: usize,
}

impl Server {
    /// The newest minor that we know.
    pub const fn newest() -> Self {
        Self { minor: MINORS.len().saturating_sub(1) }
    }

    /// The server of a minor such as `1.37`; a patch (`1.37.2`) and a leading `v` are allowed. `None` for a minor that we
    /// do not know.
    pub fn of_version(version: &str) -> Option<Self> {
        let version = version.strip_prefix('v').unwrap_or(version);
        let mut parts = version.splitn(3, '.');
        let (major, minor) = (parts.next()?, parts.next()?);
        let wanted = format!("{major}.{minor}");
        MINORS.iter().position(|minor| *minor == wanted).map(|minor| Self { minor })
    }

    /// The minors that we know, oldest first.
    pub const fn supported() -> &'static [&'static str] {
        MINORS
    }

    /// The minor, as `1.37`.
    pub fn minor(&self) -> &'static str {
        MINORS.get(self.minor).copied().unwrap_or_default()
    }

    /// The bit of this minor in the masks of the generated tables.
    pub(crate) const fn mask(&self) -> u8 {
        match self.minor {
            0 => 1,
            1 => 2,
            2 => 4,
            _ => 0,
        }
    }

    /// Whether a feature gate is on by default in this minor.
    pub fn enabled(&self, gate: Gate) -> bool {
        gate.on_in(self.minor)
    }

    /// Whether this minor's code has a change that no gate governs.
    pub fn has(&self, change: Change) -> bool {
        change.made_in(self.minor)
    }
}

impl Default for Server {
    fn default() -> Self {
        Self::newest()
    }
}
