//! The log: lines of JSON or text on standard error. A request cannot forge a line, and a slow reader of the log does not delay reviews.

mod filter;
mod lines;
mod rarely;

use std::fmt;
use std::io::IsTerminal;
use std::sync::Arc;
use std::time::Duration;

use clap::ValueEnum;
use opentelemetry::trace::TraceId;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, Registry};

use crate::config::Level;
use crate::metrics::Metrics;
pub(crate) use rarely::Rarely;

use lines::Lines;

/// The format of log lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// One JSON object in each line, for programs.
    #[default]
    Json,
    /// Plain text, for people.
    Text,
}

/// The most characters of a value from a request. A name has up to 253.
const MAX_VALUE_CHARS: usize = 256;

/// How long the process waits at its end for the last lines to be written.
const FLUSH_TIMEOUT: Duration = Duration::from_secs(1);

/// The log. Dropping it writes the last lines.
#[derive(Debug)]
pub(crate) struct Logs {
    lines: Lines,
}

impl Drop for Logs {
    fn drop(&mut self) {
        self.lines.flush(FLUSH_TIMEOUT);
    }
}

/// Starts the log of the process. It can be started once. `filter` is either a level such as `info`, which applies to the webhook's own
/// crates while libraries log warnings and errors only, or a list for `tracing_subscriber::filter::Targets` such as
/// `info,kube_client=debug`.
///
/// From then on panics are logged as well, each in one line.
///
/// # Errors
///
/// A message, if `filter` is neither, or a log was started before.
pub(crate) fn start(format: Format, filter: &str, metrics: Arc<Metrics>) -> Result<Logs, String> {
    let filter = filter::parse(filter)?;
    let lines =
        Lines::start(std::io::stderr(), metrics).map_err(|error| format!("the log cannot start: {error}"))?;
    let layer = layer(format, lines.clone(), std::io::stderr().is_terminal());
    Registry::default()
        .with(layer.with_filter(filter))
        .try_init()
        .map_err(|error| format!("the log cannot start: {error}"))?;
    std::panic::set_hook(Box::new(|info| {
        let place = info.location().map(ToString::to_string).unwrap_or_default();
        let message = info.payload_as_str().unwrap_or("without a message");
        tracing::error!(
            place,
            panic = clipped(message),
            "internal error of the webhook (panic); please report it"
        );
    }));
    Ok(Logs { lines })
}

/// Checks a `--log-level`.
///
/// # Errors
///
/// A message, if [`start`] would not take it.
pub(crate) fn check_level(filter: &str) -> Result<(), String> {
    filter::parse(filter).map(drop)
}

fn layer(format: Format, lines: Lines, terminal: bool) -> Box<dyn Layer<Registry> + Send + Sync> {
    match format {
        Format::Json => tracing_subscriber::fmt::layer()
            .json()
            .flatten_event(true)
            .with_current_span(false)
            .with_span_list(false)
            .with_writer(lines)
            .boxed(),
        // No colours: `lines` escapes control characters.
        Format::Text => tracing_subscriber::fmt::layer()
            .with_ansi(false)
            .with_target(!terminal)
            .with_writer(lines)
            .boxed(),
    }
}

/// The fields of the log line of a review. The object itself is never logged.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Review<'r> {
    /// The uid of the request.
    pub(crate) uid: &'r str,
    /// `CREATE`, `UPDATE`, …
    pub(crate) operation: &'r str,
    /// The namespace of the object.
    pub(crate) namespace: &'r str,
    /// The name of the object.
    pub(crate) name: &'r str,
    /// The user of the request.
    pub(crate) user: &'r str,
    /// Whether it was a dry run.
    pub(crate) dry_run: bool,
    /// Whether the request was allowed.
    pub(crate) allowed: bool,
    /// The rule of each finding, and the level that it had for the answer.
    pub(crate) findings: &'r [(&'static str, Level)],
    /// The duration of the review, in microseconds.
    pub(crate) micros: u64,
    /// The trace of the review, if it is traced.
    pub(crate) trace: Option<TraceId>,
}

/// Logs a review: a denial at `info`, an allowed request at `debug`, because there can be thousands of them in a second.
pub(crate) fn review(review: &Review<'_>) {
    macro_rules! line {
        ($level:ident, $message:literal) => {
            tracing::$level!(
                target: "daemonset_webhook::review",
                uid = clipped(review.uid),
                operation = clipped(review.operation),
                namespace = clipped(review.namespace),
                name = clipped(review.name),
                user = clipped(review.user),
                dryRun = review.dry_run,
                allowed = review.allowed,
                findings = %Findings(review.findings),
                micros = review.micros,
                traceId = review.trace.map(tracing::field::display),
                $message
            )
        };
    }
    if review.allowed {
        line!(debug, "allowed");
    } else {
        line!(info, "denied");
    }
}

/// Writes findings as `host-port-clash=deny skips-nodes=warn`.
struct Findings<'f>(&'f [(&'static str, Level)]);

impl fmt::Display for Findings<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (rule, level)) in self.0.iter().enumerate() {
            let space = if index == 0 { "" } else { " " };
            write!(f, "{space}{rule}={level}")?;
        }
        Ok(())
    }
}

/// The beginning of a value from a request or another server.
pub(crate) fn clipped(text: &str) -> &str {
    match text.char_indices().nth(MAX_VALUE_CHARS) {
        Some((end, _)) => text.get(..end).unwrap_or_default(),
        None => text,
    }
}

#[cfg(test)]
mod tests;
