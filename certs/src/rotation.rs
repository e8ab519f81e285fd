//! Which step of a rotation is next. Pure: what is kept, what is published and the clock are passed in.
//!
//! What is kept is a bundle of authorities, the key of one of them (the signer) and the leaf that is served. The phase is read off
//! these, so there is nothing to remember and nothing that can disagree with them:
//!
//! - **steady**: the bundle is the signer alone, and it signed the leaf.
//! - **introducing**: the signer is newer than the leaf. Every replica serves a leaf of an older authority, clients are being
//!   taught to trust both. Ends by a new leaf, when the bundle has been seen published for the propagation time.
//! - **retiring**: the signer signed the leaf, older authorities are still trusted. Ends by dropping them, when that has been seen for
//!   the propagation time.
//!
//! **The promise**: at every moment, every published bundle that a client may still go by trusts every leaf that a replica may
//! still serve, as long as clients and replicas lag by no more than the propagation time. It does not rest on the Lease: any
//! number of processes may take these steps at once, stall anywhere and die, as long as they write by optimistic concurrency
//! and read in the order that [`crate::managed`] does. The time waited is what one process has itself observed; no clock of
//! another one is believed.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// How long things live and how long a change takes to reach everybody. Only sensible ones can be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    authority_lifetime: Duration,
    leaf_lifetime: Duration,
    renew_before: Duration,
    propagation: Duration,
}

/// Why terms make no sense, in words for whoever set them.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TermsError {
    /// A rotation could not end before the old certificate does.
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
    /// A new certificate would be due at once.
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
    /// A CA for a year, certificates for 90 days, renewed 30 days before expiry; a minute for changes to spread.
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
    /// Terms, if a rotation under them begins late enough and ends early enough.
    ///
    /// `propagation` is the time after which every API server goes by a changed `caBundle` and every replica serves a changed leaf.
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

    /// How long a CA lives.
    pub fn authority_lifetime(&self) -> Duration {
        self.authority_lifetime
    }

    /// How long a serving certificate lives, at most as long as its CA.
    pub fn leaf_lifetime(&self) -> Duration {
        self.leaf_lifetime
    }

    /// How long before expiry a successor is made.
    pub fn renew_before(&self) -> Duration {
        self.renew_before
    }

    /// How long a change takes to reach everybody.
    pub fn propagation(&self) -> Duration {
        self.propagation
    }

    /// The second from which on something that ends at `not_after` is due for a successor.
    pub fn due(&self, not_after: i64) -> i64 {
        not_after.saturating_sub(i64::try_from(self.renew_before.as_secs()).unwrap_or(i64::MAX))
    }
}

/// What is kept. `I` stands for a certificate of an authority: its bytes, or a number in tests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State<I: Ord> {
    /// The bundle: each authority with the last second of its validity.
    pub authorities: BTreeMap<I, i64>,
    /// The one of them whose key is kept.
    pub signer: Option<I>,
    /// The serving certificate.
    pub leaf: Option<Leaf<I>>,
}

impl<I: Ord> Default for State<I> {
    fn default() -> State<I> {
        State { authorities: BTreeMap::new(), signer: None, leaf: None }
    }
}

/// What matters of a serving certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leaf<I> {
    /// Who of the bundle signed it; `None` where it is nobody of the bundle.
    pub issuer: Option<I>,
    /// The last second of its validity.
    pub not_after: i64,
    /// Whether it is for all names that are wanted.
    pub fits: bool,
}

/// What clients are told to trust.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Published<I: Ord> {
    /// There is no webhook configuration: nobody is told anything, and nobody calls.
    Absent,
    /// It cannot be read.
    Unknown,
    /// The authorities of each webhook of the configuration.
    Bundles(Vec<BTreeSet<I>>),
}

impl<I: Ord> Published<I> {
    /// Whether every client trusts all of `wanted`.
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

    /// Whether some client trusts somebody who is not in `wanted`.
    fn exceeds(&self, wanted: &BTreeMap<I, i64>) -> bool {
        match self {
            Published::Absent | Published::Unknown => false,
            Published::Bundles(bundles) => bundles.iter().flatten().any(|one| !wanted.contains_key(one)),
        }
    }

    fn nothing(&self) -> bool {
        match self {
            Published::Absent | Published::Unknown => true,
            Published::Bundles(bundles) => bundles.iter().all(BTreeSet::is_empty),
        }
    }
}

/// What to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Nothing is kept and nobody trusts anybody: make an authority and a leaf, in one write.
    Found,
    /// Make an authority, add it to the bundle (with all who are published) and keep its key. The leaf stays.
    Introduce,
    /// Add the bundle to what is published; take nothing away.
    Extend,
    /// Publish exactly the bundle.
    Prune,
    /// Make a leaf, signed by the signer.
    Issue,
    /// Reduce the bundle to the signer.
    Retire,
    /// Look again soon: the propagation time is running.
    Wait,
    /// Nothing to do until this second.
    Rest(i64),
    /// A rotation is due, but whether its bundle is published cannot be known; nothing is done.
    Stuck,
}

impl Step {
    /// Whether it changes something.
    pub fn writes(self) -> bool {
        !matches!(self, Step::Wait | Step::Rest(_) | Step::Stuck)
    }

    /// Whether a rotation is on its way, so that its leader should stay.
    pub fn rotating(self) -> bool {
        self.writes() || self == Step::Wait
    }
}

/// The situation whose duration counts: which authority is being introduced, or beside which one the older are being retired.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Waiting<I> {
    Introduced(I),
    Issued(I),
}

/// How long one process has itself seen the situation that it is in, by a clock that never goes back.
#[derive(Clone, Debug)]
pub struct Observer<I> {
    since: Option<(Waiting<I>, Duration)>,
}

impl<I> Default for Observer<I> {
    fn default() -> Observer<I> {
        Observer { since: None }
    }
}

impl<I: Ord + Clone> Observer<I> {
    /// The next step in view of a state that was read. `began` and `ended` are a monotonic clock before the first and after the last
    /// of the reads; `now` is Unix time in seconds.
    pub fn next(
        &mut self,
        state: &State<I>,
        published: &Published<I>,
        began: Duration,
        ended: Duration,
        now: i64,
        terms: &Terms,
    ) -> Step {
        let situation = situation(state, published, now);
        let waited = match (&self.since, &situation) {
            (Some((since, first)), Some(situation)) if since == situation => began.saturating_sub(*first),
            _ => {
                self.since = situation.map(|situation| (situation, ended));
                Duration::ZERO
            }
        };
        step(state, published, waited, now, terms)
    }
}

fn situation<I: Ord + Clone>(state: &State<I>, published: &Published<I>, now: i64) -> Option<Waiting<I>> {
    let signer = state.signer.as_ref()?;
    if !published.trusts(state.authorities.keys()) {
        return None;
    }
    Some(if served_by(state, signer, now) {
        Waiting::Issued(signer.clone())
    } else {
        Waiting::Introduced(signer.clone())
    })
}

/// Whether the kept leaf is a valid one of `signer`.
fn served_by<I: Ord>(state: &State<I>, signer: &I, now: i64) -> bool {
    state.leaf.as_ref().is_some_and(|leaf| leaf.issuer.as_ref() == Some(signer) && leaf.not_after > now)
}

fn step<I: Ord>(
    state: &State<I>,
    published: &Published<I>,
    waited: Duration,
    now: i64,
    terms: &Terms,
) -> Step {
    let signer = state.signer.as_ref().and_then(|signer| Some((signer, *state.authorities.get(signer)?)));
    let Some((signer, end)) = signer.filter(|(_, not_after)| now < terms.due(*not_after)) else {
        let leaf_lives = state.leaf.as_ref().is_some_and(|leaf| leaf.not_after > now);
        return if state.authorities.is_empty() && state.leaf.is_none() && published.nothing() {
            Step::Found
        } else if *published == Published::Unknown && leaf_lives {
            Step::Stuck
        } else {
            Step::Introduce
        };
    };
    let trusted = published.trusts(state.authorities.keys());
    let spread = waited >= terms.propagation;
    let leaf = state.leaf.as_ref();
    match leaf.filter(|_| served_by(state, signer, now)) {
        Some(leaf) => {
            let steady = state.authorities.len() == 1;
            if !trusted && *published != Published::Unknown {
                Step::Extend
            } else if now >= terms.due(leaf.not_after) || !leaf.fits {
                Step::Issue
            } else if !steady && *published == Published::Unknown {
                Step::Stuck
            } else if !steady {
                if spread { Step::Retire } else { Step::Wait }
            } else if published.exceeds(&state.authorities) {
                Step::Prune
            } else {
                Step::Rest(terms.due(leaf.not_after).min(terms.due(end)))
            }
        }
        // A leaf that has ended protects nobody any more, so nobody has to wait for the next one.
        None if leaf.is_some_and(|leaf| leaf.not_after <= now)
            && (trusted || *published == Published::Unknown) =>
        {
            Step::Issue
        }
        None if *published == Published::Unknown => Step::Stuck,
        None if !trusted => Step::Extend,
        None if spread => Step::Issue,
        None => Step::Wait,
    }
}

/// The wall clock in Unix seconds.
pub(crate) fn unix_now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}
