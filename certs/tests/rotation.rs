//! Checks the invariants of a rotation on random walks: every bundle that a client may still use trusts every leaf that a replica may still
//! serve, and every such leaf is valid by the API server's clock. Meanwhile several rotators race without a lock, stall and crash, their clocks
//! are wrong by hours and jump, and other people change the objects.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::arithmetic_side_effects)]

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use daemonset_certs::rotation::{Leaf, Observer, Published, Reading, State, Step, Terms};
use daemonset_certs::{ServerTime, Standing, Validity};

/// Milliseconds.
const SECOND: u64 = 1000;
/// How far a client or a replica may lag: the propagation time of the terms.
const LAG: u64 = 60 * SECOND;

/// How long before they are made certificates are valid, in seconds: much less than clocks are wrong, so that it proves nothing by itself.
const BACKDATED: i64 = 60;
/// By how many seconds clocks are wrong.
const WRONG: [i64; 8] = [0, 0, -3600, 3600, -5 * 3600, 11 * 3600, -26 * 3600, 49 * 3600];

type Id = u32;

struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    fn one_in(&mut self, chances: u64) -> bool {
        self.below(chances) == 0
    }
}

/// A versioned object with its earlier values, as far back as a client may still use them.
struct Object<T> {
    version: u64,
    past: Vec<(u64, T)>,
}

impl<T: Clone> Object<T> {
    fn new(value: T) -> Object<T> {
        Object { version: 1, past: vec![(0, value)] }
    }

    fn now(&self) -> &T {
        &self.past.last().unwrap().1
    }

    fn set(&mut self, time: u64, value: T) {
        self.version += 1;
        self.past.push((time, value));
    }

    /// All values that were current at some moment of the last `lag`.
    fn recent(&mut self, time: u64, lag: u64) -> impl Iterator<Item = &T> {
        let since = time.saturating_sub(lag);
        let first = self.past.iter().rposition(|(from, _)| *from <= since).unwrap_or(0);
        self.past.drain(..first);
        self.past.iter().map(|(_, value)| value)
    }
}

/// Which object somebody else changes now and then.
#[derive(Clone, Copy, PartialEq)]
enum Interference {
    None,
    Secret,
    Configuration,
    /// A writer whose clock is hours ahead or behind, and who believes it, stores a leaf, or a CA with a leaf.
    WrongClock,
}

/// What a rotator takes for the time.
#[derive(Clone, Copy, PartialEq)]
enum Time {
    /// What the API server says in its answers, carried on with a monotonic clock.
    Server,
    /// Its own clock, wrong as it is.
    Own,
}

/// Which leaf a replica serves.
#[derive(Clone, Copy, PartialEq)]
enum Serves {
    /// The newest that is not worse than the one before.
    Better,
    /// The newest.
    Newest,
}

#[derive(Clone, Copy)]
struct Setting {
    rotators: usize,
    /// How much clients and replicas lag in this walk.
    lag: u64,
    interference: Interference,
    /// Whether the Secret is read before the configuration, which is the wrong order.
    reversed: bool,
    /// Whether the configuration is read again before published CAs are copied into the Secret.
    check_again: bool,
    /// By how many seconds the rotators' clocks are wrong: each takes one of these, and another one now and then.
    wrong: &'static [i64],
    time: Time,
    serves: Serves,
}

const CORRECT: Setting = Setting {
    rotators: 4,
    lag: LAG,
    interference: Interference::None,
    reversed: false,
    check_again: true,
    wrong: &WRONG,
    time: Time::Server,
    serves: Serves::Better,
};

/// A leaf that is served: its CA, its validity (within the CA's), and whether it is for the right names.
type Served = (Id, Validity, bool);

/// The Secret, and the leaf that replicas serve.
#[derive(Clone)]
struct Stored {
    state: State<Id>,
    served: Option<Served>,
}

/// What the product makes of such a leaf.
fn standing((_, validity, fits): Served, now: i64) -> Standing {
    if !fits {
        Standing::Unfit
    } else if now >= validity.not_after {
        Standing::Expired
    } else if now < validity.not_before {
        Standing::Early
    } else {
        Standing::Good
    }
}

struct World {
    time: u64,
    secret: Object<Stored>,
    configuration: Object<BTreeSet<Id>>,
    authorities: BTreeMap<Id, Validity>,
    terms: Terms,
    serves: Serves,
    /// A leaf that is served because the one before it had expired, so that nothing better was known.
    excused: Option<Served>,
    /// Until when the invariant is not checked: a leaf that replaces an expired one is issued without waiting.
    unchecked_until: u64,
}

impl World {
    fn now(&self) -> i64 {
        i64::try_from(self.time / SECOND).unwrap()
    }

    /// Makes a CA at `now`.
    fn authority(&mut self, now: i64) -> Id {
        let id = Id::try_from(self.authorities.len()).unwrap();
        let life = i64::try_from(self.terms.authority_lifetime().as_secs()).unwrap();
        self.authorities.insert(id, Validity { not_before: now - BACKDATED, not_after: now + life });
        id
    }

    /// Makes a leaf at `now`.
    fn leaf(&self, issuer: Id, now: i64) -> Leaf<Id> {
        let life = i64::try_from(self.terms.leaf_lifetime().as_secs()).unwrap();
        let not_after = (now + life).min(self.authorities[&issuer].not_after);
        let validity = Validity { not_before: now - BACKDATED, not_after };
        Leaf { issuer: Some(issuer), validity, fits: true }
    }

    fn store(&mut self, state: State<Id>) {
        let served = self.chosen(&state, self.secret.now().served);
        self.excuse(served);
        self.secret.set(self.time, Stored { state, served });
    }

    /// The leaf that a replica serves that has served `before`.
    fn chosen(&self, state: &State<Id>, before: Option<Served>) -> Option<Served> {
        let Some(Leaf { issuer: Some(issuer), validity, fits }) = state.leaf else { return before };
        let new = (issuer, validity.both(self.authorities[&issuer]), fits);
        let now = self.now();
        match before {
            Some(before) if self.serves == Serves::Better => {
                Some(if standing(new, now).replaces(standing(before, now)) { new } else { before })
            }
            _ => Some(new),
        }
    }

    /// Notes a leaf that is about to be served in place of an expired one.
    fn excuse(&mut self, chosen: Option<Served>) {
        let before = self.secret.now().served;
        if chosen != before && before.is_some_and(|before| standing(before, self.now()) == Standing::Expired)
        {
            self.excused = chosen;
        }
    }

    /// Replicas look again at a leaf that they have not taken.
    fn reconsider(&mut self) {
        let Stored { state, served } = self.secret.now().clone();
        let chosen = self.chosen(&state, served);
        if chosen != served {
            self.excuse(chosen);
            self.secret.past.push((self.time, Stored { state, served: chosen }));
        }
    }

    /// If the served leaf has expired: when it was due (milliseconds). It may expire only if no rotator was awake from then on.
    fn expired(&self) -> Option<u64> {
        let served = self.secret.now().served.filter(|served| self.excused != Some(*served));
        let (_, validity, fits) = served?;
        let due = u64::try_from(self.terms.due(validity.not_after)).ok()?;
        (fits && validity.not_after <= self.now()).then_some(due * SECOND)
    }

    /// How the invariant is violated, if it is. An empty bundle (before the first one, or because somebody emptied it) is not checked.
    fn violation(&mut self, lag: u64) -> Option<String> {
        let (time, now) = (self.time, self.now());
        if time <= self.unchecked_until {
            return None;
        }
        let excused = self.excused;
        let served: BTreeMap<Id, Validity> = self
            .secret
            .recent(time, lag)
            .filter_map(|stored| stored.served.filter(|(_, validity, _)| validity.not_after > now))
            .filter(|served| excused != Some(*served))
            .map(|(issuer, validity, _)| (issuer, validity))
            .collect();
        if let Some((issuer, validity)) = served.iter().find(|(_, validity)| now < validity.not_before) {
            return Some(format!("at {now} s the leaf of {issuer} is not valid yet: {validity:?}"));
        }
        for bundle in self.configuration.recent(time, lag).filter(|bundle| !bundle.is_empty()) {
            if let Some(issuer) = served.keys().find(|issuer| !bundle.contains(issuer)) {
                return Some(format!("at {time} ms {bundle:?} does not trust {issuer}"));
            }
        }
        None
    }
}

/// A process between two of its calls to the API server.
#[derive(Default)]
struct Rotator {
    observer: Observer<Id>,
    asleep_until: u64,
    /// Since when it has run without a pause.
    awake_since: u64,
    began: u64,
    ended: u64,
    configuration: Option<(u64, BTreeSet<Id>)>,
    secret: Option<(u64, State<Id>)>,
    step: Option<Step>,
    /// By how many seconds its clock is wrong.
    wrong: i64,
    /// The API server's time as its last answer told it.
    told: Option<ServerTime>,
    /// What it took for the time when it decided.
    now: i64,
    /// The leaf that it serves itself, which a restart forgets.
    serves: Option<Served>,
    /// Whether that was another one than the Secret's, and good, when it decided.
    keeps: bool,
}

impl Rotator {
    /// Notes the time that an answer tells. Its own monotonic clock is right.
    fn hear(&mut self, world: &World) {
        self.told = Some(ServerTime::new(world.now(), Duration::from_millis(world.time)));
    }

    fn clock(&self, world: &World, time: Time) -> i64 {
        match (time, self.told) {
            (Time::Server, Some(told)) => told.at(Duration::from_millis(world.time)),
            _ => world.now() + self.wrong,
        }
    }

    /// Makes the next call. Returns the step, if one was taken.
    fn advance(&mut self, world: &mut World, setting: Setting) -> Option<Step> {
        let read = |world: &World| Some((world.configuration.version, world.configuration.now().clone()));
        let stored = |world: &World| Some((world.secret.version, world.secret.now().state.clone()));
        if self.configuration.is_none() || self.secret.is_none() {
            self.hear(world);
        }
        if self.configuration.is_none() && self.secret.is_none() {
            self.began = world.time;
            if setting.reversed {
                self.secret = stored(world)
            } else {
                self.configuration = read(world)
            }
            return None;
        }
        if self.configuration.is_none() || self.secret.is_none() {
            if setting.reversed {
                self.configuration = read(world)
            } else {
                self.secret = stored(world)
            }
            self.ended = world.time;
            if let Some((_, state)) = &self.secret {
                self.serves = world.chosen(state, self.serves);
            }
            return None;
        }
        let (version, bundle) = self.configuration.clone().unwrap();
        let (secret_version, mut state) = self.secret.clone().unwrap();
        let Some(step) = self.step else {
            let published = Published::Bundles(vec![bundle]);
            let clock = Duration::from_millis;
            let (began, ended) = (clock(self.began), clock(self.ended));
            self.now = self.clock(world, setting.time);
            self.keeps = self.serves.is_some_and(|served| {
                standing(served, self.now) == Standing::Good
                    && state.leaf.as_ref().is_none_or(|leaf| {
                        leaf.issuer != Some(served.0) || leaf.validity.not_after != served.1.not_after
                    })
            });
            let reading = Reading {
                state: &state,
                published: &published,
                keeps: self.keeps,
                began,
                ended,
                now: self.now,
            };
            let step = self.observer.next(reading, &world.terms);
            if !step.writes() {
                self.start_over();
            } else {
                self.step = Some(step);
                let copies = matches!(step, Step::Bootstrap | Step::Introduce);
                if copies && setting.check_again && world.configuration.version != version {
                    self.start_over();
                }
            }
            return None;
        };
        self.start_over();
        let now = self.now;
        let fresh = match step {
            Step::Extend | Step::Prune => world.configuration.version == version,
            _ => world.secret.version == secret_version,
        };
        if !fresh {
            return None;
        }
        match step {
            Step::Bootstrap | Step::Introduce => {
                if step == Step::Introduce {
                    state.authorities.extend(bundle.iter().map(|id| (*id, world.authorities[id])));
                    state.authorities.retain(|_, validity| validity.not_after > now);
                }
                let new = world.authority(now);
                state.authorities.insert(new, world.authorities[&new]);
                state.signer = Some(new);
                if step == Step::Bootstrap {
                    state.leaf = Some(world.leaf(new, now));
                }
                world.store(state);
            }
            Step::Issue => {
                if !self.keeps && state.leaf.is_some_and(|leaf| !leaf.validity.contains(world.now())) {
                    world.unchecked_until = world.time + setting.lag;
                }
                state.leaf = Some(world.leaf(state.signer.unwrap(), now));
                world.store(state);
            }
            Step::Retire => {
                let signer = state.signer.unwrap();
                state.authorities.retain(|id, _| *id == signer);
                world.store(state);
            }
            Step::Extend => {
                let all = bundle.into_iter().chain(state.authorities.into_keys()).collect();
                world.configuration.set(world.time, all);
            }
            Step::Prune => world.configuration.set(world.time, state.authorities.into_keys().collect()),
            Step::Wait | Step::Idle { .. } | Step::Blocked => unreachable!("it writes nothing"),
        }
        Some(step)
    }

    fn start_over(&mut self) {
        self.configuration = None;
        self.secret = None;
        self.step = None;
    }
}

/// Changes an object as a person or another program might.
fn interfere(world: &mut World, random: &mut Random, interference: Interference) {
    let mut state = world.secret.now().state.clone();
    match (interference, random.below(4)) {
        (Interference::None, _) => return,
        (Interference::Configuration, 0) => return world.configuration.set(world.time, BTreeSet::new()),
        (Interference::WrongClock, which) => {
            let now = world.now() + WRONG[2 + usize::try_from(random.below(6)).unwrap()];
            if which < 2 {
                let new = world.authority(now);
                state.authorities.insert(new, world.authorities[&new]);
                state.signer = Some(new);
            }
            if let Some(signer) = state.signer
                && which != 1
            {
                state.leaf = Some(world.leaf(signer, now));
            }
        }
        (Interference::Configuration, _) => {
            let stranger = world.authority(world.now());
            let mut bundle = world.configuration.now().clone();
            bundle.insert(stranger);
            return world.configuration.set(world.time, bundle);
        }
        (Interference::Secret, 0) => state = State::default(),
        (Interference::Secret, 1) => state.signer = None,
        (Interference::Secret, 2) => state.leaf = None,
        (Interference::Secret, _) => {
            if let Some(leaf) = &mut state.leaf {
                leaf.fits = false;
            }
        }
    }
    if state.signer.is_some_and(|signer| !state.authorities.contains_key(&signer)) {
        state.signer = None;
    }
    world.store(state);
}

/// A random walk that begins with an empty Secret. Returns how often each step was taken, or how the invariant was violated.
fn walk(seed: u64, setting: Setting) -> Result<BTreeMap<String, u32>, String> {
    let mut random = Random(seed);
    let seconds = Duration::from_secs;
    let terms = Terms::new(seconds(3000), seconds(1200), seconds(480), Duration::from_millis(LAG)).unwrap();
    let mut world = World {
        time: 0,
        secret: Object::new(Stored { state: State::default(), served: None }),
        configuration: Object::new(BTreeSet::new()),
        authorities: BTreeMap::new(),
        terms,
        serves: setting.serves,
        excused: None,
        unchecked_until: 0,
    };
    let wrong = |random: &mut Random| setting.wrong[random.next() as usize % setting.wrong.len()];
    let mut rotators: Vec<Rotator> =
        (0..setting.rotators).map(|_| Rotator { wrong: wrong(&mut random), ..Rotator::default() }).collect();
    let mut taken = BTreeMap::new();
    let mut next_interference = 2000 * SECOND;
    for _ in 0..6000 {
        world.time += random.below(2 * SECOND);
        if world.time > next_interference {
            interfere(&mut world, &mut random, setting.interference);
            next_interference = world.time + 1000 * SECOND + random.below(3000 * SECOND);
        }
        let one = usize::try_from(random.below(setting.rotators as u64)).unwrap();
        let rotator = &mut rotators[one];
        if random.one_in(200) {
            *rotator = Rotator { wrong: rotator.wrong, awake_since: world.time, ..Rotator::default() };
        } else if random.one_in(100) {
            rotator.wrong = wrong(&mut random);
        } else if random.one_in(40) {
            rotator.asleep_until = world.time + random.below(20 * LAG);
            rotator.awake_since = rotator.asleep_until;
        }
        if rotator.asleep_until <= world.time
            && let Some(step) = rotator.advance(&mut world, setting)
        {
            *taken.entry(format!("{step:?}")).or_insert(0) += 1;
        }
        world.reconsider();
        if let Some(expired) = world.expired()
            && rotators.iter().any(|rotator| rotator.awake_since < expired)
        {
            return Err(format!("seed {seed}: at {} ms the served leaf has expired", world.time));
        }
        if let Some(violation) = world.violation(setting.lag) {
            return Err(format!("seed {seed}: {violation}"));
        }
    }
    Ok(taken)
}

fn walks(count: u64, setting: Setting) -> Result<BTreeMap<String, u32>, String> {
    let mut all = BTreeMap::new();
    for seed in 0..count {
        for (step, count) in walk(seed, setting)? {
            *all.entry(step).or_insert(0) += count;
        }
    }
    Ok(all)
}

#[test]
fn every_published_bundle_trusts_every_served_leaf() {
    for rotators in [1, 2, 5] {
        let taken = walks(60, Setting { rotators, ..CORRECT }).unwrap();
        assert_eq!(taken["Bootstrap"], 60, "{taken:?}");
        for step in ["Introduce", "Extend", "Issue", "Retire", "Prune"] {
            assert!(taken[step] >= 60, "{taken:?}");
        }
    }
}

#[test]
fn clocks_that_are_wrong_by_hours_change_nothing() {
    // The same walks with right clocks and with wrong ones take the same steps.
    let right = walks(60, Setting { wrong: &[0; 8], ..CORRECT }).unwrap();
    assert_eq!(right, walks(60, CORRECT).unwrap());
}

#[test]
fn what_a_wrong_clock_has_written_is_neither_served_nor_left() {
    let taken = walks(200, Setting { interference: Interference::WrongClock, ..CORRECT }).unwrap();
    assert!(taken["Introduce"] > 200 && taken["Issue"] > taken["Introduce"], "{taken:?}");
}

#[test]
fn without_the_api_servers_time_clocks_that_differ_by_less_than_the_backdating_break_nothing() {
    const LESS: [i64; 8] = [0, 5, -5, 10, -10, 20, -25, 29];
    walks(200, Setting { time: Time::Own, wrong: &LESS, ..CORRECT }).unwrap();
}

#[test]
fn a_secret_that_somebody_empties_or_damages_is_replaced_in_the_same_two_phases() {
    walks(200, Setting { interference: Interference::Secret, ..CORRECT }).unwrap();
}

#[test]
fn a_bundle_that_somebody_empties_or_adds_to_is_repaired() {
    let taken = walks(200, Setting { interference: Interference::Configuration, ..CORRECT }).unwrap();
    assert!(taken["Prune"] > taken["Retire"], "{taken:?}");
}

/// Settings that violate the invariant: the walks must notice each.
#[test]
fn the_walks_notice_violations() {
    let late = Setting { lag: 2 * LAG, ..CORRECT };
    assert!(walks(60, late).is_err(), "clients and replicas that lag too much were not noticed");
    // In a rotation that is due by the clock, a reader with a stale Secret is refused when it writes. A rotation that somebody triggers by
    // hand is not protected by that.
    let reversed = Setting { reversed: true, interference: Interference::Secret, ..CORRECT };
    assert!(walks(1000, reversed).is_err(), "reading the Secret first was not noticed");
    // Clocks that are wrong by hours, in processes that believe them.
    let own = Setting { time: Time::Own, ..CORRECT };
    assert!(walks(60, own).is_err(), "rotating by one's own clock was not noticed");
    let newest = Setting { interference: Interference::WrongClock, serves: Serves::Newest, ..CORRECT };
    assert!(walks(60, newest).is_err(), "serving a worse leaf was not noticed");
}
