//! The answers to HTTP requests.

use std::time::Duration;

use arc_swap::ArcSwap;
use axum::body::to_bytes;
use axum::http::Request;
use daemonset_validation::Server;
use futures_util::StreamExt;
use http_body_util::{BodyExt, Limited};
use k8s_openapi::api::apps::v1::DaemonSet;
use serde_json::{Value, json};

use super::super::app::Policy;
use super::super::judges::Judges;
use super::super::limits::{Limits, Settings};
use super::super::phase::Switch;
use super::*;
use crate::metrics::Metrics;
use crate::placement::{Judgement, Old, Question};
use crate::policy::Levels;
use crate::review::PlacementJudge;
use crate::supervise::Supervisor;
use crate::trace::Traces;

const REVIEW: &str = r#"{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"u","operation":"CREATE",
    "kind":{"group":"apps","version":"v1","kind":"DaemonSet"},"object":{"apiVersion":"apps/v1","kind":"DaemonSet",
    "metadata":{"name":"a","namespace":"b"},"spec":{"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},
    "spec":{"containers":[{"name":"c","image":"i","terminationMessagePolicy":"File","imagePullPolicy":"Always"}],"restartPolicy":"Always",
    "dnsPolicy":"ClusterFirst","terminationGracePeriodSeconds":30}},"updateStrategy":{"type":"OnDelete"},"revisionHistoryLimit":1}}}}"#;

/// A placement that runs a function.
struct Running(fn());

impl PlacementJudge for Running {
    fn judge(&self, _: &DaemonSet, _: &mut dyn FnMut() -> Old, _: &Question<'_>) -> Judgement {
        (self.0)();
        Judgement::default()
    }
}

fn app(placement: Option<Arc<dyn PlacementJudge>>, settings: Settings) -> Arc<App> {
    let metrics = Arc::new(Metrics::new());
    Arc::new(App {
        judges: Judges::start(&settings, &metrics, &Supervisor::new(metrics.clone())).unwrap(),
        policy: ArcSwap::from_pointee(Policy {
            levels: Levels::default(),
            server: Some(Server::newest()),
            named_nodes: 3,
            faultless: Arc::default(),
        }),
        placement,
        limits: Limits::new(settings),
        metrics,
        switch: Switch::default(),
        traces: Traces::off(),
    })
}

fn settings() -> Settings {
    Settings { body: 16_384, ..Settings::for_cores(1) }
}

fn post_to(path: &str, body: impl Into<Body>) -> Request<Body> {
    Request::post(path).header("Content-Type", "application/json").body(body.into()).unwrap()
}

async fn ask(app: &Arc<App>, request: Request<Body>) -> (StatusCode, HeaderMap, String) {
    let response = answer(app, request).await;
    let (parts, body) = response.into_parts();
    let text = String::from_utf8(to_bytes(body, usize::MAX).await.unwrap().to_vec()).unwrap();
    (parts.status, parts.headers, text)
}

#[tokio::test]
async fn a_review_is_answered() {
    let app = app(None, settings());
    for path in ["/validate", "/validate?timeout=3s", "/validate/daemonsets"] {
        let (status, headers, text) = ask(&app, post_to(path, REVIEW)).await;
        assert_eq!(status, StatusCode::OK, "{text}");
        assert_eq!(headers.get("content-type").unwrap(), "application/json");
        let answer: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(answer["response"], json!({ "uid": "u", "allowed": true }));
    }
}

#[tokio::test]
async fn a_request_that_is_not_a_review_gets_a_4xx() {
    let app = app(None, settings());
    let plain =
        Request::post("/validate").header("Content-Type", "text/plain").body(Body::from(REVIEW)).unwrap();
    let get = Request::get("/validate").body(Body::empty()).unwrap();
    let pieces =
        Body::new(Limited::new(Body::from(vec![b' '; 20_000]), usize::MAX).map_err(std::io::Error::other));
    for (request, expected) in [
        (plain, StatusCode::UNSUPPORTED_MEDIA_TYPE),
        (get, StatusCode::METHOD_NOT_ALLOWED),
        (post_to("/elsewhere", REVIEW), StatusCode::NOT_FOUND),
        (post_to("/validate", "{"), StatusCode::BAD_REQUEST),
        (post_to("/validate", ""), StatusCode::BAD_REQUEST),
        (post_to("/validate", vec![b' '; 20_000]), StatusCode::PAYLOAD_TOO_LARGE),
        (post_to("/validate", pieces), StatusCode::PAYLOAD_TOO_LARGE),
        (post_to("/validate", vec![0xff, 0xfe]), StatusCode::BAD_REQUEST),
    ] {
        let (status, headers, text) = ask(&app, request).await;
        assert_eq!(status, expected, "{text}");
        assert_eq!(headers.get("connection").unwrap(), "close", "its body may not have been read");
    }
}

#[tokio::test]
async fn a_panic_is_answered_with_500_and_counted() {
    let broken = Arc::new(Running(|| panic!("a fault")));
    let app = app(Some(broken), settings());
    let (status, ..) = ask(&app, post_to("/validate", REVIEW)).await;
    assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(app.metrics.render().contains("daemonset_webhook_panics_total 1"));
}

#[tokio::test]
async fn a_placement_that_takes_too_long_is_not_awaited() {
    let slow = Arc::new(Running(|| std::thread::sleep(Duration::from_millis(600))));
    let app = app(Some(slow), settings());
    let (status, _, text) = ask(&app, post_to("/validate?timeout=1s", REVIEW)).await;
    assert_eq!(status, StatusCode::OK);
    assert!(text.contains("placement is unknown: too many reviews"), "{text}");
}

#[tokio::test]
async fn a_review_beyond_the_limit_is_asked_to_retry() {
    let app = app(None, Settings { in_flight: 1, ..settings() });
    let place = app.limits.enter(&app.limits.stranger()).await;
    let (status, headers, _) = ask(&app, post_to("/validate", REVIEW)).await;
    assert_eq!(
        (status, headers.get("retry-after").unwrap().to_str().unwrap()),
        (StatusCode::TOO_MANY_REQUESTS, "1")
    );
    assert!(headers.get("connection").is_none(), "the retry uses the same connection");

    // The unread rest of a body would be taken for the next request.
    let endless = Body::from_stream(futures_util::stream::pending::<Result<Bytes, std::io::Error>>());
    let (status, headers, _) = ask(&app, post_to("/validate", endless)).await;
    assert_eq!(
        (status, headers.get("connection").unwrap().to_str().unwrap()),
        (StatusCode::TOO_MANY_REQUESTS, "close")
    );
    drop(place);
    assert_eq!(ask(&app, post_to("/validate", REVIEW)).await.0, StatusCode::OK);
}

#[tokio::test]
async fn a_client_that_sends_nothing_takes_no_memory() {
    let app = app(None, Settings { bodies: 16_384, ..settings() });
    let waiting = {
        let app = app.clone();
        let endless = Body::from_stream(futures_util::stream::pending::<Result<Bytes, std::io::Error>>());
        tokio::spawn(async move { ask(&app, post_to("/validate?timeout=30s", endless)).await.0 })
    };
    tokio::task::yield_now().await;
    assert_eq!(ask(&app, post_to("/validate?timeout=1s", REVIEW)).await.0, StatusCode::OK);
    assert!(!waiting.is_finished());
    waiting.abort();
}

#[tokio::test]
async fn a_replica_that_shuts_down_answers_and_closes_connections() {
    let app = app(None, settings());
    app.switch.enter(Phase::Leaving);
    let (status, headers, _) = ask(&app, post_to("/validate", REVIEW)).await;
    assert_eq!((status, headers.get("connection").unwrap().to_str().unwrap()), (StatusCode::OK, "close"));
    app.switch.enter(Phase::Refusing);
    let (status, headers, _) = ask(&app, post_to("/validate", REVIEW)).await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(headers.get("connection").unwrap(), "close");
    assert_eq!(headers.get("retry-after").unwrap(), "0");
}

#[tokio::test]
async fn a_timeout_is_believed_up_to_the_configured_one() {
    let app = app(None, Settings { longest: Duration::from_millis(300), body: 8 << 20, ..settings() });
    // Fast enough for the least rate, so that only the deadline ends it.
    let slow = futures_util::stream::unfold((), |()| async {
        tokio::time::sleep(Duration::from_millis(20)).await;
        Some((Ok::<_, std::io::Error>(Bytes::from(vec![b' '; 4096])), ()))
    });
    let request = post_to("/validate?timeout=30s", Body::from_stream(slow));
    let answered = tokio::time::timeout(Duration::from_secs(20), ask(&app, request)).await.unwrap();
    assert_eq!(answered.0, StatusCode::REQUEST_TIMEOUT);
    assert!(app.metrics.render().contains("daemonset_webhook_refused_total{reason=\"slow-body\"} 1"));
}

#[tokio::test]
async fn a_body_that_stops_arriving_is_not_awaited() {
    let app = app(None, Settings { longest: Duration::from_secs(20), ..settings() });
    let stops = futures_util::stream::iter([Ok::<_, std::io::Error>(Bytes::from_static(b"{"))])
        .chain(futures_util::stream::pending());
    let request = post_to("/validate?timeout=30s", Body::from_stream(stops));
    let answered = tokio::time::timeout(Duration::from_secs(15), ask(&app, request)).await.unwrap();
    assert_eq!(answered.0, StatusCode::REQUEST_TIMEOUT, "the least rate ends it, long before its deadline");
}

#[tokio::test]
async fn requests_that_are_malformed_are_counted() {
    let app = app(None, settings());
    for (path, body) in [("/elsewhere", ""), ("/validate", "{"), ("/validate", "[]")] {
        ask(&app, post_to(path, body)).await;
    }
    let text = app.metrics.render();
    for line in ["{reason=\"path\"} 1", "{reason=\"review\"} 2", "{reason=\"body\"} 0"] {
        assert!(text.contains(&format!("daemonset_webhook_malformed_total{line}")), "{line}");
    }
}
