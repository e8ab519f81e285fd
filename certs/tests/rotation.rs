//! The promise of a rotation, on random walks: every bundle that a client may still go by trusts every leaf that a replica may still
//! serve, while several rotators race without any lock, stall, die, and people delete things under their hands.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::arithmetic_side_effects)]

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use daemonset_certs::rotation::{Leaf, Observer, Published, State, Step, Terms};

/// Milliseconds.
const SECOND: u64 = 1000;
/// How far a client or a replica may lag: the propagation time of the terms.
const LAG: u64 = 60 * SECOND;

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

/// A versioned object with its past, as far back as somebody may still go by it.
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

    /// Everything that was current at some moment of the last `lag`.
    fn recent(&mut self, time: u64, lag: u64) -> impl Iterator<Item = &T> {
        let since = time.saturating_sub(lag);
        let first = self.past.iter().rposition(|(from, _)| *from <= since).unwrap_or(0);
        self.past.drain(..first);
        self.past.iter().map(|(_, value)| value)
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Meddling {
    No,
    Secret,
    Configuration,
}

#[derive(Clone, Copy)]
struct Setting {
    rotators: usize,
    /// How much clients and replicas really lag.
    lag: u64,
    meddling: Meddling,
    /// Whether the Secret is read before the configuration: the wrong way round.
    reversed: bool,
    /// Whether the configuration is read again before what it says is taken over.
    again: bool,
}

const SOUND: Setting =
    Setting { rotators: 4, lag: LAG, meddling: Meddling::No, reversed: false, again: true };

/// What is kept, with the leaf that replicas serve: they go on with the last one when the Secret has none.
#[derive(Clone)]
struct Kept {
    state: State<Id>,
    served: Option<(Id, i64)>,
}

struct World {
    time: u64,
    secret: Object<Kept>,
    configuration: Object<BTreeSet<Id>>,
    ends: BTreeMap<Id, i64>,
    terms: Terms,
    /// Until when a leaf that replaced one that had ended may not be trusted by all: it did not have to wait.
    late: u64,
}

impl World {
    fn now(&self) -> i64 {
        i64::try_from(self.time / SECOND).unwrap()
    }

    fn authority(&mut self) -> Id {
        let id = Id::try_from(self.ends.len()).unwrap();
        self.ends.insert(id, self.now() + i64::try_from(self.terms.authority_lifetime().as_secs()).unwrap());
        id
    }

    fn leaf(&self, issuer: Id) -> Leaf<Id> {
        let life = i64::try_from(self.terms.leaf_lifetime().as_secs()).unwrap();
        Leaf { issuer: Some(issuer), not_after: (self.now() + life).min(self.ends[&issuer]), fits: true }
    }

    fn keep(&mut self, state: State<Id>) {
        let served = match &state.leaf {
            Some(Leaf { issuer: Some(issuer), not_after, .. }) => Some((*issuer, *not_after)),
            _ => self.secret.now().served,
        };
        self.secret.set(self.time, Kept { state, served });
    }

    /// The promise. Where all rotators slept until the leaf had ended, nothing is left to be kept. A client that has been told nothing (before the first bundle, or because somebody emptied it) trusts nobody.
    fn broken(&mut self, lag: u64) -> Option<String> {
        let (time, now) = (self.time, self.now());
        if time <= self.late {
            return None;
        }
        let served: BTreeSet<Id> = self
            .secret
            .recent(time, lag)
            .filter_map(|kept| {
                kept.served.filter(|(_, not_after)| *not_after > now).map(|(issuer, _)| issuer)
            })
            .collect();
        for bundle in self.configuration.recent(time, lag).filter(|bundle| !bundle.is_empty()) {
            if let Some(issuer) = served.iter().find(|issuer| !bundle.contains(issuer)) {
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
    began: u64,
    ended: u64,
    configuration: Option<(u64, BTreeSet<Id>)>,
    secret: Option<(u64, State<Id>)>,
    step: Option<Step>,
}

impl Rotator {
    /// Does the next one thing. Returns the step, when one was taken.
    fn go(&mut self, world: &mut World, setting: Setting) -> Option<Step> {
        let read = |world: &World| Some((world.configuration.version, world.configuration.now().clone()));
        let kept = |world: &World| Some((world.secret.version, world.secret.now().state.clone()));
        if self.configuration.is_none() && self.secret.is_none() {
            self.began = world.time;
            if setting.reversed {
                self.secret = kept(world)
            } else {
                self.configuration = read(world)
            }
            return None;
        }
        if self.configuration.is_none() || self.secret.is_none() {
            if setting.reversed {
                self.configuration = read(world)
            } else {
                self.secret = kept(world)
            }
            self.ended = world.time;
            return None;
        }
        let (version, bundle) = self.configuration.clone().unwrap();
        let (secret_version, mut state) = self.secret.clone().unwrap();
        let Some(step) = self.step else {
            let published = Published::Bundles(vec![bundle]);
            let clock = Duration::from_millis;
            let (began, ended) = (clock(self.began), clock(self.ended));
            let step = self.observer.next(&state, &published, began, ended, world.now(), &world.terms);
            if !step.writes() {
                self.look_again();
            } else {
                self.step = Some(step);
                let takes_over = matches!(step, Step::Found | Step::Introduce);
                if takes_over && setting.again && world.configuration.version != version {
                    self.look_again();
                }
            }
            return None;
        };
        self.look_again();
        let fresh = match step {
            Step::Extend | Step::Prune => world.configuration.version == version,
            _ => world.secret.version == secret_version,
        };
        if !fresh {
            return None;
        }
        match step {
            Step::Found | Step::Introduce => {
                if step == Step::Introduce {
                    state.authorities.extend(bundle.iter().map(|id| (*id, world.ends[id])));
                    let now = world.now();
                    state.authorities.retain(|_, end| *end > now);
                }
                let new = world.authority();
                state.authorities.insert(new, world.ends[&new]);
                state.signer = Some(new);
                if step == Step::Found {
                    state.leaf = Some(world.leaf(new));
                }
                world.keep(state);
            }
            Step::Issue => {
                if state.leaf.is_some_and(|leaf| leaf.not_after <= world.now()) {
                    world.late = world.time + setting.lag;
                }
                state.leaf = Some(world.leaf(state.signer.unwrap()));
                world.keep(state);
            }
            Step::Retire => {
                let signer = state.signer.unwrap();
                state.authorities.retain(|id, _| *id == signer);
                world.keep(state);
            }
            Step::Extend => {
                let all = bundle.into_iter().chain(state.authorities.into_keys()).collect();
                world.configuration.set(world.time, all);
            }
            Step::Prune => world.configuration.set(world.time, state.authorities.into_keys().collect()),
            Step::Wait | Step::Rest(_) | Step::Stuck => unreachable!("it writes nothing"),
        }
        Some(step)
    }

    fn look_again(&mut self) {
        self.configuration = None;
        self.secret = None;
        self.step = None;
    }
}

/// What a person or another program may do to the objects.
fn meddle(world: &mut World, random: &mut Random, meddling: Meddling) {
    let mut state = world.secret.now().state.clone();
    match (meddling, random.below(4)) {
        (Meddling::No, _) => return,
        (Meddling::Configuration, 0) => return world.configuration.set(world.time, BTreeSet::new()),
        (Meddling::Configuration, _) => {
            let stranger = world.authority();
            let mut bundle = world.configuration.now().clone();
            bundle.insert(stranger);
            return world.configuration.set(world.time, bundle);
        }
        (Meddling::Secret, 0) => state = State::default(),
        (Meddling::Secret, 1) => state.signer = None,
        (Meddling::Secret, 2) => state.leaf = None,
        (Meddling::Secret, _) => {
            if let Some(leaf) = &mut state.leaf {
                leaf.fits = false;
            }
        }
    }
    if state.signer.is_some_and(|signer| !state.authorities.contains_key(&signer)) {
        state.signer = None;
    }
    world.keep(state);
}

/// Walks at random from an empty Secret; returns how often each step was taken, or how the promise was broken.
fn walk(seed: u64, setting: Setting) -> Result<BTreeMap<String, u32>, String> {
    let mut random = Random(seed);
    let seconds = Duration::from_secs;
    let terms = Terms::new(seconds(3000), seconds(1200), seconds(480), Duration::from_millis(LAG)).unwrap();
    let mut world = World {
        time: 0,
        secret: Object::new(Kept { state: State::default(), served: None }),
        configuration: Object::new(BTreeSet::new()),
        ends: BTreeMap::new(),
        terms,
        late: 0,
    };
    let mut rotators: Vec<Rotator> = (0..setting.rotators).map(|_| Rotator::default()).collect();
    let mut taken = BTreeMap::new();
    let mut next_meddling = 2000 * SECOND;
    for _ in 0..6000 {
        world.time += random.below(2 * SECOND);
        if world.time > next_meddling {
            meddle(&mut world, &mut random, setting.meddling);
            next_meddling = world.time + 1000 * SECOND + random.below(3000 * SECOND);
        }
        let one = usize::try_from(random.below(setting.rotators as u64)).unwrap();
        let rotator = &mut rotators[one];
        if random.one_in(200) {
            *rotator = Rotator::default();
        } else if random.one_in(40) {
            rotator.asleep_until = world.time + random.below(20 * LAG);
        }
        if rotator.asleep_until <= world.time
            && let Some(step) = rotator.go(&mut world, setting)
        {
            *taken.entry(format!("{step:?}")).or_insert(0) += 1;
        }
        if let Some(broken) = world.broken(setting.lag) {
            return Err(format!("seed {seed}: {broken}"));
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
        let taken = walks(60, Setting { rotators, ..SOUND }).unwrap();
        assert_eq!(taken["Found"], 60, "{taken:?}");
        for step in ["Introduce", "Extend", "Issue", "Retire", "Prune"] {
            assert!(taken[step] >= 60, "{taken:?}");
        }
    }
}

#[test]
fn a_secret_that_somebody_empties_or_damages_is_replaced_in_the_same_two_phases() {
    walks(200, Setting { meddling: Meddling::Secret, ..SOUND }).unwrap();
}

#[test]
fn a_bundle_that_somebody_empties_or_adds_to_is_mended() {
    let taken = walks(200, Setting { meddling: Meddling::Configuration, ..SOUND }).unwrap();
    assert!(taken["Prune"] > taken["Retire"], "{taken:?}");
}

/// The walks would find a fault: each of these is one.
#[test]
fn the_walks_find_what_would_break_the_promise() {
    let late = Setting { lag: 2 * LAG, ..SOUND };
    assert!(walks(60, late).is_err(), "clients and replicas that lag too much were not noticed");
    // By the clock alone a stale reader finds its state due and is refused when it writes; a rotation by hand has no such help.
    let reversed = Setting { reversed: true, meddling: Meddling::Secret, ..SOUND };
    assert!(walks(1000, reversed).is_err(), "reading the Secret first was not noticed");
}
