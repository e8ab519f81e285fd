//! Certificates that the webhook makes itself and stores in a Secret. Every replica serves the certificate in the Secret. The replica that
//! holds the Lease takes the steps of [`crate::rotation`] and writes the `caBundle`.
//!
//! A round reads the webhook configuration, then the Secret, decides, and takes at most one step. The order of the reads matters: a bundle
//! is only written to the version of the configuration that was read before the Secret, so an old bundle never replaces a newer one. A
//! step that copies the published CAs into the Secret reads the configuration again after the Secret, for the same reason.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{BuildHasher, RandomState};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use kube::Client;
use tokio::sync::watch::channel;
use tokio::time::Instant;

use crate::authority::{Authority, MakeError};
use crate::choice::{Choice, Outcome, Output, complaint};
use crate::clock::Clock;
use crate::cluster::{Cluster, Configuration, Failure, FailureKind, Stored};
use crate::lease::Lease;
use crate::rotation::{Observer, Published, Reading, Step, Terms};
use crate::secret::{self, Change, Id, SecretContent};
use crate::validity::Validity;
use crate::{Keeping, Served, Serving, leaf};

/// The longest pause between two attempts after a failure.
const MAX_BACKOFF: Duration = Duration::from_secs(30);

/// A rotation takes at most this many steps in a row. After more, another writer keeps undoing our writes, so we wait between steps.
const MAX_STEPS_IN_A_ROW: u32 = 8;

/// How often the same bundle is published without delay. After that another writer keeps overwriting it, so we back off.
const PUBLISH_WITHOUT_DELAY: u32 = 3;

/// Publishing the same bundle again after this time no longer counts as a conflict with another writer.
const CONFLICT_WINDOW: Duration = Duration::from_secs(300);

/// Where the certificates are stored, what they are for, and how long they live.
#[derive(Clone, Debug)]
pub struct Options {
    /// The namespace of the Secret, the Lease and the Service.
    pub namespace: String,
    /// The Secret that holds the certificates. It should exist and be empty; if it does not exist, it is created if RBAC allows it.
    pub secret: String,
    /// The Service through which the API server calls the webhook.
    pub service: String,
    /// Additional DNS names and IP addresses for the certificate.
    pub hosts: Vec<String>,
    /// The ValidatingWebhookConfiguration whose `caBundle` is written. Without one, something else has to publish `ca.crt`.
    pub webhook_configuration: Option<String>,
    /// The Lease that a replica holds while it rotates certificates.
    pub lease: String,
    /// `holderIdentity` in the Lease, unique to this process.
    pub identity: String,
    /// Lifetimes and propagation time.
    pub terms: Terms,
    /// How often the objects are read. At most a quarter of the propagation time is used.
    pub poll: Duration,
    /// How long the Lease must go without renewal before another replica may take it.
    pub lease_duration: Duration,
    /// The time by which certificates are made and judged.
    pub clock: Clock,
}

impl Options {
    /// The defaults for a Service: no `caBundle` is written, and the Lease has the name of the Secret.
    pub fn new(
        namespace: impl Into<String>,
        secret: impl Into<String>,
        service: impl Into<String>,
    ) -> Options {
        let secret = secret.into();
        let pod = std::env::var("HOSTNAME").unwrap_or_else(|_| "daemonset-webhook".to_owned());
        // Two processes can have the same host name, as with `hostNetwork`.
        let random = RandomState::new().hash_one(std::process::id());
        Options {
            namespace: namespace.into(),
            lease: secret.clone(),
            secret,
            service: service.into(),
            hosts: Vec::new(),
            webhook_configuration: None,
            identity: format!("{pod}_{random:016x}"),
            terms: Terms::default(),
            poll: Duration::from_secs(5),
            lease_duration: Duration::from_secs(15),
            clock: Clock::default(),
        }
    }
}

/// Makes, stores and rotates certificates as [`Options`] say. [`Keeping`] does the work. It never completes; failures are logged and
/// retried. `client` should be one whose answers set [`Options::clock`] ([`Clock::observe`]).
pub fn keep(client: Client, options: Options) -> (Served, Keeping) {
    let (sender, served) = channel(None);
    let output: Output = Arc::new(sender);
    let keeping = move || {
        let manager = Manager::new(&client, options.clone(), output.clone());
        Box::pin(manager.run()) as Pin<Box<dyn Future<Output = ()> + Send>>
    };
    (served, Box::new(keeping))
}

/// Why a round failed.
enum RoundError {
    Cluster(Failure),
    Make(MakeError),
    /// An object changed between reading and writing; start a new round.
    Conflict,
}

impl From<Failure> for RoundError {
    fn from(failure: Failure) -> RoundError {
        match failure.kind {
            FailureKind::Conflict => RoundError::Conflict,
            _ => RoundError::Cluster(failure),
        }
    }
}

impl From<MakeError> for RoundError {
    fn from(error: MakeError) -> RoundError {
        RoundError::Make(error)
    }
}

/// The bundle that this process published last.
struct LastPublished {
    bundle: BTreeMap<Id, Validity>,
    at: Instant,
    /// How often it was published in a row.
    times: u32,
    /// Whether the conflict with another writer was logged.
    logged: bool,
}

struct Manager {
    cluster: Cluster,
    lease: Lease,
    hosts: Vec<String>,
    terms: Terms,
    poll: Duration,
    choice: Choice,
    clock: Clock,
    observer: Observer<Id>,
    start: Instant,
    random: RandomState,
    /// The parsed content of the Secret, with its resource version.
    last: Option<(Option<String>, Arc<SecretContent>)>,
    published: Option<LastPublished>,
    /// Failures that were logged since the last round without a failure, so that each is logged once.
    logged: BTreeSet<String>,
}

impl Manager {
    fn new(client: &Client, options: Options, output: Output) -> Manager {
        let mut hosts = leaf::service_names(&options.service, &options.namespace);
        hosts.extend(options.hosts.iter().cloned());
        let quarter = options.terms.propagation().checked_div(4).unwrap_or_default();
        Manager {
            cluster: Cluster::new(
                client,
                &options.namespace,
                &options.secret,
                options.webhook_configuration.as_deref(),
            ),
            lease: Lease::new(
                client,
                &options.namespace,
                &options.lease,
                &options.identity,
                options.lease_duration,
            ),
            hosts,
            terms: options.terms,
            poll: options.poll.min(quarter).max(Duration::from_millis(50)),
            choice: Choice::new(output, options.clock.clone()),
            clock: options.clock,
            observer: Observer::default(),
            start: Instant::now(),
            random: RandomState::new(),
            last: None,
            published: None,
            logged: BTreeSet::new(),
        }
    }

    async fn run(mut self) {
        let (mut failures, mut steps) = (0_u32, 0_u32);
        loop {
            let pause = match self.round().await {
                Ok(pause) => {
                    failures = 0;
                    steps = if pause.is_zero() { steps.saturating_add(1) } else { 0 };
                    if steps < MAX_STEPS_IN_A_ROW { pause } else { self.poll }
                }
                Err(RoundError::Conflict) => self.jitter(Duration::from_millis(50)),
                Err(error) => {
                    self.log_once(&error);
                    failures = failures.saturating_add(1);
                    self.backoff(failures)
                }
            };
            tokio::time::sleep(pause).await;
        }
    }

    /// Reads the objects and takes at most one step. Returns how long to wait before the next round: zero after a step.
    async fn round(&mut self) -> Result<Duration, RoundError> {
        let began = self.start.elapsed();
        let configuration = self.cluster.read_configuration().await;
        let stored = self.cluster.read_secret().await?;
        let ended = self.start.elapsed();
        let content = self.load(&stored);
        let mut complete = true;
        let (configuration, published) = match configuration {
            Ok(Some(configuration)) => {
                let published = configuration.published();
                (Some(configuration), published)
            }
            Ok(None) => (None, Published::Absent),
            Err(failure) if matches!(failure.kind, FailureKind::Forbidden(_)) => {
                self.log_once(&RoundError::Cluster(failure));
                complete = false;
                (None, Published::Unknown)
            }
            Err(failure) => return Err(failure.into()),
        };
        // The answers that were just read have told the API server's time.
        let now = self.clock.now();
        let keeps = self.choice.keeps(content.serving.as_deref());
        let reading = Reading { state: &content.state, published: &published, keeps, began, ended, now };
        let step = self.observer.next(reading, &self.terms);
        tracing::debug!(?step, "checked the certificates");
        let pause = self.act(step, now, &stored, &content, configuration.as_ref()).await?;
        if complete && step != Step::Blocked {
            self.logged.clear();
        }
        Ok(pause)
    }

    /// Takes a step. Returns how long to wait before the next round: zero after a step that wrote something.
    async fn act(
        &mut self,
        step: Step,
        now: i64,
        stored: &Stored,
        content: &SecretContent,
        configuration: Option<&Configuration>,
    ) -> Result<Duration, RoundError> {
        if !step.rotating() {
            self.lease.release().await?;
        // The first certificate needs no Lease: there is no older one to break, and optimistic concurrency lets only one replica write it.
        } else if step != Step::Bootstrap && !self.lease.hold().await? {
            return Ok(self.poll.min(Duration::from_secs(1)));
        }
        match step {
            Step::Bootstrap => {
                self.check_unchanged(configuration).await?;
                let authority = Authority::make(now, self.terms.authority_lifetime())?;
                let leaf = leaf::make(&authority, &self.hosts, now, self.terms.leaf_lifetime())?;
                let change =
                    secret::both(secret::signer(&Default::default(), &authority), secret::serving(&leaf));
                self.write(stored, &change, "made a CA and a certificate").await?;
            }
            Step::Introduce => {
                self.check_unchanged(configuration).await?;
                let mut bundle = content.state.authorities.clone();
                bundle.extend(configuration.map(Configuration::authorities).unwrap_or_default());
                bundle.retain(|_, validity| validity.not_after > now);
                let authority = Authority::make(now, self.terms.authority_lifetime())?;
                let change = secret::signer(&bundle, &authority);
                self.write(stored, &change, "made a new CA; both CAs are trusted now").await?;
            }
            Step::Extend | Step::Prune => {
                let Some(configuration) = configuration else { return Err(RoundError::Conflict) };
                let mut bundle = content.state.authorities.clone();
                if step == Step::Extend {
                    bundle.extend(configuration.authorities());
                }
                return self.publish(configuration, bundle).await;
            }
            Step::Issue => {
                let Some(signer) = &content.signer else { return Err(RoundError::Conflict) };
                let leaf = leaf::make(signer, &self.hosts, now, self.terms.leaf_lifetime())?;
                self.write(stored, &secret::serving(&leaf), "made a new certificate").await?;
            }
            Step::Retire => {
                let Some(signer) = &content.signer else { return Err(RoundError::Conflict) };
                let change = secret::signer(&Default::default(), signer);
                self.write(stored, &change, "removed the old CA from the bundle").await?;
            }
            Step::Wait => return Ok(self.poll),
            Step::Idle { until } => {
                let idle = u64::try_from(until.saturating_sub(now)).unwrap_or(0);
                return Ok(self.poll.min(Duration::from_secs(idle.max(1))));
            }
            Step::Blocked => {
                let message = "a rotation is due, but the caBundle cannot be read, so nothing is rotated";
                if self.logged.insert(message.to_owned()) {
                    tracing::warn!("{message}");
                }
                return Ok(self.poll);
            }
        }
        Ok(Duration::ZERO)
    }

    /// Publishes `bundle`, unless another writer keeps overwriting it. Returns how long to wait before the next round.
    async fn publish(
        &mut self,
        configuration: &Configuration,
        bundle: BTreeMap<Id, Validity>,
    ) -> Result<Duration, RoundError> {
        if let Some(wait) = self.republish_delay(&bundle) {
            return Ok(self.poll.min(wait));
        }
        self.cluster.publish(configuration, &bundle).await?;
        self.record_published(bundle);
        Ok(Duration::ZERO)
    }

    /// Checks that the configuration has not changed since it was read before the Secret.
    async fn check_unchanged(&self, before: Option<&Configuration>) -> Result<(), RoundError> {
        let again = match self.cluster.read_configuration().await {
            Ok(again) => again,
            // Without permission it was not read the first time either.
            Err(failure) if matches!(failure.kind, FailureKind::Forbidden(_)) => None,
            Err(failure) => return Err(failure.into()),
        };
        match (before, &again) {
            (None, None) => Ok(()),
            (Some(before), Some(again)) if before.same(again) => Ok(()),
            _ => Err(RoundError::Conflict),
        }
    }

    /// Writes the Secret and serves the result. `done` is the log line.
    async fn write(&mut self, before: &Stored, change: &Change, done: &str) -> Result<(), RoundError> {
        let after = self.cluster.write_secret(before, change).await?;
        tracing::info!(secret = self.cluster.secret(), "{done}");
        self.load(&after);
        Ok(())
    }

    /// Parses the Secret and serves its certificate. If it holds none that is at least as good, the current one stays in use.
    fn load(&mut self, stored: &Stored) -> Arc<SecretContent> {
        if let Some((version, content)) = &self.last
            && version.is_some()
            && *version == stored.version
        {
            let content = content.clone();
            if let Some((serving, _)) = self.choice.reconsider() {
                self.taken(&serving);
            }
            return content;
        }
        let content = Arc::new(SecretContent::read(&stored.data, &self.hosts));
        for problem in &content.problems {
            tracing::warn!(secret = self.cluster.secret(), "{problem}; a new one is made");
        }
        self.last = Some((stored.version.clone(), content.clone()));
        match content.serving.as_ref().map(|serving| (serving, self.choice.offer(serving))) {
            None => self.choice.withdraw(),
            Some((_, Outcome::Same)) => {}
            Some((serving, Outcome::Taken(_))) => self.taken(serving),
            Some((serving, Outcome::Waits(_))) => tracing::warn!(
                serial = serving.serial,
                "the certificate of the Secret is worse than the current one, which stays in use: {}",
                complaint(serving, self.clock.now()).unwrap_or_default()
            ),
        }
        content
    }

    fn taken(&self, serving: &Serving) {
        let Serving { serial, validity: Validity { not_before, not_after }, .. } = serving;
        tracing::info!(serial, not_before, not_after, "now serving the certificate of the Secret");
        if let Some(complaint) = complaint(serving, self.clock.now()) {
            tracing::warn!(
                serial,
                "there is no better certificate to serve, but {complaint}; a new one is made"
            );
        }
    }

    /// How long to wait before `bundle` is published again, if another writer keeps overwriting it.
    fn republish_delay(&mut self, bundle: &BTreeMap<Id, Validity>) -> Option<Duration> {
        let before = self.published.as_mut().filter(|before| {
            before.bundle == *bundle
                && before.times >= PUBLISH_WITHOUT_DELAY
                && before.at.elapsed() < CONFLICT_WINDOW
        })?;
        let wait =
            Duration::from_secs(1).saturating_mul(1_u32.checked_shl(before.times.min(10)).unwrap_or(1));
        let wait = wait.min(MAX_BACKOFF).saturating_sub(before.at.elapsed());
        if !std::mem::replace(&mut before.logged, true) {
            tracing::warn!(
                "another writer keeps changing the caBundle, so it is now written at most every {} s; only one program may write it",
                MAX_BACKOFF.as_secs()
            );
        }
        (!wait.is_zero()).then_some(wait)
    }

    fn record_published(&mut self, bundle: BTreeMap<Id, Validity>) {
        tracing::info!(authorities = bundle.len(), "published the CA bundle");
        let before = self
            .published
            .take()
            .filter(|before| before.bundle == bundle && before.at.elapsed() < CONFLICT_WINDOW);
        let logged = before.as_ref().is_some_and(|before| before.logged);
        let times = before.map_or(0, |before| before.times).saturating_add(1);
        self.published = Some(LastPublished { bundle, at: Instant::now(), times, logged });
    }

    /// Logs a failure as a warning the first time, and at debug level until a round succeeds.
    fn log_once(&mut self, error: &RoundError) {
        let text = match error {
            RoundError::Cluster(failure) => failure.to_string(),
            RoundError::Make(error) => error.to_string(),
            RoundError::Conflict => return,
        };
        if self.logged.insert(text.clone()) {
            tracing::warn!("certificates: {text}");
        } else {
            tracing::debug!("certificates: {text}");
        }
    }

    /// Doubles with each failure; half of it is random. It stays below half of the propagation time, so that no replica misses a step of a
    /// rotation.
    fn backoff(&self, failures: u32) -> Duration {
        let half = self.terms.propagation().checked_div(2).unwrap_or_default();
        let longest =
            Duration::from_millis(250).saturating_mul(1_u32.checked_shl(failures.min(10)).unwrap_or(1));
        let fixed = longest.min(MAX_BACKOFF).min(half).max(self.poll).checked_div(2).unwrap_or_default();
        fixed.saturating_add(self.jitter(fixed))
    }

    /// A random part of `longest`, so that replicas do not collide again and again.
    fn jitter(&self, longest: Duration) -> Duration {
        let part = u32::try_from(self.random.hash_one(self.start.elapsed()) % 1024).unwrap_or(0);
        longest.checked_div(1024).unwrap_or_default().saturating_mul(part)
    }
}
