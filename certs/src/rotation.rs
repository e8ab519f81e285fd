//! Decides the next step of a certificate rotation. Pure: the Secret, the published bundles and the clock are passed in.
//!
//! The Secret holds a bundle of CAs, the key of one of them (the signer) and the serving certificate (the leaf). The phase of the rotation
//! follows from these three, so no other state is stored:
//!
//! - **steady**: the bundle holds the signer only, and the signer signed the leaf.
//! - **introducing**: the bundle holds the new signer and an older CA, which signed the leaf. Clients learn to trust both. When this process
//!   has seen the bundle published for the propagation time, the signer issues a new leaf.
//! - **retiring**: the signer signed the leaf, and the bundle still holds older CAs. When this process has seen that for the propagation
//!   time, the older CAs are removed.
//!
//! **Invariant**: at every moment, every published bundle that a client may still use trusts every leaf that a replica may still serve, as
//! long as clients and replicas lag by no more than the propagation time. The invariant does not depend on the Lease: any number of
//! processes may take these steps at the same time, stall anywhere and crash, as long as they write with optimistic concurrency and read
//! in the order that [`crate::managed`] does. Each process measures waiting times with its own monotonic clock only.
//!
//! Whether a certificate is valid or due is decided by the API server's time ([`crate::Clock`]), so processes whose clocks are wrong decide the
//! same. Both ends of the validity count: a leaf or CA that is not valid yet is replaced like an expired one.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::validity::Validity;

/// Lifetimes of certificates, and how long a change takes to reach every client and replica. [`Terms::new`] checks that they fit together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    authority_lifetime: Duration,
    leaf_lifetime: Duration,
    renew_before: Duration,
    propagation: Duration,
}

/// Why a combination of lifetimes is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TermsError {
    /// A rotation could not finish before the old certificate expires.
    #[error(
        "renewing {renew_before:?} before expiry leaves too little time: a rotation takes two propagation times, so it must be at \
         least four times the propagation time ({propagation:?})"
    )]
    TooLate {
        /// As given.
        renew_before: Duration,
        /// As given.
        propagation: Duration,
    },
    /// A new certificate would be due for renewal at once.
    #[error(
        "the {what}'s lifetime ({lifetime:?}) must be longer than the time before expiry at which it is renewed ({renew_before:?}) \
         by at least twice the propagation time ({propagation:?})"
    )]
    TooShort {
        /// "certificate" or "CA".
        what: &'static str,
        /// As given.
        lifetime: Duration,
        /// As given.
        renew_before: Duration,
        /// As given.
        propagation: Duration,
    },
    /// A serving certificate would outlive its CA.
    #[error("the CA's lifetime ({authority:?}) must not be shorter than the certificate's ({leaf:?})")]
    Outlived {
        /// As given.
        authority: Duration,
        /// As given.
        leaf: Duration,
    },
}

impl Default for Terms {
    /// CAs live for a year, serving certificates for 90 days, both are renewed 30 days before expiry; changes propagate within a minute.
    fn default() -> Terms {
        let day = Duration::from_secs(24 * 3600);
        Terms {
            authority_lifetime: day.saturating_mul(365),
            leaf_lifetime: day.saturating_mul(90),
            renew_before: day.saturating_mul(30),
            propagation: Duration::from_secs(60),
        }
    }
}

impl Terms {
    /// Checks that a rotation can finish before the old certificate expires and is not due at once.
    ///
    /// `propagation` is the time after which every API server uses a changed `caBundle` and every replica serves a changed leaf.
    ///
    /// # Errors
    ///
    /// [`TermsError`] if the values do not fit together.
    pub fn new(
        authority_lifetime: Duration,
        leaf_lifetime: Duration,
        renew_before: Duration,
        propagation: Duration,
    ) -> Result<Terms, TermsError> {
        if renew_before < propagation.saturating_mul(4) {
            return Err(TermsError::TooLate { renew_before, propagation });
        }
        for (what, lifetime) in [("certificate", leaf_lifetime), ("CA", authority_lifetime)] {
            if lifetime < renew_before.saturating_add(propagation.saturating_mul(2)) {
                return Err(TermsError::TooShort { what, lifetime, renew_before, propagation });
            }
        }
        if authority_lifetime < leaf_lifetime {
            return Err(TermsError::Outlived { authority: authority_lifetime, leaf: leaf_lifetime });
        }
        Ok(Terms { authority_lifetime, leaf_lifetime, renew_before, propagation })
    }

    /// The lifetime of a CA.
    pub fn authority_lifetime(&self) -> Duration {
        self.authority_lifetime
    }

    /// The lifetime of a serving certificate. It never outlives its CA.
    pub fn leaf_lifetime(&self) -> Duration {
        self.leaf_lifetime
    }

    /// How long before expiry a certificate is renewed.
    pub fn renew_before(&self) -> Duration {
        self.renew_before
    }

    /// How long a change takes to reach every API server and replica.
    pub fn propagation(&self) -> Duration {
        self.propagation
    }

    /// When a certificate that expires at `not_after` is due for renewal. Both are Unix seconds.
    pub fn due(&self, not_after: i64) -> i64 {
        not_after.saturating_sub(i64::try_from(self.renew_before.as_secs()).unwrap_or(i64::MAX))
    }
}

/// The state in the Secret. `I` identifies a CA: its certificate (DER), or a number in tests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State<I: Ord> {
    /// The bundle: each CA with its validity.
    pub authorities: BTreeMap<I, Validity>,
    /// The CA of the bundle whose key is in the Secret.
    pub signer: Option<I>,
    /// The serving certificate.
    pub leaf: Option<Leaf<I>>,
}

impl<I: Ord> Default for State<I> {
    fn default() -> State<I> {
        State { authorities: BTreeMap::new(), signer: None, leaf: None }
    }
}

/// What a rotation needs to know about the serving certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leaf<I> {
    /// The CA of the bundle that signed it; `None` if no CA of the bundle did.
    pub issuer: Option<I>,
    /// When it is valid.
    pub validity: Validity,
    /// Whether it is for all required names and for servers, and its chain is in order.
    pub fits: bool,
}

/// The CA bundles that are published to clients.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Published<I: Ord> {
    /// There is no webhook configuration, so no client calls the webhook.
    Absent,
    /// The webhook configuration cannot be read.
    Unknown,
    /// The CA bundle of each webhook in the configuration.
    Bundles(Vec<BTreeSet<I>>),
}

impl<I: Ord> Published<I> {
    /// Whether every bundle contains all of `wanted`.
    fn trusts<'a>(&self, mut wanted: impl Iterator<Item = &'a I>) -> bool
    where
        I: 'a,
    {
        match self {
            Published::Absent => true,
            Published::Unknown => false,
            Published::Bundles(bundles) => {
                wanted.all(|one| bundles.iter().all(|bundle| bundle.contains(one)))
            }
        }
    }

    /// Whether a bundle contains a CA that is not in `wanted`.
    fn exceeds(&self, wanted: &BTreeMap<I, Validity>) -> bool {
        match self {
            Published::Absent | Published::Unknown => false,
            Published::Bundles(bundles) => bundles.iter().flatten().any(|one| !wanted.contains_key(one)),
        }
    }

    fn is_empty(&self) -> bool {
        match self {
            Published::Absent | Published::Unknown => true,
            Published::Bundles(bundles) => bundles.iter().all(BTreeSet::is_empty),
        }
    }
}

/// The next step of a rotation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The Secret and all bundles are empty: make a CA and a leaf, in one write.
    Bootstrap,
    /// Make a CA, add it and all published CAs to the bundle, and store its key. The leaf stays.
    Introduce,
    /// Add the bundle of the Secret to the published bundles. No CA is removed.
    Extend,
    /// Publish exactly the bundle of the Secret.
    Prune,
    /// Make a leaf that is signed by the signer.
    Issue,
    /// Reduce the bundle to the signer.
    Retire,
    /// Check again soon: the propagation time has not passed.
    Wait,
    /// Nothing to do until this time.
    Idle {
        /// Unix seconds.
        until: i64,
    },
    /// A rotation is due, but the published bundles cannot be read, so nothing is done.
    Blocked,
}

impl Step {
    /// Whether the step writes an object.
    pub fn writes(self) -> bool {
        !matches!(self, Step::Wait | Step::Idle { .. } | Step::Blocked)
    }

    /// Whether a rotation is in progress, so that the holder of the Lease keeps it.
    pub(crate) fn rotating(self) -> bool {
        self.writes() || self == Step::Wait
    }
}

/// A phase that must last for the propagation time before the next step.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Phase<I> {
    /// The bundle with this new signer is published.
    Introducing(I),
    /// The leaf of this signer is served; older CAs are still in the bundle.
    Retiring(I),
}

/// Measures how long this process has observed the current phase, with a monotonic clock.
#[derive(Clone, Debug)]
pub struct Observer<I> {
    /// The phase, and the clock when it was first observed.
    since: Option<(Phase<I>, Duration)>,
}

impl<I> Default for Observer<I> {
    fn default() -> Observer<I> {
        Observer { since: None }
    }
}

/// What one round has read, and when.
#[derive(Clone, Copy, Debug)]
pub struct Reading<'r, I: Ord> {
    /// The Secret.
    pub state: &'r State<I>,
    /// The webhook configuration.
    pub published: &'r Published<I>,
    /// Whether this process serves another leaf than the Secret's, one that clients accept: it keeps that in place of a worse one.
    pub keeps: bool,
    /// A monotonic clock before the first read.
    pub began: Duration,
    /// The same clock after the last read.
    pub ended: Duration,
    /// The API server's time, if it is known, in Unix seconds.
    pub now: i64,
}

impl<I: Ord + Clone> Observer<I> {
    /// The next step for what was read.
    pub fn next(&mut self, reading: Reading<'_, I>, terms: &Terms) -> Step {
        let Reading { state, published, began, ended, now, .. } = reading;
        let phase = phase(state, published, now);
        let waited = match (&self.since, &phase) {
            (Some((since, first)), Some(phase)) if since == phase => began.saturating_sub(*first),
            _ => {
                self.since = phase.map(|phase| (phase, ended));
                Duration::ZERO
            }
        };
        step(&reading, waited, terms)
    }
}

/// The phase that must last for the propagation time; `None` while the bundle is not published.
fn phase<I: Ord + Clone>(state: &State<I>, published: &Published<I>, now: i64) -> Option<Phase<I>> {
    let signer = state.signer.as_ref()?;
    if !published.trusts(state.authorities.keys()) {
        return None;
    }
    Some(if has_valid_leaf_of(state, signer, now) {
        Phase::Retiring(signer.clone())
    } else {
        Phase::Introducing(signer.clone())
    })
}

/// Whether the leaf is signed by `signer` and valid.
fn has_valid_leaf_of<I: Ord>(state: &State<I>, signer: &I, now: i64) -> bool {
    state
        .leaf
        .as_ref()
        .is_some_and(|leaf| leaf.issuer.as_ref() == Some(signer) && leaf.validity.contains(now))
}

/// Whether clients accept the leaf: it is valid, and so is the CA that signed it. One that is not valid yet is no better than an expired one.
fn lives<I: Ord>(state: &State<I>, leaf: &Leaf<I>, now: i64) -> bool {
    let issuer = leaf.issuer.as_ref().and_then(|issuer| state.authorities.get(issuer));
    leaf.validity.contains(now) && issuer.is_none_or(|validity| validity.contains(now))
}

fn step<I: Ord>(reading: &Reading<'_, I>, waited: Duration, terms: &Terms) -> Step {
    let Reading { state, published, keeps, now, .. } = *reading;
    let signer = state.signer.as_ref().and_then(|signer| Some((signer, *state.authorities.get(signer)?)));
    let leaf = state.leaf.as_ref();
    // Whether clients accept what is served: the leaf of the Secret, or a better one in its place.
    let accepted = keeps || leaf.is_some_and(|leaf| lives(state, leaf, now));
    // A CA that is not valid yet, as one with a wrong clock makes it, is replaced like one that is due.
    let usable = |validity: Validity| validity.contains(now) && now < terms.due(validity.not_after);
    let Some((signer, validity)) = signer.filter(|(_, validity)| usable(*validity)) else {
        return if state.authorities.is_empty() && leaf.is_none() && published.is_empty() {
            Step::Bootstrap
        } else if *published == Published::Unknown && accepted {
            Step::Blocked
        } else {
            Step::Introduce
        };
    };
    let trusted = published.trusts(state.authorities.keys());
    let propagated = waited >= terms.propagation;
    match leaf.filter(|_| has_valid_leaf_of(state, signer, now)) {
        Some(leaf) => {
            let steady = state.authorities.len() == 1;
            let due = terms.due(leaf.validity.not_after);
            if !trusted && *published != Published::Unknown {
                Step::Extend
            } else if now >= due || !leaf.fits {
                Step::Issue
            } else if !steady && *published == Published::Unknown {
                Step::Blocked
            } else if !steady {
                if propagated { Step::Retire } else { Step::Wait }
            } else if published.exceeds(&state.authorities) {
                Step::Prune
            } else {
                Step::Idle { until: due.min(terms.due(validity.not_after)) }
            }
        }
        // Clients reject what is served anyway, so its successor is issued without waiting.
        None if leaf.is_some() && !accepted && (trusted || *published == Published::Unknown) => Step::Issue,
        None if *published == Published::Unknown => Step::Blocked,
        None if !trusted => Step::Extend,
        None if propagated => Step::Issue,
        None => Step::Wait,
    }
}
