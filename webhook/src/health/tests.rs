//! Readiness and the HTTP listener.

use axum::body::Body;
use axum::http::Request;
use http_body_util::BodyExt;
use tower::ServiceExt;

use super::*;

const NOW: i64 = 1_800_000_000;
const LONG: Duration = Duration::from_secs(3600);

fn good() -> Health {
    let health = Health::new();
    health.listening();
    health.certificate(Some(NOW + 86_400 * 30));
    health
}

fn failed(readiness: &Readiness) -> Vec<String> {
    readiness
        .checks
        .iter()
        .filter(|check| !check.ok)
        .map(|check| format!("{}: {}", check.name, check.why))
        .collect()
}

#[test]
fn a_replica_is_ready_when_it_listens_with_a_certificate() {
    let health = Health::new();
    assert_eq!(
        failed(&health.readiness_at(NOW, LONG)),
        ["listener: the listener for reviews is not open yet", "certificate: no certificate is loaded yet"]
    );
    assert_eq!(
        good().readiness_at(NOW, LONG).to_string(),
        "[+]listener ok: the listener for reviews is open\n[+]shutdown ok: not shutting down\n\
         [+]certificate ok: the certificate is valid for 30 days\n[+]cache ok: off: placement is not checked\n\
         [+]config ok: no config file: the defaults are in use\n[+]parts ok: all background parts run\nreadyz check passed\n"
    );
}

#[test]
fn it_is_unready_before_the_certificate_expires() {
    let health = good();
    for (left, said) in [
        (60, ""),
        (59, "certificate: the certificate expires in 59 s and was not renewed"),
        (1, "certificate: the certificate expires in 1 s and was not renewed"),
        (0, "certificate: the certificate expired 0 s ago and was not renewed"),
        (-7_300, "certificate: the certificate expired 2 hours ago and was not renewed"),
    ] {
        health.certificate(Some(NOW + left));
        assert_eq!(failed(&health.readiness_at(NOW, LONG)).join(""), said);
    }
    health.certificate(Some(i64::MAX));
    assert!(health.readiness_at(NOW, LONG).is_ready());
    health.certificate(None);
    assert!(!health.readiness_at(NOW, LONG).is_ready());
}

#[test]
fn it_is_unready_while_it_drains() {
    let health = good();
    health.drain();
    assert!(health.is_draining());
    assert_eq!(
        failed(&health.readiness_at(NOW, LONG)),
        ["shutdown: shutting down: reviews in flight are still answered"]
    );
}

#[test]
fn a_cold_cache_delays_readiness_only_briefly() {
    let health = good();
    health
        .ask_cache(|| CacheState::Cold { missing: vec!["nodes".to_owned(), "pods (forbidden)".to_owned()] });
    assert_eq!(
        failed(&health.readiness_at(NOW, Duration::from_millis(100))),
        ["cache: cold, missing: nodes, pods (forbidden); the replica becomes ready without it in 5 s"]
    );
    let later = health.readiness_at(NOW, CACHE_GRACE);
    assert!(later.is_ready());
    assert!(
        later.to_string().contains(
            "[+]cache ok: cold, missing: nodes, pods (forbidden); reviews are answered without placement\n"
        ),
        "{later}"
    );
}

async fn ask(health: &Arc<Health>, metrics: &Arc<Metrics>, path: &str) -> (u16, String, String) {
    let request = Request::get(path).body(Body::empty()).unwrap();
    let response = router(health.clone(), metrics.clone()).oneshot(request).await.unwrap();
    let kind = response.headers()["content-type"].to_str().unwrap().to_owned();
    let code = response.status().as_u16();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (code, kind, String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test]
async fn the_listener_answers() {
    let (health, metrics) = (Arc::new(Health::new()), Arc::new(Metrics::new()));
    let plain = "text/plain; charset=utf-8";
    assert_eq!(ask(&health, &metrics, "/healthz").await, (200, plain.to_owned(), "ok\n".to_owned()));
    let (code, kind, text) = ask(&health, &metrics, "/readyz").await;
    assert_eq!((code, kind.as_str()), (503, plain));
    assert!(text.starts_with("[-]listener failed: "), "{text}");

    health.listening();
    health.certificate(Some(i64::MAX));
    let (code, kind, text) = ask(&health, &metrics, "/metrics").await;
    assert_eq!((code, kind.as_str()), (200, CONTENT_TYPE));
    assert!(text.contains("\ndaemonset_webhook_ready 1\n"), "{text}");
    assert_eq!(ask(&health, &metrics, "/readyz?verbose").await.0, 200);

    health.drain();
    assert_eq!(ask(&health, &metrics, "/healthz").await.0, 200);
    assert_eq!(ask(&health, &metrics, "/readyz").await.0, 503);
    assert!(ask(&health, &metrics, "/metrics").await.2.contains("\ndaemonset_webhook_ready 0\n"));

    let (code, _, text) = ask(&health, &metrics, "/").await;
    assert_eq!(code, 404);
    assert!(text.contains("/healthz, /readyz and /metrics"), "{text}");
    let (code, _, text) = ask(&health, &metrics, "/validate").await;
    assert_eq!(code, 404);
    assert!(text.contains("--listen"), "{text}");
}

#[test]
fn a_refused_config_file_is_told_and_the_replica_stays_ready() {
    for (instead, said) in [
        (Instead::Previous, "refused, and the previous one stays in use: /a: unknown"),
        (Instead::Defaults, "refused, and the defaults are in use, which deny nothing: /a: unknown"),
    ] {
        let health = good();
        health.ask_config(move || Some(Refused { errors: "/a: unknown".to_owned(), instead }));
        let readiness = health.readiness_at(NOW, LONG);
        assert!(readiness.is_ready());
        assert!(readiness.to_string().contains(&format!("[+]config ok: {said}\n")), "{readiness}");
    }
}

#[tokio::test]
async fn a_part_that_keeps_failing_makes_the_replica_unready_and_a_vital_one_unhealthy() {
    for (part, code) in [(Part::Cache, 200), (Part::Reviews, 500)] {
        let (health, metrics) = (Arc::new(good()), Arc::new(Metrics::new()));
        let supervisor = Supervisor::new(metrics.clone());
        health.ask_supervisor(supervisor.clone());
        assert!(health.readiness_at(NOW, LONG).is_ready());
        supervisor.keep(part, || async { panic!("again") });
        let unready = async {
            while health.readiness_at(NOW, LONG).is_ready() {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), unready).await.unwrap();
        let said = format!("parts: {} failed several times in a row; the log has the errors", part.as_str());
        assert_eq!(failed(&health.readiness_at(NOW, LONG)), [said]);
        let (found, _, text) = ask(&health, &metrics, "/healthz").await;
        assert_eq!(found, code, "{text}");
    }
}
