//! Labels with a closed set of values, and a counter for each value.

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::Registry;

use super::label::Label;

/// An enum of the values of a label, each with its name in metrics and in the log.
macro_rules! closed {
    ($(#[$doc:meta])* $visible:vis enum $name:ident { $($(#[$of:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        $visible enum $name { $($(#[$of])* $variant,)+ }

        impl $name {
            /// All values, in the order of their discriminants.
            pub(crate) const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The name in metrics and in the log.
            $visible const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }
        }
    };
}
pub(super) use closed;

/// A counter for each value of a label, by the value's place.
#[derive(Debug)]
pub(super) struct Counters(Vec<Counter>);

impl Counters {
    /// Registers a counter with a label that has these values.
    pub(super) fn register(
        registry: &mut Registry,
        (name, help): (&str, &str),
        label: &'static str,
        values: impl Iterator<Item = &'static str>,
    ) -> Self {
        let family: Family<Label, Counter> = Family::default();
        registry.register(name, help, family.clone());
        Self(values.map(|value| family.get_or_create_owned(&Label(label, value))).collect())
    }

    /// Counts an event of the value at a place.
    pub(super) fn count(&self, place: usize) {
        if let Some(counter) = self.0.get(place) {
            counter.inc();
        }
    }
}
