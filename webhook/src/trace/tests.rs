//! Traces, as a collector on loopback receives them.

use std::sync::Mutex;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::trace::v1::Span as Told;
use prost::Message;

use super::*;
use crate::config::Level;

const MOMENT: Duration = Duration::from_secs(10);

#[derive(Clone, Default)]
struct Collector {
    batches: Arc<Mutex<Vec<ExportTraceServiceRequest>>>,
    kinds: Arc<Mutex<Vec<String>>>,
}

impl Collector {
    async fn start() -> (Self, String) {
        async fn take(State(collector): State<Collector>, headers: HeaderMap, body: Bytes) -> StatusCode {
            let kind = headers["content-type"].to_str().unwrap().to_owned();
            collector.kinds.lock().unwrap().push(kind);
            collector.batches.lock().unwrap().push(ExportTraceServiceRequest::decode(body).unwrap());
            StatusCode::OK
        }
        let collector = Self::default();
        let router = Router::new().route("/v1/traces", post(take)).with_state(collector.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        (collector, url)
    }

    fn spans(&self) -> Vec<Told> {
        let batches = self.batches.lock().unwrap();
        let scopes =
            batches.iter().flat_map(|batch| &batch.resource_spans).flat_map(|spans| &spans.scope_spans);
        scopes.flat_map(|scope| scope.spans.clone()).collect()
    }
}

fn review(name: &str) -> Review<'_> {
    Review {
        uid: "d9b5",
        operation: "CREATE",
        namespace: "default",
        name,
        user: "anna",
        dry_run: false,
        allowed: false,
        findings: &[("host-port-clash", Level::Deny), ("skips-nodes", Level::Warn)],
        micros: 41,
        trace: None,
    }
}

fn headers(traceparent: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert("traceparent", traceparent.parse().unwrap());
    headers
}

fn value(span: &Told, key: &str) -> String {
    let attribute = span.attributes.iter().find(|attribute| attribute.key == key);
    format!("{:?}", attribute.and_then(|attribute| attribute.value.clone()).and_then(|value| value.value))
}

fn count(metrics: &Metrics, name: &str) -> u64 {
    let text = metrics.render();
    let name = format!("daemonset_webhook_{name} ");
    text.lines().find_map(|line| line.strip_prefix(&name)).unwrap().parse().unwrap()
}

#[tokio::test]
async fn a_review_is_a_span_of_its_callers_trace() {
    let (collector, url) = Collector::start().await;
    let metrics = Arc::new(Metrics::new());
    let traces = Traces::start(&url, metrics.clone()).unwrap();
    let mut span = traces.review(&headers("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"));
    assert_eq!(span.trace_id().unwrap().to_string(), "0af7651916cd43dd8448eb211c80319c");
    span.passed("judged");
    span.answered(&review("agent"));
    drop(span);
    // A parent that is not sampled, and no parent.
    assert!(
        traces
            .review(&headers("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"))
            .trace_id()
            .is_none()
    );
    let mut shed = traces.review(&HeaderMap::new());
    shed.shed(Shed::Draining);
    drop(shed);
    traces.flush(MOMENT).await;

    let spans = collector.spans();
    assert_eq!(spans.len(), 2, "{spans:#?}");
    let span = &spans[0];
    assert_eq!(span.name, "review");
    assert_eq!(span.kind, 2);
    assert_eq!(span.parent_span_id, 0xb7ad_6b71_6920_3331_u64.to_be_bytes());
    assert!(span.end_time_unix_nano >= span.start_time_unix_nano);
    assert_eq!(span.events[0].name, "judged");
    assert!(value(span, "k8s.daemonset.name").contains("\"agent\""), "{span:#?}");
    assert!(value(span, "admission.allowed").contains("false"));
    let findings = value(span, "admission.findings");
    assert!(findings.contains("host-port-clash=deny") && findings.contains("skips-nodes=warn"), "{findings}");
    assert_eq!(span.status.clone().unwrap_or_default().code, 0, "a denial is no error");
    assert!(value(&spans[1], "admission.shed").contains("draining"));
    assert!(spans[1].parent_span_id.is_empty());
    assert_eq!(collector.kinds.lock().unwrap()[0], "application/x-protobuf");
    let batches = collector.batches.lock().unwrap();
    let resource = format!("{:?}", batches[0].resource_spans[0].resource);
    assert!(resource.contains("service.name") && resource.contains("daemonset-webhook"), "{resource}");
    assert_eq!((count(&metrics, "spans_exported_total"), count(&metrics, "spans_dropped_total")), (2, 0));
}

/// Hostile headers start a new trace, and hostile names make a span of bounded size.
#[tokio::test]
async fn hostile_headers_are_no_parent() {
    let (collector, url) = Collector::start().await;
    let traces = Traces::start(&url, Arc::new(Metrics::new())).unwrap();
    for traceparent in [
        "",
        "00",
        "00-00000000000000000000000000000000-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
        "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "00-0AF7651916CD43DD8448EB211C80319Z-b7ad6b7169203331-01",
        &"0".repeat(100_000),
    ] {
        let mut span = traces.review(&headers(traceparent));
        assert_ne!(span.trace_id().unwrap().to_string(), "0af7651916cd43dd8448eb211c80319c", "{traceparent}");
        span.answered(&review(&"x".repeat(1 << 20)));
        span.failed(400, &"y".repeat(1 << 20));
    }
    traces.flush(MOMENT).await;
    let spans = collector.spans();
    assert_eq!(spans.len(), 7);
    for span in spans {
        assert!(span.encoded_len() < 4096, "{}", span.encoded_len());
        assert!(span.parent_span_id.is_empty());
    }
}

/// A collector that cannot be reached or never answers costs the memory of the queue and nothing else.
#[tokio::test]
async fn spans_are_dropped_when_the_collector_does_not_accept_them() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let metrics = Arc::new(Metrics::new());
    // A collector that accepts connections and never answers.
    let traces = Traces::start(&format!("http://{address}/"), metrics.clone()).unwrap();
    let start = std::time::Instant::now();
    for _ in 0..10_000 {
        traces.review(&HeaderMap::new()).answered(&review("agent"));
    }
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
    assert!(count(&metrics, "spans_dropped_total") >= 7_000);
    traces.flush(Duration::from_millis(50)).await;
    assert!(start.elapsed() < Duration::from_secs(8), "{:?}", start.elapsed());

    // A collector that refuses connections.
    drop(listener);
    let metrics = Arc::new(Metrics::new());
    let traces = Traces::start(&format!("http://{address}/"), metrics.clone()).unwrap();
    drop(traces.review(&HeaderMap::new()));
    traces.flush(MOMENT).await;
    assert_eq!((count(&metrics, "spans_exported_total"), count(&metrics, "spans_dropped_total")), (0, 1));
}

#[tokio::test]
async fn an_endpoint_is_a_url() {
    for (endpoint, posted) in [
        ("http://collector:4318", "http://collector:4318/v1/traces"),
        ("http://collector:4318/", "http://collector:4318/v1/traces"),
        ("https://collector/otlp/v1/traces", "https://collector/otlp/v1/traces"),
        ("http://[::1]:4318", "http://[::1]:4318/v1/traces"),
    ] {
        assert_eq!(url(endpoint).unwrap().to_string(), posted);
    }
    for endpoint in
        ["", "collector:4318", "grpc://collector:4317", "/v1/traces", "http://", "http://a:b@collector"]
    {
        let said = Traces::start(endpoint, Arc::new(Metrics::new())).unwrap_err();
        assert!(said.starts_with(&format!("--otlp-endpoint {endpoint}: ")), "{said}");
    }
}

#[test]
fn traces_that_are_off_cost_nothing() {
    let traces = Traces::off();
    let mut span = traces.review(&headers("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"));
    span.passed("judged");
    span.answered(&review("agent"));
    assert!(span.trace_id().is_none());
}
