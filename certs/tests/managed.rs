//! Certificates of our own at an API server: replicas that start at once, rotations under load, and other people's hands.
#![allow(dead_code, unused_imports)]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::arithmetic_side_effects)]

mod fake;

use std::sync::Arc;
use std::time::{Duration, Instant};

use daemonset_certs::managed::{self, Options};
use daemonset_certs::rotation::Terms;
use daemonset_certs::{Resolver, Served};
use fake::{CONFIGURATION, Fake, LEASE, NAMESPACE, SECRET};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use serde_json::json;
use tokio::task::JoinHandle;

const NAME: &str = "hook.hooks.svc";
const PROPAGATION: Duration = Duration::from_secs(1);

fn options() -> Options {
    let mut options = Options::new(NAMESPACE, "certificates", "hook");
    options.webhook_configuration = Some("hook".to_owned());
    let seconds = Duration::from_secs;
    options.terms = Terms::new(seconds(3600), seconds(900), seconds(300), PROPAGATION).unwrap();
    options.lease_duration = seconds(2);
    options
}

/// A replica: what it serves, and its work, which ends with the test or when it is aborted.
struct Replica {
    served: Served,
    work: JoinHandle<()>,
}

impl Drop for Replica {
    fn drop(&mut self) {
        self.work.abort();
    }
}

fn replica(fake: &Fake, options: Options) -> Replica {
    let (served, work) = managed::keep(fake.client(), options);
    Replica { served, work: tokio::spawn(work) }
}

impl Replica {
    fn serial(&self) -> Option<String> {
        self.served.borrow().as_ref().map(|serving| serving.serial.clone())
    }
}

/// Waits until something is so, and says how long it took.
async fn until(what: &str, mut so: impl FnMut() -> bool) -> Duration {
    let start = Instant::now();
    while !so() {
        assert!(start.elapsed() < Duration::from_secs(20), "waited too long until {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    start.elapsed()
}

/// Whether a client that trusts `bundle` accepts what the replica serves.
fn trusts(bundle: &[u8], served: &Served) -> Result<(), String> {
    let serving = served.borrow().clone().ok_or("nothing is served")?;
    let mut roots = rustls::RootCertStore::empty();
    roots.add_parsable_certificates(CertificateDer::pem_slice_iter(bundle).map(Result::unwrap));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier = rustls::client::WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider)
        .build()
        .map_err(|error| error.to_string())?;
    use rustls::client::danger::ServerCertVerifier;
    let name = ServerName::try_from(NAME).unwrap();
    verifier
        .verify_server_cert(&serving.key.cert[0], &[], &name, &[], rustls::pki_types::UnixTime::now())
        .map(|_| ())
        .map_err(|error| error.to_string())
}

fn authorities(bundle: &[u8]) -> usize {
    CertificateDer::pem_slice_iter(bundle).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_replicas_that_start_at_once_make_one_certificate_and_publish_it() {
    let fake = Fake::start().await;
    fake.install();
    let replicas = [replica(&fake, options()), replica(&fake, options())];
    let took = until("both serve", || replicas.iter().all(|one| one.serial().is_some())).await;
    assert!(took < Duration::from_secs(1), "{took:?}");
    until("the bundle is published", || !fake.bundle(Duration::ZERO).is_empty()).await;
    assert_eq!(replicas[0].serial(), replicas[1].serial());
    assert_eq!(fake.bundle(Duration::ZERO), fake.secret("ca.crt"));
    trusts(&fake.secret("ca.crt"), &replicas[0].served).unwrap();
    until("the Lease is given back", || {
        fake.get(LEASE).is_some_and(|lease| lease["spec"]["holderIdentity"] == "")
    })
    .await;
    let writes = |path: &str| fake.writes().iter().filter(|write| write.ends_with(path)).count();
    assert_eq!((writes(SECRET), writes(CONFIGURATION)), (1, 1), "{:?}", fake.writes());
    // Nothing is written any more, and little is read.
    let (before, requests) = (fake.writes(), fake.requests());
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(fake.writes(), before);
    let requests = fake.requests() - requests;
    assert!(requests <= 48, "{requests} requests in two seconds");
}
