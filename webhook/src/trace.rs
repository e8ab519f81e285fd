//! Traces: sends a span for each review to an OpenTelemetry collector, if `--otlp-endpoint` names one.
//!
//! The OpenTelemetry crates make and encode the spans (0.4 MB of the binary, and no second TLS provider). The queue is our own: it is bounded,
//! reviews do not wait for it, and dropped spans are counted.

mod client;
mod export;

use std::sync::Arc;
use std::time::Duration;

use axum::http::HeaderMap;
use axum::http::Uri;
use opentelemetry::propagation::TextMapPropagator;
use opentelemetry::trace::{Span as _, SpanKind, Status, TraceId, Tracer, TracerProvider};
use opentelemetry::{Array, Context, KeyValue, StringValue, Value};
use opentelemetry_http::HeaderExtractor;
use opentelemetry_otlp::{Protocol, RetryPolicy, SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{SdkTracer, SdkTracerProvider, Span, SpanExporter as _};

use crate::logs::{Review, clipped};
use crate::metrics::{Metrics, Shed};

/// The path for traces in OTLP over HTTP. It is used if the endpoint has no path.
const PATH: &str = "/v1/traces";

/// Timeout of a request with a batch.
const BATCH_TIMEOUT: Duration = Duration::from_secs(5);

/// Makes spans. Costs nothing if traces are off.
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

    /// Sends traces to the OTLP/HTTP endpoint of a collector, such as `http://collector:4318`. `/v1/traces` is added if the URL has no path.
    /// OpenTelemetry's environment variables for sampler, resource and headers are respected.
    ///
    /// Must be called inside a tokio runtime, on which batches are sent.
    ///
    /// # Errors
    ///
    /// A message, if the endpoint is not an http or https URL, or if it is https and there are no CA certificates to trust.
    pub fn start(endpoint: &str, metrics: Arc<Metrics>) -> Result<Self, String> {
        let url = url(endpoint)?;
        let client = client::Client::new(&url, BATCH_TIMEOUT)?;
        let last_error = client.last_error();
        let mut exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(client)
            .with_retry_policy(RetryPolicy::disabled())
            .with_protocol(Protocol::HttpBinary)
            .with_endpoint(url.to_string())
            .with_timeout(BATCH_TIMEOUT)
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

    /// Starts the span of a review. The `traceparent` header names the parent span and says whether the trace is sampled.
    pub(crate) fn review(&self, headers: &HeaderMap) -> ReviewSpan {
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

    /// Sends the queued spans. Waits at most `patience`.
    pub(crate) async fn flush(&self, patience: Duration) {
        if let Some(on) = &self.on {
            on.queue.flush(patience).await;
        }
    }
}

/// The span of one review; ends when it is dropped.
#[derive(Debug)]
pub(crate) struct ReviewSpan {
    span: Option<Span>,
}

impl ReviewSpan {
    /// The trace of the review, for the log; `None` if it is not traced.
    pub(crate) fn trace_id(&self) -> Option<TraceId> {
        self.span.as_ref().map(|span| span.span_context().trace_id())
    }

    /// Adds an event to the span: a stage of the review is finished, such as `read`.
    pub(crate) fn passed(&mut self, stage: &'static str) {
        if let Some(span) = &mut self.span {
            span.add_event(stage, Vec::new());
        }
    }

    /// Adds the attributes of an answered review. A denial is not an error.
    pub(crate) fn answered(&mut self, review: &Review<'_>) {
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

    /// The review was refused and will be retried.
    pub(crate) fn shed(&mut self, reason: Shed) {
        if let Some(span) = &mut self.span {
            span.set_attribute(KeyValue::new("admission.shed", reason.as_str()));
            let code = if reason == Shed::Draining { 503 } else { 429 };
            span.set_attribute(KeyValue::new("http.response.status_code", code));
        }
    }

    /// The review failed with a 4xx or an internal error.
    pub(crate) fn failed(&mut self, code: u16, why: &str) {
        if let Some(span) = &mut self.span {
            span.set_attribute(KeyValue::new("http.response.status_code", i64::from(code)));
            span.set_status(Status::error(clipped(why).to_owned()));
        }
    }
}

/// The URL that batches are posted to.
fn url(endpoint: &str) -> Result<Uri, String> {
    let bad =
        |why: &str| format!("--otlp-endpoint {endpoint}: {why}; give a URL such as http://collector:4318");
    let uri: Uri = endpoint.parse().map_err(|error| bad(&format!("not a URL ({error})")))?;
    if !matches!(uri.scheme_str(), Some("http" | "https")) {
        return Err(bad("the scheme must be http or https (OTLP over gRPC is not supported)"));
    }
    if uri.authority().is_some_and(|authority| authority.as_str().contains('@')) {
        return Err(bad("put credentials into OTEL_EXPORTER_OTLP_HEADERS, which is not logged"));
    }
    if uri.path() != "/" {
        return Ok(uri);
    }
    format!("{}{PATH}", endpoint.trim_end_matches('/'))
        .parse()
        .map_err(|error| bad(&format!("not a URL ({error})")))
}

/// The resource attributes of all spans. OpenTelemetry's environment variables take precedence.
fn resource() -> Resource {
    let given = Resource::builder().build();
    let absent = |key: &'static str| given.get_ref(&key.into()).is_none();
    let nameless =
        given.get_ref(&"service.name".into()).is_none_or(|name| name.as_str().starts_with("unknown_service"));
    let mut more = Vec::new();
    if nameless {
        more.push(KeyValue::new("service.name", "daemonset-webhook"));
    }
    if absent("service.version") {
        more.push(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")));
    }
    // In a pod, the host name is the name of the pod.
    if absent("service.instance.id")
        && let Ok(host) = std::env::var("HOSTNAME")
    {
        more.push(KeyValue::new("service.instance.id", host));
    }
    Resource::builder().with_attributes(more).build()
}

#[cfg(test)]
mod tests;
