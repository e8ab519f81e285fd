//! The parts of the process that run in the background, and how often each was restarted.

use prometheus_client::registry::Registry;

use super::closed::{Counters, closed};

closed! {
    /// A part of the process that runs in the background under supervision.
    pub enum Part {
        /// Accepts connections for reviews.
        Reviews = "reviews",
        /// Accepts connections for probes and metrics.
        Ops = "ops",
        /// Judges reviews.
        Judging = "judging",
        /// Keeps the serving certificate up to date.
        Certificate = "certificate",
        /// Keeps the CA certificates of clients up to date.
        ClientCa = "client-ca",
        /// Reads the config file again.
        Config = "config",
        /// Puts a new config or a new version of the API server into use.
        Policy = "policy",
        /// Keeps the objects of the cluster up to date.
        Cache = "cache",
        /// Asks for the version of the API server.
        Version = "version",
        /// Sends dry runs through the API server.
        SelfProbe = "self-probe",
        /// Sends traces to the collector.
        Traces = "traces",
    }
}

impl Part {
    /// Whether only a new process helps if restarts of the part do not: without it no review or no probe is answered.
    pub(crate) const fn is_vital(self) -> bool {
        matches!(self, Self::Reviews | Self::Ops | Self::Judging)
    }
}

/// Counts restarts by part.
#[derive(Debug)]
pub(super) struct Restarts(Counters);

impl Restarts {
    /// Registers the counters.
    pub(super) fn register(registry: &mut Registry) -> Self {
        let names =
            ("supervised_restarts", "Restarts of parts of the process that panicked or ended, by part");
        Self(Counters::register(registry, names, "part", Part::ALL.iter().map(|part| part.as_str())))
    }

    /// A part was restarted.
    pub(super) fn count(&self, part: Part) {
        self.0.count(part as usize);
    }
}
