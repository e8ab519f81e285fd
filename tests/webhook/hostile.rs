//! Malformed and hostile reviews get an answer that kube-apiserver accepts, or a 4xx, and never cause a panic. `review-fuzz` sends a
//! million; this test sends few, and also hostile bytes below HTTP.

#[path = "../bench/webhook/fuzz/raw.rs"]
mod raw;

use std::collections::BTreeMap;
use std::sync::Arc;

use daemonset_tests::reviews::hostile::{Hostile, fault};
use daemonset_tests::reviews::in_process::InProcess;
use daemonset_validation::Server;
use daemonset_webhook::server::{self, Minimum};
use rustls::pki_types::PrivateKeyDer;
use rustls::sign::{CertifiedKey, SingleCertAndKey};

const REQUESTS: u64 = 3_000;

#[tokio::test]
async fn every_request_is_answered_or_refused() {
    let webhooks = [InProcess::by_default(), InProcess::denying()];
    let hostile = Hostile::new(Server::supported().len() - 1, 4);
    let mut answered: BTreeMap<(&str, u16), u64> = BTreeMap::new();
    let mut faults = Vec::new();
    for number in 0..REQUESTS {
        let request = hostile.request(number);
        let pieces = if number % 8 == 5 { 1 + request.body.len() / 5 } else { 0 };
        let Some(answer) = webhooks[(number & 1) as usize].ask(&request, pieces).await else { continue };
        *answered.entry((request.kind, answer.status)).or_default() += 1;
        if let Some(why) = fault(&request, &answer) {
            faults.push(format!("{number} ({}): {why}", request.kind));
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
    for webhook in webhooks {
        assert_eq!(webhook.panics(), "daemonset_webhook_panics_total 0");
    }
    // A webhook that refused everything would pass too, so most that are reviews must have been judged.
    let count = |status| answered.get(&("a DaemonSet with mistakes", status)).copied().unwrap_or(0);
    assert!(count(200) > 500 && count(200) > 20 * count(400), "{answered:#?}");
    for kind in ["damaged bytes", "a damaged structure", "deep", "an odd uid", "an odd content type"] {
        assert!(answered.keys().any(|(known, _)| *known == kind), "no request is {kind}: {answered:#?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hostile_bytes_do_not_keep_others_from_their_answers() {
    let own = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let ca = folder.path().join("ca.crt");
    std::fs::write(&ca, own.cert.pem()).unwrap();
    let provider = rustls::crypto::ring::default_provider();
    let key = PrivateKeyDer::try_from(own.signing_key.serialize_der()).unwrap();
    let certified = CertifiedKey::from_der(vec![own.cert.der().clone()], key, &provider).unwrap();
    let tls = server::config(Arc::new(SingleCertAndKey::from(certified)), Minimum::Tls13).unwrap();

    let webhook = InProcess::by_default();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let serving = tokio::spawn(server::serve(listener, tls, webhook.app()));
    let faults = raw::round(address, &ca, "localhost", false).await.unwrap();
    assert_eq!(faults, 0);
    assert_eq!(webhook.panics(), "daemonset_webhook_panics_total 0");
    serving.abort();
}
