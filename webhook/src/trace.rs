//! Traces: a span for each review, told to an OpenTelemetry collector, if one was named.
//!
//! The OpenTelemetry crates make the spans and their bytes (0.4 MB of the binary, and no second TLS provider); the queue is
//! ours, so that it is bounded, nothing waits for it, and what it drops is counted.

mod client;
mod export;

use std::sync::Arc;
use std::time::Duration;

use axum::http::HeaderMap;
use axum::http::Uri;
use opentelemetry::propagation::TextMapPropagator;
use opentelemetry::trace::{Span as _, SpanKind, Status, Tracer, TracerProvider};
use opentelemetry::{Array, Context, KeyValue, StringValue, Value};
use opentelemetry_http::HeaderExtractor;
use opentelemetry_otlp::{Protocol, RetryPolicy, SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{SdkTracer, SdkTracerProvider, Span, SpanExporter as _};

pub use opentelemetry::trace::TraceId;

use crate::logs::{Review, clipped};
use crate::metrics::{Metrics, Shed};

/// The path that OTLP over HTTP gives to traces, where the endpoint names none.
const PATH: &str = "/v1/traces";

/// How long the collector may take to accept a batch.
const PATIENCE: Duration = Duration::from_secs(5);

/// Where spans are made; costs nothing when traces are off.
#[derive(Debug, Default)]
pub struct Traces {
    on: Option<On>,
}

#[derive(Debug)]
struct On {
    tracer: SdkTracer,
    queue: export::Queue,
}

impl Traces {
    /// No traces.
    pub const fn off() -> Self {
        Self { on: None }
    }

    /// Traces to a collector's OTLP/HTTP endpoint, such as `http://collector:4318`; `/v1/traces` is added where the URL has no
    /// path. Of OpenTelemetry's environment variables, those for the sampler, the resource and the headers count.
    ///
    /// Must be called inside a tokio runtime, on which batches are sent.
    ///
    /// # Errors
    /// When the endpoint is no URL, or is https and there are no certificate authorities to trust.
    pub fn start(endpoint: &str, metrics: Arc<Metrics>) -> Result<Self, String> {
        let url = url(endpoint)?;
        let client = client::Client::new(&url, PATIENCE)?;
        let last_error = client.last_error();
        let mut exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(client)
            .with_retry_policy(RetryPolicy::disabled())
            .with_protocol(Protocol::HttpBinary)
            .with_endpoint(url.to_string())
            .with_timeout(PATIENCE)
            .build()
            .map_err(|error| format!("--otlp-endpoint {endpoint}: {error}"))?;
        let resource = resource();
        exporter.set_resource(&resource);
        let queue = export::start(exporter, last_error, metrics);
        let provider = SdkTracerProvider::builder()
            .with_resource(resource)
            .with_span_processor(export::Enqueue::new(queue.clone()))
            .build();
        Ok(Self { on: Some(On { tracer: provider.tracer("daemonset-webhook"), queue }) })
    }

    /// A review has arrived with these headers. Its `traceparent` decides whose child the span is, and whether it is made at
    /// all.
    pub fn review(&self, headers: &HeaderMap) -> ReviewSpan {
        let Some(on) = &self.on else { return ReviewSpan { span: None } };
        let parent =
            TraceContextPropagator::new().extract_with_context(&Context::new(), &HeaderExtractor(headers));
        let span = on
            .tracer
            .span_builder("review")
            .with_kind(SpanKind::Server)
            .start_with_context(&on.tracer, &parent);
        ReviewSpan { span: span.is_recording().then_some(span) }
    }

    /// Sends what is queued, for no longer than `patience`.
    pub async fn flush(&self, patience: Duration) {
        if let Some(on) = &self.on {
            on.queue.flush(patience).await;
        }
    }
}

/// The span of one review; ends when it is dropped.
#[derive(Debug)]
pub struct ReviewSpan {
    span: Option<Span>,
}

impl ReviewSpan {
    /// The trace that the review belongs to, for the log; `None` when it is not traced.
    pub fn trace_id(&self) -> Option<TraceId> {
        self.span.as_ref().map(|span| span.span_context().trace_id())
    }

    /// A stage of the review is over, such as `read` or `judged`: an event in the span.
    pub fn passed(&mut self, stage: &'static str) {
        if let Some(span) = &mut self.span {
            span.add_event(stage, Vec::new());
        }
    }

    /// The review was answered. A denial is an answer, not an error.
    pub fn answered(&mut self, review: &Review<'_>) {
        let Some(span) = &mut self.span else { return };
        let text = |key: &'static str, value: &str| KeyValue::new(key, clipped(value).to_owned());
        let findings: Vec<StringValue> =
            review.findings.iter().map(|(rule, level)| format!("{rule}={level}").into()).collect();
        span.set_attributes([
            text("k8s.namespace.name", review.namespace),
            text("k8s.daemonset.name", review.name),
            text("admission.uid", review.uid),
            text("admission.operation", review.operation),
            text("enduser.id", review.user),
            KeyValue::new("admission.dry_run", review.dry_run),
            KeyValue::new("admission.allowed", review.allowed),
            KeyValue::new("admission.findings", Value::Array(Array::String(findings))),
            KeyValue::new("http.response.status_code", 200),
        ]);
    }

    /// The review was sent back to be retried.
    pub fn shed(&mut self, reason: Shed) {
        if let Some(span) = &mut self.span {
            span.set_attribute(KeyValue::new("admission.shed", reason.as_str()));
            let code = if reason == Shed::Draining { 503 } else { 429 };
            span.set_attribute(KeyValue::new("http.response.status_code", code));
        }
    }

    /// The review could not be answered: a 4xx or a fault of ours.
    pub fn failed(&mut self, code: u16, why: &str) {
        if let Some(span) = &mut self.span {
            span.set_attribute(KeyValue::new("http.response.status_code", i64::from(code)));
            span.set_status(Status::error(clipped(why).to_owned()));
        }
    }
}

/// The endpoint as the URL that batches are posted to.
fn url(endpoint: &str) -> Result<Uri, String> {
    let bad =
        |why: &str| format!("--otlp-endpoint {endpoint}: {why}; give a URL such as http://collector:4318");
    let uri: Uri = endpoint.parse().map_err(|error| bad(&format!("not a URL ({error})")))?;
    if !matches!(uri.scheme_str(), Some("http" | "https")) {
        return Err(bad("the scheme must be http or https (OTLP over gRPC is not spoken)"));
    }
    if uri.authority().is_some_and(|authority| authority.as_str().contains('@')) {
        return Err(bad("credentials belong in OTEL_EXPORTER_OTLP_HEADERS, where no log shows them"));
    }
    if uri.path() != "/" {
        return Ok(uri);
    }
    format!("{}{PATH}", endpoint.trim_end_matches('/'))
        .parse()
        .map_err(|error| bad(&format!("not a URL ({error})")))
}

/// Who we are, in every batch. What OpenTelemetry's environment variables say counts more.
fn resource() -> Resource {
    let said = Resource::builder().build();
    let absent = |key: &'static str| said.get_ref(&key.into()).is_none();
    let nameless =
        said.get_ref(&"service.name".into()).is_none_or(|name| name.as_str().starts_with("unknown_service"));
    let mut more = Vec::new();
    if nameless {
        more.push(KeyValue::new("service.name", "daemonset-webhook"));
    }
    if absent("service.version") {
        more.push(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")));
    }
    // In a pod, the pod's name.
    if absent("service.instance.id")
        && let Ok(host) = std::env::var("HOSTNAME")
    {
        more.push(KeyValue::new("service.instance.id", host));
    }
    Resource::builder().with_attributes(more).build()
}

#[cfg(test)]
mod tests;
