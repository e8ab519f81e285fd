//! Counts the reviews of which it is not known where the pods would run, by reason.

use daemonset_validation::facts::Unknown;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::Registry;

use super::label::Label;

/// A counter for each reason.
#[derive(Debug)]
pub(super) struct UnknownPlacements(Vec<(Unknown, Counter)>);

impl UnknownPlacements {
    /// All counters at 0.
    pub(super) fn register(registry: &mut Registry) -> Self {
        let help = "Reviews in which it was not known where the pods of the DaemonSet would run, by reason";
        let family: Family<Label, Counter> = Family::default();
        registry.register("placement_unknown", help, family.clone());
        let counter =
            |reason: Unknown| (reason, family.get_or_create_owned(&Label("reason", reason.as_str())));
        Self(Unknown::ALL.into_iter().map(counter).collect())
    }

    /// The reason of a review.
    pub(super) fn count(&self, reason: Unknown) {
        if let Some((_, counter)) = self.0.iter().find(|(of, _)| *of == reason) {
            counter.inc();
        }
    }
}
