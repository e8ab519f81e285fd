//! The Prometheus metrics of the webhook: their names and labels, and a method for each event.

mod closed;
mod handshakes;
mod kubernetes;
mod label;
mod labels;
mod listener;
mod optional_gauge;
mod parts;
mod process;
mod unknown;

use std::fmt;
use std::sync::OnceLock;
use std::sync::atomic::AtomicU64;
use std::time::Instant;

use daemonset_certs::Validity;
use daemonset_validation::facts::Unknown;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Metric, Registry, Unit};

pub(crate) use handshakes::Handshake;
use handshakes::HandshakeFailures;
use kubernetes::Kubernetes;
use label::Label;
pub(crate) use labels::{Operation, Shed, Verdict};
pub(crate) use listener::{Listener, Malformed, Refused};
use optional_gauge::OptionalGauge;
pub use parts::Part;
use parts::Restarts;
use unknown::UnknownPlacements;

use crate::config::Level;
use crate::config::rules;

/// The content type of [`Metrics::render`].
pub(crate) const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// The prefix of the webhook's own metrics.
const PREFIX: &str = "daemonset_webhook";

/// Upper bounds of the latency histogram, in seconds. A review takes tens of microseconds, and the default timeout is 3 s.
const BUCKETS: [f64; 16] = [
    0.000_025, 0.000_05, 0.000_1, 0.000_2, 0.000_5, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5,
    1.0, 3.0,
];

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ReviewLabels {
    operation: &'static str,
    verdict: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct FindingLabels {
    rule: &'static str,
    level: &'static str,
}

type Seconds = Gauge<f64, AtomicU64>;

/// Updates gauges before a scrape.
type Refresh = Box<dyn Fn(&Metrics) + Send + Sync>;

/// The counters of one rule.
#[derive(Debug)]
struct RuleCounters {
    denied: Counter,
    warned: Counter,
}

/// All metrics of the process; shared behind an `Arc`.
///
/// A review costs a few atomic additions and one short lock (of the histogram), because the counters of all label values are looked up once,
/// at the start. All labels have closed sets of values, so hostile requests add no series.
pub struct Metrics {
    registry: Registry,
    /// By operation, then by verdict, in the order of `ALL`.
    reviews: Vec<Vec<Counter>>,
    /// In the order of [`rules::all`], and one for an unknown rule.
    findings: Vec<RuleCounters>,
    unknown_placements: UnknownPlacements,
    durations: Histogram,
    in_flight: Gauge,
    /// In the order of [`Shed::ALL`].
    shed: Vec<Counter>,
    certificate_not_before: OptionalGauge,
    certificate_not_after: OptionalGauge,
    cache_age: Family<Label, Seconds>,
    cache_objects: Family<Label, Gauge>,
    kubernetes: Kubernetes,
    reloads_good: Counter,
    reloads_bad: Counter,
    config_ok: Gauge,
    self_probe_ok: OptionalGauge,
    ready: Gauge,
    panics: Counter,
    restarts: Restarts,
    handshake_failures: HandshakeFailures,
    listener: Listener,
    log_lines_dropped: Counter,
    spans_exported: Counter,
    spans_dropped: Counter,
    refresh: OnceLock<Refresh>,
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Metrics")
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

/// Registers a new metric.
fn add<M: Metric + Clone + Default>(registry: &mut Registry, name: &str, help: &str) -> M {
    let metric = M::default();
    registry.register(name, help, metric.clone());
    metric
}

/// Registers a new metric whose unit is seconds.
fn add_seconds<M: Metric + Clone + Default>(registry: &mut Registry, name: &str, help: &str) -> M {
    let metric = M::default();
    registry.register_with_unit(name, help, Unit::Seconds, metric.clone());
    metric
}

/// The counters of reviews, by operation and verdict.
fn review_counters(family: &Family<ReviewLabels, Counter>) -> Vec<Vec<Counter>> {
    let row = |operation: &Operation| {
        let operation = operation.as_str();
        let of = |verdict: &Verdict| {
            family.get_or_create_owned(&ReviewLabels { operation, verdict: verdict.as_str() })
        };
        Verdict::ALL.iter().map(of).collect()
    };
    Operation::ALL.iter().map(row).collect()
}

/// The counters of findings, by rule. The last one is for unknown rules.
fn finding_counters(family: &Family<FindingLabels, Counter>) -> Vec<RuleCounters> {
    let counters = |rule: &'static str| {
        let of = |level: Level| family.get_or_create_owned(&FindingLabels { rule, level: level.as_str() });
        RuleCounters { denied: of(Level::Deny), warned: of(Level::Warn) }
    };
    rules::all().map(|(rule, _)| rule.id).chain(["other"]).map(counters).collect()
}

impl Metrics {
    /// All counters at 0. Gauges that have no value yet, such as the expiry of the certificate, are not exported.
    pub fn new() -> Self {
        let mut registry = Registry::default();
        process::register(&mut registry);
        let ours = registry.sub_registry_with_prefix(PREFIX);

        let reviews: Family<ReviewLabels, Counter> = add(ours, "reviews", "Answered reviews");
        let help = "Findings of reviews, by rule and by the level that they had for the answer";
        let findings: Family<FindingLabels, Counter> = add(ours, "findings", help);
        let unknown_placements = UnknownPlacements::register(ours);
        let durations = Histogram::new(BUCKETS);
        let help = "Time from the head of a request until its answer is ready";
        ours.register_with_unit("review_duration", help, Unit::Seconds, durations.clone());
        let in_flight = add(ours, "in_flight", "Reviews that are being processed");
        let help = "Reviews that were refused under load or at shutdown and that the API server retries";
        let shed: Family<Label, Counter> = add(ours, "shed", help);
        let help = "When the served certificate becomes valid, since the Unix epoch";
        let certificate_not_before = add_seconds(ours, "certificate_not_before", help);
        let help = "Expiry of the served certificate since the Unix epoch";
        let certificate_not_after = add_seconds(ours, "certificate_not_after", help);
        let help = "Time since the last answer of the API server about objects of this kind";
        let cache_age = add_seconds(ours, "cache_age", help);
        let cache_objects = add(ours, "cache_objects", "Objects in the cache");
        let kubernetes = Kubernetes::new(ours);
        let help = "Reloads of the config file, by result";
        let reloads: Family<Label, Counter> = add(ours, "config_reloads", help);
        let help = "Whether the current config file is in use (1), or an earlier version because the current one has errors (0)";
        let config_ok: Gauge = add(ours, "config_ok", help);
        config_ok.set(1);
        let help = "Whether the webhook reviewed the last dry run of the self-probe (1) or not (0)";
        let self_probe_ok = add(ours, "self_probe_ok", help);
        let ready = add(ours, "ready", "Whether the replica is ready (1) or not (0)");
        let panics = add(ours, "panics", "Reviews that failed with an internal error (a panic)");
        let restarts = Restarts::register(ours);
        let handshake_failures = HandshakeFailures::register(ours);
        let listener = Listener::register(ours);
        let help = "Log lines that were dropped because the log is not read fast enough";
        let log_lines_dropped = add(ours, "log_lines_dropped", help);
        let spans_exported = add(ours, "spans_exported", "Trace spans that the collector accepted");
        let help = "Trace spans that were dropped because the collector is slow or unreachable";
        let spans_dropped = add(ours, "spans_dropped", help);
        let version = Info::new([("version", env!("CARGO_PKG_VERSION"))]);
        ours.register("build", "The version of the webhook", version);

        Self {
            reviews: review_counters(&reviews),
            findings: finding_counters(&findings),
            shed: Shed::ALL
                .iter()
                .map(|reason| shed.get_or_create_owned(&Label("reason", reason.as_str())))
                .collect(),
            reloads_good: reloads.get_or_create_owned(&Label("result", "success")),
            reloads_bad: reloads.get_or_create_owned(&Label("result", "error")),
            registry,
            unknown_placements,
            durations,
            in_flight,
            certificate_not_before,
            certificate_not_after,
            cache_age,
            cache_objects,
            kubernetes,
            config_ok,
            self_probe_ok,
            ready,
            panics,
            restarts,
            handshake_failures,
            listener,
            log_lines_dropped,
            spans_exported,
            spans_dropped,
            refresh: OnceLock::new(),
        }
    }

    /// A review has arrived. It is in flight until the guard is dropped.
    pub(crate) fn review_started(&self) -> InFlight {
        self.in_flight.inc();
        InFlight { gauge: self.in_flight.clone(), since: Instant::now() }
    }

    /// A review was answered within this many seconds.
    pub(crate) fn reviewed(&self, operation: Operation, verdict: Verdict, seconds: f64) {
        if let Some(counter) = self.reviews.get(operation as usize).and_then(|row| row.get(verdict as usize))
        {
            counter.inc();
        }
        self.durations.observe(seconds);
    }

    /// A review had so many findings of a rule, with this level. Rules that are off have no findings.
    pub(crate) fn findings(&self, rule: &str, level: Level, count: usize) {
        let count = u64::try_from(count).unwrap_or(u64::MAX);
        let position = rules::all().position(|(known, _)| known.id == rule);
        let position = position.unwrap_or(self.findings.len().saturating_sub(1));
        if let Some(counters) = self.findings.get(position) {
            match level {
                Level::Deny => counters.denied.inc_by(count),
                Level::Warn => counters.warned.inc_by(count),
                Level::Off => 0,
            };
        }
    }

    /// The metrics of the listener for reviews.
    pub(crate) const fn listener(&self) -> &Listener {
        &self.listener
    }

    /// In a review it was not known where the pods would run.
    pub(crate) fn placement_unknown(&self, reason: Unknown) {
        self.unknown_placements.count(reason);
    }

    /// A review was refused and will be retried.
    pub(crate) fn shed(&self, reason: Shed) {
        if let Some(counter) = self.shed.get(reason as usize) {
            counter.inc();
        }
    }

    /// Sets when the served certificate is valid.
    pub fn certificate(&self, validity: Validity) {
        self.certificate_not_before.set(validity.not_before);
        self.certificate_not_after.set(validity.not_after);
    }

    /// Sets the seconds since the last answer of the API server about a kind.
    pub fn cache_age(&self, kind: &'static str, seconds: f64) {
        self.cache_age.get_or_create_owned(&Label("kind", kind)).set(seconds);
    }

    /// Sets the number of objects of a kind in the cache.
    pub fn cache_objects(&self, kind: &'static str, count: usize) {
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        self.cache_objects.get_or_create_owned(&Label("kind", kind)).set(count);
    }

    /// The API server has this version, the major and the minor one; whether it is supported.
    pub fn kubernetes(&self, version: &str, supported: bool) {
        self.kubernetes.set(version, supported);
    }

    /// The current config file is in use.
    pub(crate) fn config_ok(&self) {
        self.config_ok.set(1);
    }

    /// The config file has changed and is in use.
    pub(crate) fn config_reloaded(&self) {
        self.config_ok.set(1);
        self.reloads_good.inc();
    }

    /// The config file has changed and cannot be used.
    pub(crate) fn config_refused(&self) {
        self.config_ok.set(0);
        self.reloads_bad.inc();
    }

    /// Sets whether the webhook reviewed the last dry run of the self-probe.
    pub fn self_probe(&self, ok: bool) {
        self.self_probe_ok.set(i64::from(ok));
    }

    /// Sets whether the replica is ready.
    pub(crate) fn ready(&self, ready: bool) {
        self.ready.set(i64::from(ready));
    }

    /// A review failed with a panic.
    pub(crate) fn panicked(&self) {
        self.panics.inc();
    }

    /// A part of the process is restarted.
    pub(crate) fn restarted(&self, part: Part) {
        self.restarts.count(part);
    }

    /// A TLS handshake has failed.
    pub(crate) fn handshake_failed(&self, why: Handshake) {
        self.handshake_failures.count(why);
    }

    /// Log lines were dropped.
    pub(crate) fn log_lines_dropped(&self, count: u64) {
        self.log_lines_dropped.inc_by(count);
    }

    /// The collector accepted spans.
    pub(crate) fn spans_exported(&self, count: u64) {
        self.spans_exported.inc_by(count);
    }

    /// Spans were dropped.
    pub(crate) fn spans_dropped(&self, count: u64) {
        self.spans_dropped.inc_by(count);
    }

    /// Registers a function that updates gauges, such as the age of the cache, before each [`Metrics::render`]. Only the first registration
    /// counts.
    pub(crate) fn on_render(&self, refresh: impl Fn(&Self) + Send + Sync + 'static) {
        let _ = self.refresh.set(Box::new(refresh));
    }

    /// All metrics in the OpenMetrics text format. The content type is `CONTENT_TYPE`.
    pub fn render(&self) -> String {
        if let Some(refresh) = self.refresh.get() {
            refresh(self);
        }
        let mut text = String::with_capacity(32 * 1024);
        // Writing to a string does not fail.
        let _ = encode(&mut text, &self.registry);
        text
    }
}

/// A review in flight. Dropping it ends the review.
#[derive(Debug)]
pub(crate) struct InFlight {
    gauge: Gauge,
    since: Instant,
}

impl InFlight {
    /// Seconds since the review started.
    pub(crate) fn seconds(&self) -> f64 {
        self.since.elapsed().as_secs_f64()
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.gauge.dec();
    }
}

#[cfg(test)]
mod tests;
