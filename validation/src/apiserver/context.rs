//! What every check may look at besides the value.

use crate::apiserver::options::Options;
use crate::gates::{Change, Gate};
use crate::server::Server;

/// The mirrored server, and the options of this validation.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Context<'c> {
    /// The server.
    pub(crate) server: &'c Server,
    /// What this validation allows.
    pub(crate) options: Options,
}

impl Context<'_> {
    /// Whether a feature gate is on.
    pub(crate) fn enabled(&self, gate: Gate) -> bool {
        self.server.enabled(gate)
    }

    /// Whether the server has a change that no feature gate guards.
    pub(crate) fn has(&self, change: Change) -> bool {
        self.server.has(change)
    }
}
