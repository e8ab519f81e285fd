//! Access to the metrics by bearer token, with an API server that is a function.

use std::sync::atomic::{AtomicUsize, Ordering};

use http_body_util::BodyExt;
use kube::client::Body;
use serde_json::{Value, json};
use tower::service_fn;

use super::*;

/// What the API server was asked.
type Asked = Arc<Mutex<Vec<Value>>>;

/// An API server that knows the tokens `good` and `other`, of which only the user of `good` may read the metrics. It does not answer about
/// `broken`.
fn reviewer() -> (Reviewer, Asked) {
    let asked = Asked::default();
    let kept = asked.clone();
    let service = service_fn(move |request: axum::http::Request<Body>| {
        let kept = kept.clone();
        async move {
            let path = request.uri().path().to_owned();
            let body = request.into_body().collect().await.unwrap().to_bytes();
            let mut object: Value = serde_json::from_slice(&body).unwrap();
            kept.lock().unwrap().push(object.clone());
            let (code, status) = match path.as_str() {
                "/apis/authentication.k8s.io/v1/tokenreviews" => {
                    match object["spec"]["token"].as_str().unwrap() {
                        token @ ("good" | "other") => (
                            201,
                            json!({ "authenticated": true, "user": { "username": token, "groups": ["g"] } }),
                        ),
                        "broken" => (500, json!({})),
                        _ => (201, json!({ "authenticated": false, "user": {}, "error": "unknown" })),
                    }
                }
                "/apis/authorization.k8s.io/v1/subjectaccessreviews" => {
                    (201, json!({ "allowed": object["spec"]["user"] == "good" }))
                }
                path => panic!("{path}"),
            };
            object["status"] = status;
            let response = axum::http::Response::builder()
                .status(code)
                .body(Body::from(object.to_string().into_bytes()));
            Ok::<_, tower::BoxError>(response.unwrap())
        }
    });
    (Reviewer::new(Client::new(service, "default")), asked)
}

fn headers(authorization: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(header::AUTHORIZATION, authorization.parse().unwrap());
    headers
}

#[tokio::test]
async fn only_those_whom_the_api_server_allows_read_the_metrics() {
    let (reviewer, asked) = reviewer();
    let access = Access::Token(Box::new(reviewer));
    for (authorization, answer) in [
        ("Bearer good", Ok(())),
        ("bearer  good", Ok(())),
        ("Bearer other", Err(Denied::Forbidden("other".to_owned()))),
        ("Bearer nobody", Err(Denied::Unknown)),
        ("Bearer broken", Err(Denied::Undecided)),
        ("Bearer ", Err(Denied::Unknown)),
        ("Basic good", Err(Denied::Unknown)),
        ("good", Err(Denied::Unknown)),
    ] {
        assert_eq!(access.check(&headers(authorization)).await, answer, "{authorization}");
    }
    assert_eq!(access.check(&HeaderMap::new()).await, Err(Denied::Unknown));
    let long = format!("Bearer {}", "a".repeat(MAX_TOKEN_BYTES + 1));
    assert_eq!(access.check(&headers(&long)).await, Err(Denied::Unknown));
    let asked = asked.lock().unwrap().clone();
    let tokens = asked.iter().filter_map(|object| object["spec"]["token"].as_str());
    assert_eq!(
        tokens.collect::<Vec<_>>(),
        ["good", "other", "nobody", "broken"],
        "each once, and no long one"
    );
    let question = asked.iter().find(|object| object["kind"] == "SubjectAccessReview").unwrap();
    assert_eq!(
        question["spec"],
        json!({ "user": "good", "groups": ["g"], "nonResourceAttributes": { "path": "/metrics", "verb": "get" } })
    );
    assert_eq!(Access::Open.check(&HeaderMap::new()).await, Ok(()));
}

#[tokio::test]
async fn answers_are_used_again_but_failures_are_not() {
    let (reviewer, asked) = reviewer();
    for _ in 0..5 {
        assert_eq!(reviewer.check("good").await, Ok(()));
        assert_eq!(reviewer.check("broken").await, Err(Denied::Undecided));
    }
    let count = |wanted: &str| {
        let asked = asked.lock().unwrap();
        asked.iter().filter(|object| object["spec"]["token"] == wanted).count()
    };
    assert_eq!((count("good"), count("broken")), (1, 5));
    // Invented tokens push out invented tokens.
    for number in 0..200 {
        assert_eq!(reviewer.check(&format!("made-up-{number}")).await, Err(Denied::Unknown));
    }
    assert_eq!(reviewer.check("good").await, Ok(()));
    assert_eq!(count("good"), 1);
    assert!(reviewer.denied.lock().unwrap().len() <= REMEMBERED.get());
}

#[tokio::test]
async fn few_questions_are_asked_at_once() {
    let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (count, peak) = (now.clone(), most.clone());
    let service = service_fn(move |_: axum::http::Request<Body>| {
        let (count, peak) = (count.clone(), peak.clone());
        async move {
            peak.fetch_max(count.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            tokio::time::sleep(Duration::from_millis(5)).await;
            count.fetch_sub(1, Ordering::SeqCst);
            let body = Body::from(br#"{"status":{"authenticated":false}}"#.to_vec());
            Ok::<_, tower::BoxError>(axum::http::Response::new(body))
        }
    });
    let reviewer = Arc::new(Reviewer::new(Client::new(service, "default")));
    let tasks: Vec<_> = (0..40)
        .map(|number| {
            let reviewer = reviewer.clone();
            tokio::spawn(async move { reviewer.check(&number.to_string()).await })
        })
        .collect();
    for task in tasks {
        let _ = task.await.unwrap();
    }
    let most = most.load(Ordering::SeqCst);
    assert!((1..=AT_ONCE).contains(&most), "{most} at once");
}
