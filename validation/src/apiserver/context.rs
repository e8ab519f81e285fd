//! What every check may ask about besides the value it checks.

use crate::apiserver::options::Options;
use crate::gates::{Change, Gate};
use crate::server::Server;

/// The server that is imitated, and the options of this validation.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Context<'c> {
    /// The server.
    pub(crate) server: &'c Server,
    /// What this validation is lenient about.
    pub(crate) options: Options,
}

impl Context<'_> {
    /// Whether a feature gate is on.
    pub(crate) fn enabled(&self, gate: Gate) -> bool {
        self.server.enabled(gate)
    }

    /// Whether the server's code has a change that no gate governs.
    pub(crate) fn has(&self, change: Change) -> bool {
        self.server.has(change)
    }
}
