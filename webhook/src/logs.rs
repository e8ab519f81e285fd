//! The log: lines of JSON or text on standard error, which no request can forge and no slow reader can make reviews wait for.

mod filter;
mod lines;

use std::fmt;
use std::io::IsTerminal;
use std::sync::Arc;
use std::time::Duration;

use clap::ValueEnum;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, Registry};

use crate::config::Level;
use crate::metrics::Metrics;
use lines::Lines;

/// How lines are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// One JSON object a line, for programs.
    #[default]
    Json,
    /// For people.
    Text,
}

/// The most that is shown of a value from a request, in characters: a name has up to 253.
const SHOWN: usize = 256;

/// How long the end of the process waits for the last lines to be read.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// The log that is being written; writes its last lines when it is dropped.
#[derive(Debug)]
pub struct Logs {
    lines: Lines,
}

impl Drop for Logs {
    fn drop(&mut self) {
        self.lines.flush(LAST_WORDS);
    }
}

/// Starts the process' log, once. `filter` is a level (`info`), which holds for the webhook's own code while libraries only
/// warn, or `target=level` pairs as `tracing_subscriber::filter::Targets` reads them (`info,kube_client=debug`).
///
/// Panics are logged as well from now on, in one line each.
///
/// # Errors
/// When `filter` is none of these, or a log was started before.
pub fn start(format: Format, filter: &str, metrics: Arc<Metrics>) -> Result<Logs, String> {
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
        tracing::error!(place, panic = clipped(message), "a fault of the webhook itself; please report it");
    }));
    Ok(Logs { lines })
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
        // Colours would need escape characters, which the lines never hold.
        Format::Text => tracing_subscriber::fmt::layer()
            .with_ansi(false)
            .with_target(!terminal)
            .with_writer(lines)
            .boxed(),
    }
}

/// What a review's line says. Never the object.
#[derive(Clone, Copy, Debug)]
pub struct Review<'r> {
    /// The request's uid.
    pub uid: &'r str,
    /// `CREATE`, `UPDATE`, …
    pub operation: &'r str,
    /// The object's namespace.
    pub namespace: &'r str,
    /// The object's name.
    pub name: &'r str,
    /// Who asked the API server.
    pub user: &'r str,
    /// Whether nothing would have been stored anyway.
    pub dry_run: bool,
    /// The answer.
    pub allowed: bool,
    /// The rules that found something, with the levels that they had for the answer.
    pub findings: &'r [(&'static str, Level)],
    /// What it took, in microseconds.
    pub micros: u64,
    /// The trace that the review belongs to, if it is traced.
    pub trace: Option<crate::trace::TraceId>,
}

/// Logs a review: a denial at `info`, anything else at `debug`, so thousands of reviews in a second do not drown the log.
pub fn review(review: &Review<'_>) {
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

/// `host-port-clash=deny skips-nodes=warn`
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

/// The beginning of a value from outside.
pub(crate) fn clipped(text: &str) -> &str {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => text.get(..end).unwrap_or_default(),
        None => text,
    }
}

#[cfg(test)]
mod tests;
