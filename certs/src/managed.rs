//! Certificates of our own, kept in a Secret: every replica serves what is there; one at a time, under a Lease, takes the steps of
//! [`crate::rotation`] and owns the `caBundle`.
//!
//! A round reads the webhook configuration, then the Secret, decides, and does at most one step. The order matters: a bundle is
//! written only onto the configuration as it was before the Secret was read, so an old bundle never replaces a newer one.
//! Where a step takes over what is published, the configuration is read once more after the Secret, for the same reason.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::time::Duration;

use kube::Client;
use tokio::sync::watch::{Sender, channel};
use tokio::time::Instant;

use crate::authority::{Authority, MakeError};
use crate::cluster::{Cluster, Configuration, Failure, FailureKind, Stored};
use crate::keeping::{self, Change, Id, Kept};
use crate::lease::Lease;
use crate::rotation::{Observer, Published, Step, Terms, unix_now};
use crate::{Served, Serving, leaf};

/// Between two tries after a failure there is never more time than this.
const BACKOFF: Duration = Duration::from_secs(30);

/// So many steps in a row are a rotation. Whoever takes more of them writes what does not stay, and need not hurry.
const STEPS: u32 = 8;

/// So often one bundle is published again without delay; more often it is a quarrel with somebody, and slows down.
const AGAIN: u32 = 3;

/// After so long the same bundle is no quarrel any more.
const FORGOTTEN: Duration = Duration::from_secs(300);

/// What to keep, where, and for how long.
#[derive(Clone, Debug)]
pub struct Options {
    /// The namespace of the Secret, the Lease and the Service.
    pub namespace: String,
    /// The Secret that holds the certificates. It should exist, empty; it is made where it is missing and that is allowed.
    pub secret: String,
    /// The Service under whose names the API server calls.
    pub service: String,
    /// Further DNS names and IP addresses for the certificate.
    pub hosts: Vec<String>,
    /// The ValidatingWebhookConfiguration whose `caBundle` is ours; without one, somebody else has to publish `ca.crt`.
    pub webhook_configuration: Option<String>,
    /// The Lease that guards rotation.
    pub lease: String,
    /// Who we are in the Lease: unique to this process.
    pub identity: String,
    /// Lifetimes.
    pub terms: Terms,
    /// How often the objects are read at least (at most every quarter of the propagation time is needed).
    pub poll: Duration,
    /// After how long without renewal another replica may take the Lease.
    pub lease_duration: Duration,
}

impl Options {
    /// The defaults for a Service: no configuration is patched, and the Lease is named like the Secret.
    pub fn new(
        namespace: impl Into<String>,
        secret: impl Into<String>,
        service: impl Into<String>,
    ) -> Options {
        let secret = secret.into();
        let pod = std::env::var("HOSTNAME").unwrap_or_else(|_| "daemonset-webhook".to_owned());
        // Two processes with one host name must not take each other for themselves.
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
        }
    }
}

/// Keeps certificates as [`Options`] say. The future is the work: it never ends, and whatever fails is told of and tried again.
pub fn keep(client: Client, options: Options) -> (Served, impl Future<Output = ()>) {
    let (sender, served) = channel(None);
    let keeper = Keeper::new(&client, options, sender);
    (served, keeper.run())
}

/// Why a round did not get to its end.
enum Trouble {
    Cluster(Failure),
    Make(MakeError),
    /// The state changed under our hands; look again.
    Moved,
}

impl From<Failure> for Trouble {
    fn from(failure: Failure) -> Trouble {
        match failure.kind {
            FailureKind::Conflict => Trouble::Moved,
            _ => Trouble::Cluster(failure),
        }
    }
}

impl From<MakeError> for Trouble {
    fn from(error: MakeError) -> Trouble {
        Trouble::Make(error)
    }
}

/// What this process has published last: when, and how often in a row.
struct Publishing {
    bundle: BTreeMap<Id, i64>,
    last: Instant,
    times: u32,
    told: bool,
}

struct Keeper {
    cluster: Cluster,
    lease: Lease,
    hosts: Vec<String>,
    terms: Terms,
    poll: Duration,
    sender: Sender<Option<Arc<Serving>>>,
    observer: Observer<Id>,
    start: Instant,
    random: RandomState,
    /// The Secret as it was understood last, with its version.
    last: Option<(Option<String>, Arc<Kept>)>,
    published: Option<Publishing>,
    /// What has been said of the present trouble.
    told: BTreeSet<String>,
}

impl Keeper {
    fn new(client: &Client, options: Options, sender: Sender<Option<Arc<Serving>>>) -> Keeper {
        let mut hosts = leaf::service_names(&options.service, &options.namespace);
        hosts.extend(options.hosts.iter().cloned());
        let quarter = options.terms.propagation().checked_div(4).unwrap_or_default();
        Keeper {
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
            sender,
            observer: Observer::default(),
            start: Instant::now(),
            random: RandomState::new(),
            last: None,
            published: None,
            told: BTreeSet::new(),
        }
    }

    async fn run(mut self) {
        let (mut failures, mut steps) = (0_u32, 0_u32);
        loop {
            let pause = match self.round().await {
                Ok(pause) => {
                    failures = 0;
                    steps = if pause.is_zero() { steps.saturating_add(1) } else { 0 };
                    if steps < STEPS { pause } else { self.poll }
                }
                Err(Trouble::Moved) => self.jitter(Duration::from_millis(50)),
                Err(trouble) => {
                    self.tell(&trouble);
                    failures = failures.saturating_add(1);
                    self.backoff(failures)
                }
            };
            tokio::time::sleep(pause).await;
        }
    }

    /// One look and at most one step. How long to wait before the next look; no time at all after a step.
    async fn round(&mut self) -> Result<Duration, Trouble> {
        let began = self.start.elapsed();
        let configuration = self.cluster.read_configuration().await;
        let stored = self.cluster.read_secret().await?;
        let ended = self.start.elapsed();
        let kept = self.understand(&stored);
        let mut whole = true;
        let (configuration, published) = match configuration {
            Ok(Some(configuration)) => {
                let published = configuration.published();
                (Some(configuration), published)
            }
            Ok(None) => (None, Published::Absent),
            Err(failure) if matches!(failure.kind, FailureKind::Forbidden(_)) => {
                self.tell(&Trouble::Cluster(failure));
                whole = false;
                (None, Published::Unknown)
            }
            Err(failure) => return Err(failure.into()),
        };
        let now = unix_now();
        let step = self.observer.next(&kept.state, &published, began, ended, now, &self.terms);
        tracing::debug!(?step, "a look at the certificates");
        let pause = self.act(step, now, &stored, &kept, configuration.as_ref()).await?;
        if whole && step != Step::Stuck {
            self.told.clear();
        }
        Ok(pause)
    }

    async fn act(
        &mut self,
        step: Step,
        now: i64,
        stored: &Stored,
        kept: &Kept,
        configuration: Option<&Configuration>,
    ) -> Result<Duration, Trouble> {
        if !step.rotating() {
            self.lease.release().await?;
        // Nobody can be hurt by the first certificate, and it is wanted at once: whoever writes it first has made it.
        } else if step != Step::Found && !self.lease.hold().await? {
            return Ok(self.poll.min(Duration::from_secs(1)));
        }
        match step {
            Step::Found => {
                self.unmoved(configuration).await?;
                let authority = Authority::make(now, self.terms.authority_lifetime())?;
                let leaf = leaf::make(&authority, &self.hosts, now, self.terms.leaf_lifetime())?;
                let mut change = keeping::signer(&Default::default(), &authority);
                change.extend(keeping::serving(&leaf));
                self.write(stored, &change, "made a CA and a certificate").await?;
            }
            Step::Introduce => {
                self.unmoved(configuration).await?;
                let mut bundle = kept.state.authorities.clone();
                bundle.extend(configuration.map(Configuration::authorities).unwrap_or_default());
                bundle.retain(|_, not_after| *not_after > now);
                let authority = Authority::make(now, self.terms.authority_lifetime())?;
                let change = keeping::signer(&bundle, &authority);
                self.write(stored, &change, "made a new CA; it is trusted beside the old one from now on")
                    .await?;
            }
            Step::Extend | Step::Prune => {
                let Some(configuration) = configuration else { return Err(Trouble::Moved) };
                let mut bundle = kept.state.authorities.clone();
                if step == Step::Extend {
                    bundle.extend(configuration.authorities());
                }
                if let Some(wait) = self.quarrel(&bundle) {
                    return Ok(self.poll.min(wait));
                }
                self.cluster.publish(configuration, &bundle).await?;
                self.note(bundle);
            }
            Step::Issue => {
                let Some(signer) = &kept.signer else { return Err(Trouble::Moved) };
                let leaf = leaf::make(signer, &self.hosts, now, self.terms.leaf_lifetime())?;
                self.write(stored, &keeping::serving(&leaf), "made a new certificate").await?;
            }
            Step::Retire => {
                let Some(signer) = &kept.signer else { return Err(Trouble::Moved) };
                let change = keeping::signer(&Default::default(), signer);
                self.write(stored, &change, "the old CA is trusted no more").await?;
            }
            Step::Wait => return Ok(self.poll),
            Step::Rest(until) => {
                let rest = u64::try_from(until.saturating_sub(now)).unwrap_or(0);
                return Ok(self.poll.min(Duration::from_secs(rest.max(1))));
            }
            Step::Stuck => {
                if self.told.insert("stuck".to_owned()) {
                    tracing::warn!(
                        "a rotation is due, but the caBundle cannot be read, so nothing is rotated"
                    );
                }
                return Ok(self.poll);
            }
        }
        Ok(Duration::ZERO)
    }

    /// Makes sure that the configuration is still the one that was read before the Secret.
    async fn unmoved(&self, before: Option<&Configuration>) -> Result<(), Trouble> {
        let again = match self.cluster.read_configuration().await {
            Ok(again) => again,
            // What may not be read was not read the first time either.
            Err(failure) if matches!(failure.kind, FailureKind::Forbidden(_)) => None,
            Err(failure) => return Err(failure.into()),
        };
        match (before, &again) {
            (None, None) => Ok(()),
            (Some(before), Some(again)) if before.same(again) => Ok(()),
            _ => Err(Trouble::Moved),
        }
    }

    async fn write(&mut self, before: &Stored, change: &Change, done: &str) -> Result<(), Trouble> {
        let after = self.cluster.write_secret(before, change).await?;
        tracing::info!(secret = self.cluster.secret(), "{done}");
        self.understand(&after);
        Ok(())
    }

    /// Reads what is kept, and serves it. Where nothing usable is kept, what was served before goes on being served.
    fn understand(&mut self, stored: &Stored) -> Arc<Kept> {
        if let Some((version, kept)) = &self.last
            && version.is_some()
            && *version == stored.version
        {
            return kept.clone();
        }
        let kept = Arc::new(Kept::read(&stored.data, &self.hosts));
        for complaint in &kept.complaints {
            tracing::warn!(secret = self.cluster.secret(), "{complaint}; it is made anew");
        }
        self.last = Some((stored.version.clone(), kept.clone()));
        if let Some(serving) = &kept.serving {
            let changed = self.sender.send_if_modified(|now| {
                let changed = !now.as_ref().is_some_and(|now| now.same(serving));
                if changed {
                    *now = Some(serving.clone());
                }
                changed
            });
            if changed {
                let Serving { serial, not_after, .. } = serving.as_ref();
                tracing::info!(serial, not_after, "now serving the certificate of the Secret");
            }
        }
        kept
    }

    /// How long to wait before `bundle` is published once more, where somebody keeps overwriting it.
    fn quarrel(&mut self, bundle: &BTreeMap<Id, i64>) -> Option<Duration> {
        let before = self.published.as_mut().filter(|before| {
            before.bundle == *bundle && before.times >= AGAIN && before.last.elapsed() < FORGOTTEN
        })?;
        let wait =
            Duration::from_secs(1).saturating_mul(1_u32.checked_shl(before.times.min(10)).unwrap_or(1));
        let wait = wait.min(BACKOFF).saturating_sub(before.last.elapsed());
        if !std::mem::replace(&mut before.told, true) {
            tracing::warn!(
                "somebody else keeps changing the caBundle, so it is written every {} s at most. Let only one write it",
                BACKOFF.as_secs()
            );
        }
        (!wait.is_zero()).then_some(wait)
    }

    fn note(&mut self, bundle: BTreeMap<Id, i64>) {
        tracing::info!(authorities = bundle.len(), "published the CA bundle");
        let before = self
            .published
            .take()
            .filter(|before| before.bundle == bundle && before.last.elapsed() < FORGOTTEN);
        let told = before.as_ref().is_some_and(|before| before.told);
        let times = before.map_or(0, |before| before.times).saturating_add(1);
        self.published = Some(Publishing { bundle, last: Instant::now(), times, told });
    }

    /// Says what is wrong, once until something works again.
    fn tell(&mut self, trouble: &Trouble) {
        let text = match trouble {
            Trouble::Cluster(failure) => failure.to_string(),
            Trouble::Make(error) => error.to_string(),
            Trouble::Moved => return,
        };
        if self.told.insert(text.clone()) {
            tracing::warn!("certificates: {text}");
        } else {
            tracing::debug!("certificates: {text}");
        }
    }

    /// Twice as long after each failure, a random half of it; never so long that a replica could miss a step of a rotation.
    fn backoff(&self, failures: u32) -> Duration {
        let half = self.terms.propagation().checked_div(2).unwrap_or_default();
        let longest =
            Duration::from_millis(250).saturating_mul(1_u32.checked_shl(failures.min(10)).unwrap_or(1));
        let sure = longest.min(BACKOFF).min(half).max(self.poll).checked_div(2).unwrap_or_default();
        sure.saturating_add(self.jitter(sure))
    }

    /// A random part of `longest`, so that replicas do not run into each other again and again.
    fn jitter(&self, longest: Duration) -> Duration {
        let part = u32::try_from(self.random.hash_one(self.start.elapsed()) % 1024).unwrap_or(0);
        longest.checked_div(1024).unwrap_or_default().saturating_mul(part)
    }
}
