//! The parts of the process that run in the background, and how often each was restarted.

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::Registry;

use super::label::Label;

/// A part of the process that runs in the background under supervision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// Accepts connections for reviews.
    Reviews,
    /// Accepts connections for probes and metrics.
    Ops,
    /// Judges reviews.
    Judging,
    /// Keeps the serving certificate up to date.
    Certificate,
    /// Keeps the CA certificates of clients up to date.
    ClientCa,
    /// Reads the config file again.
    Config,
    /// Puts a new config or a new version of the API server into use.
    Policy,
    /// Keeps the objects of the cluster up to date.
    Cache,
    /// Asks for the version of the API server.
    Version,
    /// Sends dry runs through the API server.
    SelfProbe,
    /// Sends traces to the collector.
    Traces,
}

impl Part {
    /// All parts, in the order of their discriminants.
    const ALL: [Self; 11] = [
        Self::Reviews,
        Self::Ops,
        Self::Judging,
        Self::Certificate,
        Self::ClientCa,
        Self::Config,
        Self::Policy,
        Self::Cache,
        Self::Version,
        Self::SelfProbe,
        Self::Traces,
    ];

    /// The name in metrics, log and readiness.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Reviews => "reviews",
            Self::Ops => "ops",
            Self::Judging => "judging",
            Self::Certificate => "certificate",
            Self::ClientCa => "client-ca",
            Self::Config => "config",
            Self::Policy => "policy",
            Self::Cache => "cache",
            Self::Version => "version",
            Self::SelfProbe => "self-probe",
            Self::Traces => "traces",
        }
    }

    /// Whether only a new process helps if restarts of the part do not: without it no review or no probe is answered.
    pub(crate) const fn is_vital(self) -> bool {
        matches!(self, Self::Reviews | Self::Ops | Self::Judging)
    }
}

/// Counts restarts by part.
#[derive(Debug)]
pub(super) struct Restarts(Vec<Counter>);

impl Restarts {
    /// Registers the counters.
    pub(super) fn register(registry: &mut Registry) -> Self {
        let family: Family<Label, Counter> = Family::default();
        let help = "Restarts of parts of the process that panicked or ended, by part";
        registry.register("supervised_restarts", help, family.clone());
        let counter = |part: &Part| family.get_or_create_owned(&Label("part", part.as_str()));
        Self(Part::ALL.iter().map(counter).collect())
    }

    /// A part was restarted.
    pub(super) fn count(&self, part: Part) {
        if let Some(counter) = self.0.get(part as usize) {
            counter.inc();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn discriminants_are_positions() {
        assert!(Part::ALL.iter().enumerate().all(|(place, part)| *part as usize == place));
    }
}
