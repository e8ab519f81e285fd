//! The reviews that wait to be judged, and whose turn it is: peers first, then the users of a peer, have equal shares of the judges' time.
//! Of one user, small reviews come before large ones.

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;
use std::time::Duration;

/// What a review is charged when it begins. It is charged the rest of its time when it ends.
const AT_LEAST: u64 = 50;

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Asker {
    /// The peer address of the connection.
    pub(super) peer: IpAddr,
    /// A hash of the user name.
    pub(super) user: u64,
}

/// How much of the judges a review needs. The order is the order in which reviews of one user are judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::server) enum Size {
    /// A review whose placement takes too long and which is judged without it. Begins whatever else of its user is judged.
    Urgent,
    /// A review that needs little memory and time.
    Small,
    /// A review that needs this many bytes of memory.
    Large(usize),
}

impl Size {
    const fn rank(self) -> u8 {
        match self {
            Self::Urgent => 0,
            Self::Small => 1,
            Self::Large(_) => 2,
        }
    }

    const fn bytes(self) -> usize {
        match self {
            Self::Large(bytes) => bytes,
            Self::Urgent | Self::Small => 0,
        }
    }
}

/// The place of a review in the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Number {
    asker: Asker,
    rank: u8,
    number: u64,
}

/// A review that is being judged, as the queue remembers it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Begun {
    asker: Asker,
    size: Size,
}

impl Begun {
    /// Whether it needs much memory.
    pub(super) const fn is_large(&self) -> bool {
        matches!(self.size, Size::Large(_))
    }
}

/// The review whose turn it is.
#[derive(Clone, Copy, Debug)]
struct Next {
    asker: Asker,
    /// Its key among those of its user that wait.
    key: (u8, u64),
    size: Size,
}

/// The queue of reviews.
#[derive(Debug)]
pub(super) struct Queue<J> {
    peers: HashMap<IpAddr, Peer<J>>,
    next: u64,
    length: usize,
    /// How many reviews of one user are judged at once.
    of_user: usize,
    /// How many bytes all large reviews that are judged at once need at most, except that one is always judged.
    most_bytes: usize,
    bytes: usize,
    large: usize,
}

#[derive(Debug)]
struct Peer<J> {
    /// Microseconds of the judges' time.
    used: u64,
    users: HashMap<u64, User<J>>,
}

#[derive(Debug)]
struct User<J> {
    used: u64,
    running: usize,
    /// By rank, then in the order in which they came.
    waiting: BTreeMap<(u8, u64), (Size, J)>,
}

impl<J> Queue<J> {
    /// An empty queue.
    pub(super) fn new(of_user: usize, most_bytes: usize) -> Self {
        Self {
            peers: HashMap::new(),
            next: 0,
            length: 0,
            of_user: of_user.max(1),
            most_bytes,
            bytes: 0,
            large: 0,
        }
    }

    /// How many reviews wait.
    pub(super) const fn len(&self) -> usize {
        self.length
    }

    /// The bytes of the large reviews that are being judged.
    pub(super) const fn bytes(&self) -> usize {
        self.bytes
    }

    /// Adds a review.
    pub(super) fn add(&mut self, asker: Asker, size: Size, job: J) -> Number {
        let number = Number { asker, rank: size.rank(), number: self.next };
        self.next = self.next.wrapping_add(1);
        self.length = self.length.saturating_add(1);
        // Who comes now has no claim to time that others used before.
        let least = self.peers.values().map(|peer| peer.used).min().unwrap_or(0);
        let peer =
            self.peers.entry(asker.peer).or_insert_with(|| Peer { used: least, users: HashMap::new() });
        let least = peer.users.values().map(|user| user.used).min().unwrap_or(0);
        let user = peer.users.entry(asker.user).or_insert_with(|| User {
            used: least,
            running: 0,
            waiting: BTreeMap::new(),
        });
        user.waiting.insert((number.rank, number.number), (size, job));
        number
    }

    /// Takes a review out that has not begun.
    pub(super) fn remove(&mut self, number: Number) -> Option<J> {
        let Number { asker, rank, number } = number;
        let user = self.peers.get_mut(&asker.peer)?.users.get_mut(&asker.user)?;
        let (_, job) = user.waiting.remove(&(rank, number))?;
        self.length = self.length.saturating_sub(1);
        self.forget(asker);
        Some(job)
    }

    /// The next review; `None` if none waits that can begin now. With `only_small` large ones are not considered.
    pub(super) fn begin(&mut self, only_small: bool) -> Option<(Begun, J)> {
        let mut next = self.next_turn(only_small)?;
        if !self.fits(next.size) {
            // No other large one begins before it, or it might wait for ever.
            next = self.next_turn(true)?;
        }
        let Next { asker, key, size } = next;
        let peer = self.peers.get_mut(&asker.peer)?;
        peer.used = peer.used.saturating_add(AT_LEAST);
        let user = peer.users.get_mut(&asker.user)?;
        user.used = user.used.saturating_add(AT_LEAST);
        user.running = user.running.saturating_add(1);
        let (_, job) = user.waiting.remove(&key)?;
        self.length = self.length.saturating_sub(1);
        if let Size::Large(bytes) = size {
            self.bytes = self.bytes.saturating_add(bytes);
            self.large = self.large.saturating_add(1);
        }
        Some((Begun { asker, size }, job))
    }

    /// A review is judged and took this long.
    pub(super) fn end(&mut self, begun: Begun, took: Duration) {
        let Begun { asker, size } = begun;
        if let Size::Large(bytes) = size {
            self.bytes = self.bytes.saturating_sub(bytes);
            self.large = self.large.saturating_sub(1);
        }
        let took = u64::try_from(took.as_micros()).unwrap_or(u64::MAX).saturating_sub(AT_LEAST);
        if let Some(peer) = self.peers.get_mut(&asker.peer) {
            peer.used = peer.used.saturating_add(took);
            if let Some(user) = peer.users.get_mut(&asker.user) {
                user.used = user.used.saturating_add(took);
                user.running = user.running.saturating_sub(1);
            }
        }
        self.forget(asker);
    }

    fn fits(&self, size: Size) -> bool {
        size.bytes() == 0 || self.large == 0 || self.bytes.saturating_add(size.bytes()) <= self.most_bytes
    }

    fn next_turn(&self, only_small: bool) -> Option<Next> {
        let mut best: Option<((u64, u64, u64), Next)> = None;
        for (address, peer) in &self.peers {
            for (name, user) in &peer.users {
                let Some((key, (size, _))) = user.waiting.first_key_value() else { continue };
                let can_begin = user.running < self.of_user || *size == Size::Urgent;
                if !can_begin || only_small && matches!(size, Size::Large(_)) {
                    continue;
                }
                let turn = (peer.used, user.used, key.1);
                if best.as_ref().is_none_or(|(before, _)| turn < *before) {
                    let asker = Asker { peer: *address, user: *name };
                    best = Some((turn, Next { asker, key: *key, size: *size }));
                }
            }
        }
        best.map(|(_, best)| best)
    }

    /// Forgets a user, and a peer, of whom no review waits or is judged.
    fn forget(&mut self, asker: Asker) {
        let Some(peer) = self.peers.get_mut(&asker.peer) else { return };
        if peer.users.get(&asker.user).is_some_and(|user| user.running == 0 && user.waiting.is_empty()) {
            peer.users.remove(&asker.user);
        }
        if peer.users.is_empty() {
            self.peers.remove(&asker.peer);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asker(peer: u8, user: u64) -> Asker {
        Asker { peer: [10, 0, 0, peer].into(), user }
    }

    /// Judges everything on one thread; each review takes as many milliseconds as its name says.
    fn order(queue: &mut Queue<u64>) -> Vec<u64> {
        let mut order = Vec::new();
        while let Some((begun, job)) = queue.begin(false) {
            queue.end(begun, Duration::from_millis(job));
            order.push(job);
        }
        order
    }

    #[test]
    fn users_have_equal_shares_of_the_time() {
        let mut queue = Queue::new(2, 100);
        for _ in 0..3 {
            queue.add(asker(1, 1), Size::Small, 100);
        }
        for _ in 0..4 {
            queue.add(asker(1, 2), Size::Small, 1);
        }
        assert_eq!(queue.len(), 7);
        assert_eq!(order(&mut queue), [100, 1, 1, 1, 1, 100, 100]);
        assert!(queue.peers.is_empty());
    }

    #[test]
    fn made_up_users_of_one_peer_have_the_share_of_that_peer() {
        let mut queue = Queue::new(2, 100);
        for user in 0..50 {
            queue.add(asker(1, user), Size::Small, 10);
        }
        for _ in 0..3 {
            queue.add(asker(2, 1), Size::Small, 1);
        }
        assert_eq!(order(&mut queue).get(..5), Some(&[10, 1, 1, 1, 10][..]));
    }

    #[test]
    fn small_reviews_of_a_user_come_before_large_ones() {
        let mut queue = Queue::new(9, 100);
        let large = queue.add(asker(1, 1), Size::Large(80), 1);
        queue.add(asker(1, 1), Size::Large(30), 2);
        queue.add(asker(1, 1), Size::Small, 3);
        queue.add(asker(1, 1), Size::Urgent, 4);
        assert_eq!(order(&mut queue), [4, 3, 1, 2]);
        assert_eq!(queue.remove(large), None, "it has begun");
        let large = queue.add(asker(1, 1), Size::Large(80), 5);
        assert_eq!((queue.remove(large), queue.len()), (Some(5), 0));
        assert!(queue.peers.is_empty());
    }

    #[test]
    fn large_reviews_are_judged_within_the_memory_and_in_turn() {
        let mut queue = Queue::new(9, 100);
        for (user, bytes) in [(1, 80), (2, 200), (3, 10)] {
            queue.add(asker(1, user), Size::Large(bytes), user);
        }
        queue.add(asker(1, 4), Size::Small, 4);
        let first = queue.begin(false);
        assert_eq!((first.map(|(_, job)| job), queue.bytes()), (Some(1), 80));
        let small = queue.begin(false);
        assert_eq!(small.map(|(_, job)| job), Some(4));
        assert!(queue.begin(false).is_none(), "the third would fit, but the second comes before it");
        queue.end(first.unwrap().0, Duration::ZERO);
        assert_eq!(queue.begin(false).map(|(_, job)| job), Some(2), "alone it can be larger than the limit");
        assert!(queue.begin(false).is_none());
    }

    #[test]
    fn a_user_does_not_have_all_judges() {
        let mut queue = Queue::new(1, 100);
        queue.add(asker(1, 1), Size::Small, 1);
        queue.add(asker(1, 1), Size::Small, 2);
        queue.add(asker(1, 2), Size::Large(5), 3);
        let first = queue.begin(true);
        assert_eq!(first.map(|(_, job)| job), Some(1));
        assert!(queue.begin(true).is_none());
        queue.add(asker(1, 1), Size::Urgent, 4);
        assert_eq!(queue.begin(true).map(|(_, job)| job), Some(4));
        assert_eq!(queue.begin(false).map(|(_, job)| job), Some(3));
        queue.end(first.unwrap().0, Duration::ZERO);
        assert!(queue.begin(false).is_none(), "the urgent one is still judged");
    }
}
