//! What readiness says.

use std::sync::Arc;

use daemonset_certs::{Fault, Validity};

use super::*;
use crate::metrics::Metrics;

const NOW: i64 = 1_800_000_000;
const LONG: Duration = Duration::from_secs(3600);

/// A certificate that has been valid for long and expires then.
fn until(not_after: i64) -> Option<Certificate> {
    Some(Certificate::until(not_after))
}

fn good() -> Health {
    let health = Health::new(Clock::default());
    health.listening();
    health.certificate(until(NOW + 86_400 * 30));
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
    let health = Health::new(Clock::default());
    assert_eq!(
        failed(&health.readiness_at(NOW, LONG)),
        ["listener: the listener for reviews is not open yet", "certificate: no certificate is loaded yet"]
    );
    assert_eq!(
        good().readiness_at(NOW, LONG).to_string(),
        "[+]listener ok: the listener for reviews is open\n[+]shutdown ok: not shutting down\n\
         [+]certificate ok: the certificate is valid for 30 days\n[+]cache ok: off: placement is not checked\n\
         [+]config ok: no config file: the defaults are in use\n[+]client-ca ok: off: clients need no certificate\n[+]parts ok: all background parts run\nreadyz check passed\n"
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
        health.certificate(until(NOW + left));
        assert_eq!(failed(&health.readiness_at(NOW, LONG)).join(""), said);
    }
    health.certificate(until(i64::MAX));
    assert!(health.readiness_at(NOW, LONG).is_ready());
    health.certificate(None);
    assert!(!health.readiness_at(NOW, LONG).is_ready());
}

#[test]
fn it_is_unready_until_the_certificate_is_valid() {
    let health = good();
    for (wait, said) in [
        (0, ""),
        (1, "certificate: the certificate is not valid for another 1 s"),
        (3_600, "certificate: the certificate is not valid for another 60 minutes"),
        (30 * 86_400, "certificate: the certificate is not valid for another 30 days"),
    ] {
        let validity = Validity { not_before: NOW + wait, not_after: i64::MAX };
        health.certificate(Some(Certificate { validity, fault: None }));
        assert_eq!(failed(&health.readiness_at(NOW, LONG)).join(""), said);
        assert!(health.readiness_at(NOW + wait, LONG).is_ready());
    }
}

#[test]
fn it_is_unready_with_a_certificate_for_another_host() {
    let health = good();
    let fault =
        Fault::Names { wanted: "hook.apps.svc".to_owned(), names: vec!["a".to_owned(), "b".to_owned()] };
    let validity = Validity { not_before: 0, not_after: i64::MAX };
    health.certificate(Some(Certificate { validity, fault: Some(fault) }));
    assert_eq!(
        failed(&health.readiness_at(NOW, LONG)),
        ["certificate: the certificate is for a, b, and not for hook.apps.svc, which the API server calls"]
    );
}

#[test]
fn the_certificate_is_judged_by_the_clock_that_was_given() {
    let health = Health::new(Clock::with(|| NOW));
    health.listening();
    health.certificate(until(NOW + 61));
    assert!(health.readiness().is_ready());
    health.certificate(until(NOW + 59));
    assert!(!health.readiness().is_ready());
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

#[test]
fn without_a_ca_of_clients_nobody_is_served() {
    for (usable, ready) in [(false, false), (true, true)] {
        let health = good();
        health.ask_callers(move || usable);
        assert_eq!(health.readiness_at(NOW, LONG).is_ready(), ready);
    }
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
    for (part, is_dead) in [(Part::Cache, false), (Part::Reviews, true)] {
        let health = good();
        let supervisor = Supervisor::new(Arc::new(Metrics::new()));
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
        assert_eq!(health.dead().is_some(), is_dead);
    }
}
