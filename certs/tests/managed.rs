//! Managed certificates against an API server: replicas that start at the same time, rotations under load, and changes by others.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::arithmetic_side_effects)]

mod fake;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use daemonset_certs::managed::{self, Options};
use daemonset_certs::rotation::Terms;
use daemonset_certs::{Clock, Resolver, Served};
use fake::{CONFIGURATION, Fake, LEASE, NAMESPACE, SECRET};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::{TlsAcceptor, TlsConnector};

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

/// A replica: the certificate that it serves, and its task, which is aborted when the replica is dropped.
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
    let client = options.clock.observe(fake.client());
    let (served, keeping) = managed::keep(client, options);
    Replica { served, work: tokio::spawn(keeping()) }
}

impl Replica {
    fn serial(&self) -> Option<String> {
        self.served.borrow().as_ref().map(|serving| serving.serial.clone())
    }
}

/// Waits until a condition holds. Returns how long it took.
async fn until(what: &str, mut so: impl FnMut() -> bool) -> Duration {
    let start = Instant::now();
    while !so() {
        assert!(start.elapsed() < Duration::from_secs(30), "waited too long until {what}");
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
    println!("both serve after {took:?}");
    assert!(took < Duration::from_secs(2), "{took:?}");
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
    // In the steady state nothing is written, and little is read.
    let (before, requests) = (fake.writes(), fake.requests());
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(fake.writes(), before);
    let requests = fake.requests() - requests;
    assert!(requests <= 48, "{requests} requests in two seconds");
}

/// Checks all the time that every bundle that a client may still use trusts every replica.
struct Watching {
    work: JoinHandle<()>,
    found: Arc<Mutex<BTreeSet<String>>>,
}

fn watching(fake: &Fake, replicas: &[Replica]) -> Watching {
    let found: Arc<Mutex<BTreeSet<String>>> = Arc::default();
    let served: Vec<Served> = replicas.iter().map(|replica| replica.served.clone()).collect();
    let (fake, faults) = (fake.clone(), found.clone());
    let work = tokio::spawn(async move {
        loop {
            for lag in [Duration::ZERO, PROPAGATION / 2] {
                let bundle = fake.bundle(lag);
                for served in served.iter().filter(|_| !bundle.is_empty()) {
                    if let Err(error) = trusts(&bundle, served) {
                        faults.lock().unwrap().insert(format!("{lag:?} behind: {error}"));
                    }
                }
            }
            tokio::time::sleep(Duration::from_millis(3)).await;
        }
    });
    Watching { work, found }
}

impl Watching {
    fn end(self) {
        self.work.abort();
        let found = self.found.lock().unwrap();
        assert!(found.is_empty(), "{found:?}");
    }
}

/// Waits until every replica serves the same certificate, the bundle is published, and the Lease is released.
async fn settled(fake: &Fake, replicas: &[Replica]) -> String {
    until("all is settled", || {
        let serial = replicas[0].serial();
        serial.is_some()
            && replicas.iter().all(|one| one.serial() == serial)
            && authorities(&fake.secret("ca.crt")) == 1
            && fake.bundle(Duration::ZERO) == fake.secret("ca.crt")
            && fake.get(LEASE).is_some_and(|lease| lease["spec"]["holderIdentity"] == "")
    })
    .await;
    replicas[0].serial().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_ca_whose_key_is_taken_away_is_replaced_in_two_phases() {
    let fake = Fake::start().await;
    fake.install();
    let replicas: Vec<Replica> = (0..3).map(|_| replica(&fake, options())).collect();
    let first = settled(&fake, &replicas).await;
    let old = fake.secret("ca.crt");
    let watching = watching(&fake, &replicas);
    fake.change(SECRET, |secret| {
        secret["data"].as_object_mut().unwrap().remove("ca.key");
    });
    until("both are trusted", || authorities(&fake.bundle(Duration::ZERO)) == 2).await;
    assert!(replicas.iter().all(|one| one.serial().as_ref() == Some(&first)));
    let introduced = Instant::now();
    until("a new certificate is served", || replicas.iter().any(|one| one.serial().as_ref() != Some(&first)))
        .await;
    assert!(introduced.elapsed() >= PROPAGATION / 2, "{:?}", introduced.elapsed());
    assert_eq!(authorities(&fake.bundle(Duration::ZERO)), 2);
    settled(&fake, &replicas).await;
    assert_ne!(fake.secret("ca.crt"), old);
    watching.end();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_secret_that_was_emptied_is_filled_and_what_is_served_stays_trusted() {
    let fake = Fake::start().await;
    fake.install();
    let replicas: Vec<Replica> = (0..2).map(|_| replica(&fake, options())).collect();
    let first = settled(&fake, &replicas).await;
    let watching = watching(&fake, &replicas);
    fake.change(SECRET, |secret| secret["data"] = json!(null));
    until("a new CA is published", || authorities(&fake.bundle(Duration::ZERO)) == 2).await;
    assert!(replicas.iter().all(|one| one.serial().as_ref() == Some(&first)));
    until("a new certificate is served", || replicas[0].serial().as_ref() != Some(&first)).await;
    assert_ne!(settled(&fake, &replicas).await, first);
    watching.end();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bundle_that_was_emptied_is_published_again_by_one() {
    let fake = Fake::start().await;
    fake.install();
    let replicas: Vec<Replica> = (0..3).map(|_| replica(&fake, options())).collect();
    settled(&fake, &replicas).await;
    let before = fake.writes().len();
    fake.change(CONFIGURATION, |configuration| {
        for webhook in configuration["webhooks"].as_array_mut().unwrap() {
            webhook["clientConfig"].as_object_mut().unwrap().remove("caBundle");
        }
    });
    settled(&fake, &replicas).await;
    let writes = fake.writes()[before..].iter().filter(|write| write.ends_with(CONFIGURATION)).count();
    assert_eq!(writes, 1, "{:?}", &fake.writes()[before..]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_writer_of_the_bundle_slows_down_publishing() {
    let fake = Fake::start().await;
    fake.install();
    let replicas = [replica(&fake, options())];
    settled(&fake, &replicas).await;
    let before = fake.writes().len();
    let start = Instant::now();
    while start.elapsed() < Duration::from_secs(4) {
        fake.change(CONFIGURATION, |configuration| {
            for webhook in configuration["webhooks"].as_array_mut().unwrap() {
                webhook["clientConfig"].as_object_mut().unwrap().remove("caBundle");
            }
        });
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let writes = fake.writes()[before..].iter().filter(|write| write.ends_with(CONFIGURATION)).count();
    assert!((1..=4).contains(&writes), "{writes} writes");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crashed_leader_delays_the_next_one_only_until_its_lease_expires() {
    let fake = Fake::start().await;
    fake.install();
    let spec = json!({ "holderIdentity": "dead", "leaseDurationSeconds": 2, "leaseTransitions": 3 });
    fake.put(LEASE, json!({ "metadata": { "name": "certificates" }, "spec": spec }));
    let replicas = [replica(&fake, options()), replica(&fake, options())];
    let served = until("both serve", || replicas.iter().all(|one| one.serial().is_some())).await;
    assert!(served < Duration::from_millis(1500), "the first certificate waits for no Lease: {served:?}");
    let published = until("the bundle is published", || !fake.bundle(Duration::ZERO).is_empty()).await;
    assert!(published > Duration::from_secs(1), "{published:?}");
    settled(&fake, &replicas).await;
    assert_eq!(fake.get(LEASE).unwrap()["spec"]["leaseTransitions"], 4);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_certificate_stays_in_use_while_the_api_server_is_down() {
    let fake = Fake::start().await;
    fake.install();
    let replicas = [replica(&fake, options())];
    let serial = settled(&fake, &replicas).await;
    fake.down(true);
    fake.change(SECRET, |secret| {
        secret["data"].as_object_mut().unwrap().remove("ca.key");
    });
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(replicas[0].serial(), Some(serial.clone()));
    fake.down(false);
    assert_ne!(until_other(&replicas[0], &serial).await, serial);
}

async fn until_other(replica: &Replica, serial: &str) -> String {
    until("another certificate is served", || replica.serial().as_deref() != Some(serial)).await;
    replica.serial().unwrap()
}

/// Serves TLS as the webhook does, and answers each connection with a byte.
async fn serve(served: Served) -> u16 {
    let config =
        rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_cert_resolver(Resolver::new(served));
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let Ok(mut stream) = acceptor.accept(stream).await else { return };
                let _ = stream.write_all(b"!").await;
                let _ = stream.shutdown().await;
            });
        }
    });
    port
}

/// Calls the replica as the API server does, with a CA bundle. Returns the certificate that was served.
async fn call(port: u16, bundle: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut roots = rustls::RootCertStore::empty();
    roots.add_parsable_certificates(CertificateDer::pem_slice_iter(bundle).map(Result::unwrap));
    let config =
        rustls::ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
    let stream = TcpStream::connect(("127.0.0.1", port)).await?;
    let connector = TlsConnector::from(Arc::new(config));
    let mut stream = connector.connect(ServerName::try_from(NAME).unwrap(), stream).await?;
    let certificate = stream.get_ref().1.peer_certificates().unwrap()[0].to_vec();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    assert_eq!(answer, b"!");
    Ok(certificate)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rotations_before_expiry_fail_no_call() {
    let fake = Fake::start().await;
    fake.install();
    let seconds = Duration::from_secs;
    let terms = Terms::new(seconds(10), seconds(8), seconds(5), PROPAGATION).unwrap();
    let replicas: Vec<Replica> = (0..2).map(|_| replica(&fake, Options { terms, ..options() })).collect();
    settled(&fake, &replicas).await;
    tokio::time::sleep(PROPAGATION).await;
    let ports = [serve(replicas[0].served.clone()).await, serve(replicas[1].served.clone()).await];
    let (mut calls, mut certificates) = (0_usize, BTreeSet::new());
    let (mut bundles, mut failed) = (BTreeSet::from([fake.bundle(Duration::ZERO)]), Vec::new());
    let start = Instant::now();
    // Three CAs are two complete rotations.
    while bundles.iter().filter(|bundle| authorities(bundle) == 1).count() < 3 {
        assert!(start.elapsed() < seconds(40), "the rotations did not come");
        let lag = PROPAGATION / 2 * u32::from(calls % 2 == 0);
        let bundle = fake.bundle(lag);
        match call(ports[calls / 2 % 2], &bundle).await {
            Ok(certificate) => certificates.insert(certificate),
            Err(error) => {
                failed.push(format!("{:?}, {lag:?} behind: {error}", start.elapsed()));
                false
            }
        };
        bundles.insert(bundle);
        calls += 1;
    }
    assert!(failed.is_empty(), "{} of {calls} calls failed: {failed:?}", failed.len());
    assert!(certificates.len() >= 3, "{} certificates in {calls} calls", certificates.len());
    println!("{calls} calls, {} certificates, {:?}, none failed", certificates.len(), start.elapsed());
}

/// A replica whose own clock is wrong by so many seconds.
fn wrong(fake: &Fake, seconds: i64) -> Replica {
    let clock = Clock::with(move || real() + seconds);
    replica(fake, Options { clock, ..options() })
}

/// The right time in Unix seconds, which the API server has.
fn real() -> i64 {
    i64::try_from(rustls::pki_types::UnixTime::now().as_secs()).unwrap()
}

const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;

/// What is in the Secret is valid by the API server's clock, and has nearly the whole lifetime before it.
fn fresh(replica: &Replica) -> Result<(), String> {
    let validity = replica.served.borrow().as_ref().ok_or("nothing is served")?.validity;
    let left = validity.not_after - real();
    if validity.contains(real()) && (890..=900).contains(&left) {
        Ok(())
    } else {
        Err(format!("{validity:?} at {}", real()))
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn replicas_whose_clocks_are_wrong_serve_certificates_that_the_api_server_accepts() {
    for clocks in
        [[HOUR, DAY, -HOUR], [30 * DAY, -400 * DAY, 5 * HOUR], [-DAY, -DAY, -DAY], [0, 90 * DAY, HOUR]]
    {
        let fake = Fake::start().await;
        fake.install();
        let replicas: Vec<Replica> = clocks.iter().map(|seconds| wrong(&fake, *seconds)).collect();
        // Every bundle trusts every served leaf by the API server's clock, from the first certificate on.
        let watching = {
            until("all serve", || replicas.iter().all(|one| one.serial().is_some())).await;
            watching(&fake, &replicas)
        };
        let first = settled(&fake, &replicas).await;
        replicas.iter().for_each(|one| fresh(one).unwrap());
        // A rotation of the CA, whoever leads it.
        fake.change(SECRET, |secret| {
            secret["data"].as_object_mut().unwrap().remove("ca.key");
        });
        until("a new certificate is served", || {
            replicas.iter().all(|one| one.serial().as_ref() != Some(&first))
        })
        .await;
        settled(&fake, &replicas).await;
        replicas.iter().for_each(|one| fresh(one).unwrap());
        // Nobody takes it for due or invalid by its own clock.
        let writes = fake.writes();
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert_eq!(fake.writes(), writes, "{clocks:?}");
        watching.end();
    }
}

/// What a replica without the API server's time, or an older one, makes of its clock: a CA and a leaf that are not valid yet.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_certificate_of_a_leader_that_is_ahead_is_not_served_and_is_replaced() {
    // Somebody else's installation, ten days ahead by its own clock.
    let ahead = Fake::start_without_time().await;
    ahead.install();
    let leader = wrong(&ahead, 10 * DAY);
    settled(&ahead, std::slice::from_ref(&leader)).await;
    drop(leader);
    let fake = Fake::start().await;
    fake.install();
    let replicas: Vec<Replica> = (0..3).map(|_| wrong(&fake, 0)).collect();
    let first = settled(&fake, &replicas).await;
    let watching = watching(&fake, &replicas);
    let data = ahead.get(SECRET).unwrap()["data"].clone();
    fake.change(SECRET, |secret| secret["data"] = data.clone());
    // The CA is not valid, so there are a new CA and a new leaf; meanwhile the first leaf stays in use.
    until("a new certificate is served", || replicas.iter().all(|one| one.serial().as_ref() != Some(&first)))
        .await;
    settled(&fake, &replicas).await;
    replicas.iter().for_each(|one| fresh(one).unwrap());
    watching.end();
    // A replica that starts with nothing else serves it, and it is replaced at once.
    fake.change(SECRET, |secret| secret["data"] = data);
    let late = wrong(&fake, 0);
    until("it is replaced", || fresh(&late).is_ok()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_the_api_servers_time_a_week_of_difference_is_allowed() {
    let fake = Fake::start_without_time().await;
    fake.install();
    let replicas: Vec<Replica> =
        [0, 3 * DAY, -3 * DAY].iter().map(|seconds| wrong(&fake, *seconds)).collect();
    until("all serve", || replicas.iter().all(|one| one.serial().is_some())).await;
    let validity = replicas[0].served.borrow().as_ref().unwrap().validity;
    assert!(validity.not_before <= real() - 4 * DAY, "{validity:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keeping_goes_on_when_it_is_started_again() {
    let fake = Fake::start().await;
    fake.install();
    let options = options();
    let client = options.clock.observe(fake.client());
    let (served, keeping) = managed::keep(client, options);
    let mut before = None;
    for _ in 0..3 {
        // As a supervisor sees it after a panic: the work is gone, and is made again.
        let replica = Replica { served: served.clone(), work: tokio::spawn(keeping()) };
        until("another certificate is served", || replica.serial().is_some() && replica.serial() != before)
            .await;
        before = replica.serial();
        fake.change(SECRET, |secret| secret["data"]["tls.crt"] = json!(null));
    }
}

/// Collects the log lines of this thread until the guard is dropped.
fn logged() -> (Arc<Mutex<Vec<u8>>>, tracing::subscriber::DefaultGuard) {
    let lines: Arc<Mutex<Vec<u8>>> = Arc::default();
    let writer = lines.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_ansi(false)
        .with_max_level(tracing::Level::INFO)
        .with_writer(move || Log(writer.clone()))
        .finish();
    (lines, tracing::subscriber::set_default(subscriber))
}

struct Log(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn times(log: &Mutex<Vec<u8>>, words: &str) -> usize {
    String::from_utf8_lossy(&log.lock().unwrap()).matches(words).count()
}

#[tokio::test]
async fn a_missing_secret_is_created_or_the_failure_is_logged_once() {
    let (log, _guard) = logged();
    let fake = Fake::start().await;
    fake.forbid(&["create secrets"]);
    let replicas = [replica(&fake, options())];
    tokio::time::sleep(Duration::from_secs(2)).await;
    let told = "may not create Secret certificates: User \"hook\" cannot do that";
    assert_eq!(times(&log, told), 1, "{}", String::from_utf8_lossy(&log.lock().unwrap()));
    assert!(replicas[0].serial().is_none());
    fake.forbid(&[]);
    until("it is made", || replicas[0].serial().is_some()).await;
    assert_eq!(times(&log, "PRIVATE"), 0);
}

#[tokio::test]
async fn without_permission_for_the_configuration_certificates_are_served_and_the_failure_is_logged_once() {
    let (log, _guard) = logged();
    let fake = Fake::start().await;
    fake.install();
    fake.forbid(&["get validatingwebhookconfigurations"]);
    let replicas = [replica(&fake, options()), replica(&fake, options())];
    until("both serve", || replicas.iter().all(|one| one.serial().is_some())).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(times(&log, "may not get ValidatingWebhookConfiguration hook"), 2, "once for each replica");
    fake.change(SECRET, |secret| {
        secret["data"].as_object_mut().unwrap().remove("ca.key");
    });
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(times(&log, "the caBundle cannot be read, so nothing is rotated"), 2);
    fake.forbid(&[]);
    settled(&fake, &replicas).await;
}
