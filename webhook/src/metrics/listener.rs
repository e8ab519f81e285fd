//! What the listener for reviews counts: connections, memory, and requests that are refused before a decision.

use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::{Registry, Unit};

use super::closed::{Counters, closed};
use super::label::Label;

closed! {
    /// Why a connection or a request was refused before a decision.
    pub(crate) enum Refused {
        /// Too many reviews were in flight.
        InFlight = "in-flight",
        /// There was no memory left for the body, or for judging it.
        Memory = "memory",
        /// The replica is shutting down.
        Draining = "draining",
        /// There was not enough time left to judge the review.
        Late = "late",
        /// The body arrived too slowly.
        SlowBody = "slow-body",
        /// The body arrived slowly and others needed its place.
        GaveWay = "gave-way",
        /// The peer had all connections that one may have, or there were too many connections.
        Connections = "connections",
        /// An idle connection was closed because of its age, or because others needed its place.
        Idle = "idle",
        /// The connection used HTTP/2, of which there were too many.
        Http2 = "http2",
    }
}

closed! {
    /// Why a request was answered with a 4xx that no retry changes.
    pub(crate) enum Malformed {
        /// Another path than `/validate`.
        Path = "path",
        /// Another method than POST.
        Method = "method",
        /// Another content type than JSON.
        ContentType = "content-type",
        /// The body is larger than `--max-body`.
        TooLarge = "too-large",
        /// The body is not valid HTTP, or the connection broke.
        Body = "body",
        /// The body is not an AdmissionReview of a DaemonSet.
        Review = "review",
    }
}

/// The metrics of the listener for reviews.
#[derive(Debug)]
pub(crate) struct Listener {
    /// Open connections.
    pub(crate) connections: Gauge,
    /// Open connections of the listener for probes and metrics.
    pub(crate) ops_connections: Gauge,
    /// Reviews that wait to be judged.
    pub(crate) queue: Gauge,
    refused: Counters,
    malformed: Counters,
    /// Bytes that are reserved for judging large reviews.
    pub(crate) judging: Gauge,
    bodies: Gauge,
}

impl Listener {
    /// Registers the metrics.
    pub(super) fn register(registry: &mut Registry) -> Self {
        let connections: Family<Label, Gauge> = Family::default();
        registry.register("connections", "Open connections, by listener", connections.clone());
        let queue = Gauge::default();
        registry.register("queue_length", "Reviews that wait to be judged", queue.clone());
        let memory: Family<Label, Gauge> = Family::default();
        let help = "Memory that is reserved for reviews, by use";
        registry.register_with_unit("memory_reserved", help, Unit::Bytes, memory.clone());
        let refused = ("refused", "Connections and requests that were refused before a decision, by reason");
        let malformed = ("malformed", "Requests that no API server sends, answered with 4xx, by reason");
        Self {
            connections: connections.get_or_create_owned(&Label("listener", "reviews")),
            ops_connections: connections.get_or_create_owned(&Label("listener", "ops")),
            queue,
            refused: Counters::register(
                registry,
                refused,
                "reason",
                Refused::ALL.iter().map(|one| one.as_str()),
            ),
            malformed: Counters::register(
                registry,
                malformed,
                "reason",
                Malformed::ALL.iter().map(|one| one.as_str()),
            ),
            bodies: memory.get_or_create_owned(&Label("what", "bodies")),
            judging: memory.get_or_create_owned(&Label("what", "judging")),
        }
    }

    /// A connection or a request was refused.
    pub(crate) fn refused(&self, reason: Refused) {
        self.refused.count(reason as usize);
    }

    /// A request was answered with a 4xx.
    pub(crate) fn malformed(&self, reason: Malformed) {
        self.malformed.count(reason as usize);
    }

    /// Memory is reserved for a body until the guard is dropped.
    pub(crate) fn reserves(&self, bytes: usize) -> Reservation {
        let bytes = i64::try_from(bytes).unwrap_or(i64::MAX);
        self.bodies.inc_by(bytes);
        Reservation { gauge: self.bodies.clone(), bytes }
    }
}

/// Reserved memory, for the gauge.
#[derive(Debug)]
pub(crate) struct Reservation {
    gauge: Gauge,
    bytes: i64,
}

impl Drop for Reservation {
    fn drop(&mut self) {
        self.gauge.dec_by(self.bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_reserved_until_the_guard_is_dropped() {
        let listener = Listener::register(&mut Registry::default());
        let one = listener.reserves(5);
        let two = listener.reserves(7);
        assert_eq!(listener.bodies.get(), 12);
        drop((one, two));
        assert_eq!(listener.bodies.get(), 0);
    }
}
