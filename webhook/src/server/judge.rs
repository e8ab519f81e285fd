//! Where a review is judged: at once on the async worker if that is certainly little work, else on the threads for it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use daemonset_validation::placement::Budget;
use tokio::sync::oneshot;

use super::app::App;
use super::connections::Caller;
use super::deadline::Deadline;
use super::decide::{Decided, TooLate};
use super::judges::{Size, Ticket, Turn};
use super::memory::{Held, SMALL};
use super::refusal::Refusal;
use crate::metrics::Shed;
use crate::placement;
use crate::review::{PlacementJudge, Weight};

/// A body up to this size may be judged at once.
const LIGHT_BYTES: usize = 16 * 1024;

/// Objects and lists in a body that may be judged at once. Each becomes a structure in memory, and some of them are large.
const LIGHT_VALUES: usize = 512;

/// A body up to this size is small, whatever is in it.
const SURELY_SMALL: usize = 4 * 1024;

/// A review is small if judging it takes at most this many bytes of memory.
const SMALL_WEIGHT: usize = 8 << 20;

/// How long before its review is judged without it a look at the cluster ends.
const MARGIN: Duration = Duration::from_millis(50);

/// Whether judging a review without a fault is little work, some ten microseconds.
fn is_light(body: &[u8]) -> bool {
    body.len() <= LIGHT_BYTES && openings(body) <= LIGHT_VALUES
}

/// How often `{` and `[` stand in a text. They differ in one bit. Counts of one byte are summed up in vectors, which is four times as fast as
/// counting in a `usize`.
fn openings(text: &[u8]) -> usize {
    let of = |part: &[u8]| part.iter().map(|byte| u8::from(byte | 0x20 == b'{')).fold(0, u8::wrapping_add);
    text.chunks(usize::from(u8::MAX)).map(|part| usize::from(of(part))).sum()
}

/// What judging a review needs.
fn size_of(body: &[u8]) -> Size {
    if body.len() <= SURELY_SMALL {
        return Size::Small;
    }
    let bytes = Weight::of(body).bytes;
    if body.len() <= SMALL && bytes <= SMALL_WEIGHT { Size::Small } else { Size::Large(bytes) }
}

impl App {
    /// Judges a review within its deadline.
    pub(super) async fn judge(
        self: &Arc<Self>,
        caller: &Caller,
        body: &Bytes,
        held: Held,
        deadline: &Deadline,
    ) -> Decided {
        let places = self.placement.is_some() && self.policy.load().levels.ask_placement();
        if !places
            && is_light(body)
            && let Some(decided) = self.decide_at_once(body)
        {
            return decided;
        }
        let held = Arc::new(held);
        let now = Instant::now();
        let (left, most) = (deadline.left(), deadline.most());
        let turn = Turn {
            peer: caller.peer().address(),
            body,
            size: size_of(body),
            late: now.checked_add(most).unwrap_or(now),
            end: now.checked_add(left).unwrap_or(now),
        };
        let (ticket, mut decided) = self.enqueue(&turn, body, &held);
        let Ok(decided) = tokio::time::timeout(most, &mut decided).await else {
            return self.hurry(turn, ticket, decided, body, &held, deadline).await;
        };
        decided.unwrap_or_else(|_| Err(self.fault()))
    }

    /// Most of the time is over. A review that waits is judged without placement when it begins. Where one is being judged whose placement
    /// takes too long, it is judged once more without.
    async fn hurry(
        self: &Arc<Self>,
        turn: Turn<'_>,
        ticket: Ticket,
        mut first: oneshot::Receiver<Decided>,
        body: &Bytes,
        held: &Arc<Held>,
        deadline: &Deadline,
    ) -> Decided {
        let again = ticket.has_begun() && self.placement.is_some();
        let mut second = again.then(|| {
            let now = Instant::now();
            let size = match turn.size {
                Size::Small | Size::Urgent => Size::Urgent,
                large @ Size::Large(_) => large,
            };
            self.enqueue(&Turn { size, late: now, ..turn }, body, held)
        });
        let either = async {
            match &mut second {
                Some((_, second)) => tokio::select! {
                    biased;
                    Ok(decided) = &mut first => Some(decided),
                    Ok(decided) = second => Some(decided),
                    else => None,
                },
                None => first.await.ok(),
            }
        };
        let decided = tokio::time::timeout(deadline.left(), either).await.ok().flatten();
        decided.unwrap_or(Err(Refusal::Retry { reason: Shed::Late, was_read: true }))
    }

    fn enqueue(
        self: &Arc<Self>,
        turn: &Turn<'_>,
        body: &Bytes,
        held: &Arc<Held>,
    ) -> (Ticket, oneshot::Receiver<Decided>) {
        let (sender, decided) = oneshot::channel();
        let (app, body, held) = (self.clone(), body.clone(), held.clone());
        // The look ends by itself before its answer would be too late.
        let until = turn.late.checked_sub(MARGIN).unwrap_or(turn.late);
        let ticket = self.judges.add(turn, move |late| {
            let answer = if late {
                app.decide(
                    &body,
                    app.placement.as_deref().map(|_| &TooLate as &dyn PlacementJudge),
                    &Budget::unbounded(),
                )
            } else {
                let budget = Budget::new(placement::WORK, move || Instant::now() >= until);
                app.decide(&body, app.placement.as_deref(), &budget)
            };
            // The memory is free before the next review is read.
            drop((body, held));
            let _ = sender.send(answer);
        });
        (ticket, decided)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn openings_are_counted_in_texts_of_any_length() {
        for length in [0, 1, 254, 255, 256, 510, 511, 5_000] {
            assert_eq!(openings(&vec![b'{'; length]), length);
            assert_eq!(openings(&vec![b'['; length]), length);
        }
        let others: Vec<u8> = (0..=u8::MAX).filter(|byte| !matches!(byte, b'{' | b'[')).collect();
        assert_eq!(openings(&others), 0);
    }
}
