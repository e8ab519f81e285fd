//! Which certificate is served: the newest one, unless it is worse than the one before.
//!
//! What the source holds and is worse waits: it is served when its time comes, or when the one before has become no better. With nothing
//! before it, any pair is served. A server that serves nothing fails every call as well, and needs somebody's help; one that serves what it
//! has recovers by itself when the certificate becomes valid, and when it was this node's clock that was wrong.

use std::sync::Arc;

use tokio::sync::watch::Sender;

use crate::clock::Clock;
use crate::serving::{Serving, Standing};

/// A good certificate is no longer kept in place of a doubtful one this many seconds before it expires.
const LAST: i64 = 120;

/// Where the served certificate is sent to. A worker that starts again goes on with the same one.
pub(crate) type Output = Arc<Sender<Option<Arc<Serving>>>>;

/// Chooses between the served certificate and what the source holds.
pub(crate) struct Choice {
    output: Output,
    clock: Clock,
    /// What the source holds, if it is not served.
    waiting: Option<Arc<Serving>>,
}

/// What became of the certificate that the source holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It is served already.
    Same,
    /// It is served from now on, and has this standing.
    Taken(Standing),
    /// It is worse than the one that is served, and waits.
    Waits(Standing),
}

impl Choice {
    pub(crate) fn new(output: Output, clock: Clock) -> Choice {
        Choice { output, clock, waiting: None }
    }

    /// The source holds this certificate now.
    pub(crate) fn offer(&mut self, serving: &Arc<Serving>) -> Outcome {
        let now = self.clock.now();
        let standing = serving.standing(now);
        let mut outcome = Outcome::Waits(standing);
        self.output.send_if_modified(|current| {
            if current.as_ref().is_some_and(|current| current.same(serving)) {
                outcome = Outcome::Same;
            } else if current.as_ref().is_none_or(|current| standing.replaces(worth(current, now))) {
                outcome = Outcome::Taken(standing);
                *current = Some(serving.clone());
            }
            matches!(outcome, Outcome::Taken(_))
        });
        self.waiting = matches!(outcome, Outcome::Waits(_)).then(|| serving.clone());
        outcome
    }

    /// Time has passed: whether what waits is served now. Returns it if it is.
    pub(crate) fn reconsider(&mut self) -> Option<(Arc<Serving>, Standing)> {
        let waiting = self.waiting.clone()?;
        match self.offer(&waiting) {
            Outcome::Taken(standing) => Some((waiting, standing)),
            Outcome::Same | Outcome::Waits(_) => None,
        }
    }

    /// The source holds no certificate any more.
    pub(crate) fn withdraw(&mut self) {
        self.waiting = None;
    }

    /// What is served.
    pub(crate) fn current(&self) -> Option<Arc<Serving>> {
        self.output.borrow().clone()
    }

    /// Whether another certificate than the source's is served, one that the API server would accept.
    pub(crate) fn keeps(&self, held: Option<&Serving>) -> bool {
        self.current().is_some_and(|current| {
            held.is_none_or(|held| !held.same(&current)) && current.standing(self.now()) >= Standing::Doubtful
        })
    }

    /// The time by which it judges, in Unix seconds.
    pub(crate) fn now(&self) -> i64 {
        self.clock.now()
    }
}

/// What a successor must be at least.
fn worth(current: &Serving, now: i64) -> Standing {
    match current.standing(now) {
        Standing::Good if now >= current.validity.not_after.saturating_sub(LAST) => Standing::Doubtful,
        standing => standing,
    }
}

/// Why the API server refuses a certificate at `now` (Unix seconds), or may refuse it; `None` if nothing speaks against it.
pub(crate) fn complaint(serving: &Serving, now: i64) -> Option<String> {
    match serving.standing(now) {
        Standing::Unfit => serving.fault.as_ref().map(ToString::to_string),
        Standing::Expired => {
            Some(format!("the certificate expired {} s ago", now.saturating_sub(serving.validity.not_after)))
        }
        Standing::Early => Some(format!(
            "the certificate is not valid for another {} s",
            serving.validity.not_before.saturating_sub(now)
        )),
        Standing::Doubtful => Some(serving.doubt.map_or_else(
            || "another certificate of the chain is not valid now".to_owned(),
            |doubt| doubt.to_string(),
        )),
        Standing::Good => None,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicI64, Ordering};
    use std::time::Duration;

    use super::*;
    use crate::authority::Authority;
    use crate::leaf;
    use crate::validity::Validity;

    const NOW: i64 = 1_800_000_000;
    const DAY: i64 = 24 * 3600;

    fn valid(not_before: i64, not_after: i64) -> Arc<Serving> {
        let authority = Authority::make(NOW, Duration::from_secs(1000)).unwrap();
        let leaf = leaf::make(&authority, &["a".to_owned()], NOW, Duration::from_secs(10)).unwrap();
        let serving = Serving::from_pem(leaf.certificate.as_bytes(), leaf.key.as_bytes(), None).unwrap();
        Arc::new(Serving { validity: Validity { not_before, not_after }, ..serving })
    }

    fn choice(now: &Arc<AtomicI64>) -> Choice {
        let now = now.clone();
        Choice::new(
            Arc::new(tokio::sync::watch::channel(None).0),
            Clock::with(move || now.load(Ordering::Relaxed)),
        )
    }

    fn serves(choice: &Choice, serving: &Serving) -> bool {
        choice.current().is_some_and(|current| current.same(serving))
    }

    #[test]
    fn what_is_not_valid_yet_waits_for_its_time() {
        let now = Arc::new(AtomicI64::new(NOW));
        let mut choice = choice(&now);
        let (good, later) = (valid(NOW - 5, NOW + 90 * DAY), valid(NOW + 30 * DAY, NOW + 120 * DAY));
        assert_eq!(choice.offer(&good), Outcome::Taken(Standing::Good));
        assert_eq!(choice.offer(&good), Outcome::Same);
        assert_eq!(choice.offer(&later), Outcome::Waits(Standing::Early));
        assert!(choice.reconsider().is_none() && serves(&choice, &good));
        now.store(NOW + 30 * DAY, Ordering::Relaxed);
        assert_eq!(choice.reconsider().unwrap().1, Standing::Good);
        assert!(serves(&choice, &later) && choice.reconsider().is_none());
    }

    #[test]
    fn what_was_taken_back_is_not_served_later() {
        let now = Arc::new(AtomicI64::new(NOW));
        let mut choice = choice(&now);
        let (good, later) = (valid(NOW - 5, NOW + 90 * DAY), valid(NOW + DAY, NOW + 120 * DAY));
        choice.offer(&good);
        for withdraw in [true, false] {
            choice.offer(&later);
            if withdraw {
                choice.withdraw();
            } else {
                choice.offer(&good);
            }
            now.store(NOW + 2 * DAY, Ordering::Relaxed);
            assert!(choice.reconsider().is_none() && serves(&choice, &good));
            now.store(NOW, Ordering::Relaxed);
        }
    }

    #[test]
    fn with_nothing_before_it_any_certificate_is_served_and_a_better_one_replaces_it() {
        let now = Arc::new(AtomicI64::new(NOW));
        let unfit = Arc::new(Serving {
            fault: Some(crate::serving::Fault::NoNames),
            ..Serving::clone(&valid(NOW - 5, NOW + DAY))
        });
        let (expired, early) = (valid(NOW - DAY, NOW - 5), valid(NOW + DAY, NOW + 2 * DAY));
        let good = valid(NOW - DAY, NOW + DAY);
        let mut choice = choice(&now);
        for (one, standing) in [
            (&unfit, Standing::Unfit),
            (&expired, Standing::Expired),
            (&early, Standing::Early),
            (&good, Standing::Good),
        ] {
            assert_eq!(choice.offer(one), Outcome::Taken(standing));
            assert_eq!(complaint(one, NOW).is_none(), standing == Standing::Good);
        }
        for (one, standing) in
            [(&unfit, Standing::Unfit), (&expired, Standing::Expired), (&early, Standing::Early)]
        {
            assert_eq!(choice.offer(one), Outcome::Waits(standing));
        }
        // The good one expires. The last that was offered is valid by then.
        now.store(NOW + DAY, Ordering::Relaxed);
        assert!(choice.reconsider().is_some() && serves(&choice, &early));
    }

    #[test]
    fn a_doubtful_chain_does_not_replace_a_good_one_before_that_ends() {
        let now = Arc::new(AtomicI64::new(NOW));
        let mut choice = choice(&now);
        let good = valid(NOW - DAY, NOW + DAY);
        let doubtful = Arc::new(Serving {
            doubt: Some(crate::serving::Doubt::Order),
            ..Serving::clone(&valid(NOW - DAY, NOW + 90 * DAY))
        });
        choice.offer(&good);
        assert_eq!(choice.offer(&doubtful), Outcome::Waits(Standing::Doubtful));
        now.store(NOW + DAY - LAST, Ordering::Relaxed);
        assert_eq!(choice.reconsider().unwrap().1, Standing::Doubtful);
        // The next one of the same kind replaces it as usual.
        let next = Arc::new(Serving {
            doubt: Some(crate::serving::Doubt::Order),
            ..Serving::clone(&valid(NOW - DAY, NOW + 91 * DAY))
        });
        assert_eq!(choice.offer(&next), Outcome::Taken(Standing::Doubtful));
    }
}
