//! Makes cases: a consistent DaemonSet, combinations and changes; for an update also the stored object.

use crate::cases::combine::lay_over;
use crate::cases::expand::named;
use crate::cases::mend::mend;
use crate::cases::mutate::Tools;
use crate::cases::places::prune;
use crate::cases::plant::Parents;
use crate::cases::vocabulary::{Vocabulary, json};
use crate::json::Json;
use crate::random::Random;
use crate::schema::{Kind, Schema};

const POD: &[&str] = &["spec", "template", "spec"];

/// One question to the server and to us.
#[derive(Clone, Debug)]
pub struct Case {
    /// The document.
    pub document: Json,
    /// The stored object, where the question is about an update.
    pub old: Option<Json>,
}

/// Makes cases for one minor.
#[derive(Debug)]
pub struct Generator {
    schema: Schema,
    vocabulary: Vocabulary,
    combinations: Vec<Json>,
    stored: Vec<Json>,
    bases: Vec<Json>,
    parents: Parents,
    root: Kind,
    mask: u8,
}

impl Generator {
    /// A generator whose cases use the fields of the minor at this position of the supported ones. `bases` are whole documents
    /// to start from besides the generator's own.
    pub fn new(minor: usize, bases: Vec<Json>) -> Self {
        let schema = Schema::read();
        let vocabulary = Vocabulary::read(include_str!("vocabulary.txt"), &schema);
        let lines = include_str!("combinations.txt").lines();
        let lines = lines.filter(|line| line.starts_with('{')).map(json);
        let (stored, combinations) = lines.partition(|patch: &Json| patch.get("stored").is_some());
        let root = Kind::Struct(schema.position("DaemonSet").unwrap_or_default());
        let mask = 1_u8.checked_shl(u32::try_from(minor).unwrap_or(8)).unwrap_or(0);
        let parents = Parents::of(&schema);
        Self { schema, vocabulary, combinations, stored, bases, parents, root, mask }
    }

    /// How many combinations there are.
    pub fn combinations(&self) -> usize {
        self.combinations.len()
    }

    /// The case `number` of the stream `seed`.
    pub fn case(&self, seed: u64, number: u64) -> Case {
        let mut random = Random::of_case(seed, number);
        let random = &mut random;
        let base = self.base(random);
        if random.percent(88) {
            return Case { document: self.damaged(base, random), old: None };
        }
        let mut case = self.update(base, random);
        settle(&mut case.document);
        if let Some(pod) = case.old.as_mut().and_then(|old| old.at_mut(POD)) {
            // A field of one minor that our typed object, which is that of another, does not have: no server stores it either.
            pod.remove("workloadRef");
        }
        case
    }

    /// A document with many features and no planted mistake. Most of them are valid.
    pub fn sound(&self, random: &mut Random) -> Json {
        self.base(random)
    }

    fn update(&self, mut base: Json, random: &mut Random) -> Case {
        // An update. What is stored may be wrong itself, from a time when the server asked less.
        self.give_status(&mut base, random);
        if random.percent(35)
            && let Some(patch) = random.pick(&self.stored)
        {
            self.combine(&mut base, patch, random);
        }
        let old = if random.percent(40) { base } else { self.damaged(base, random) };
        let document = if random.percent(12) { old.clone() } else { self.damaged(old.clone(), random) };
        Case { document, old: Some(old) }
    }

    fn base(&self, random: &mut Random) -> Json {
        let mut base = match random.pick(&self.bases) {
            Some(base) if random.percent(15) => base.clone(),
            _ => {
                let mut base = named("DaemonSet", &self.vocabulary, random);
                mend(&mut base, random);
                base
            }
        };
        if random.percent(96) {
            prune(&mut base, &self.root, &self.schema, self.mask);
        }
        base
    }

    fn damaged(&self, mut document: Json, random: &mut Random) -> Json {
        if random.percent(6) {
            return document;
        }
        let combinations = match random.below(100) {
            0..62 => 0,
            62..92 => 1,
            _ => 2,
        };
        for _ in 0..combinations {
            if let Some(patch) = random.pick(&self.combinations) {
                self.combine(&mut document, patch, random);
            }
        }
        let least = usize::from(combinations == 0);
        let more = match random.below(100) {
            0..55 => 1_usize,
            55..80 => 2,
            80..93 => 3,
            _ => 5,
        };
        let changes = if combinations > 0 && random.percent(60) {
            0
        } else {
            more.saturating_sub(1).saturating_add(least)
        };
        if changes > 0 {
            let donor = named("DaemonSet", &self.vocabulary, random);
            let tools = Tools {
                schema: &self.schema,
                vocabulary: &self.vocabulary,
                root: &self.root,
                mask: self.mask,
            };
            for _ in 0..changes {
                if random.percent(30) {
                    tools.plant(&mut document, &self.parents, random);
                } else {
                    tools.change(&mut document, &donor, random);
                }
            }
        }
        document
    }

    fn combine(&self, document: &mut Json, patch: &Json, random: &mut Random) {
        let mut patch = patch.clone();
        if random.percent(97) {
            // What this minor does not know would only be an unknown field.
            let pod = self.schema.position("PodSpec").map(Kind::Struct);
            if let (Some(kind), Some(inside)) = (pod, patch.get_mut("pod")) {
                prune_patch(inside, &kind, &self.schema, self.mask);
            }
        }
        for (target, change) in patch.entries() {
            let place = match target.as_str() {
                "pod" => document.at_mut(POD),
                "container" => document.at_mut(POD).and_then(|pod| any_container(pod, random)),
                "stored" => None,
                _ => Some(&mut *document),
            };
            if let Some(place) = place {
                lay_over(place, change, &self.vocabulary, random);
            }
        }
    }

    /// A stored object has a status and a generation.
    fn give_status(&self, base: &mut Json, random: &mut Random) {
        if let Some(meta) = base.get_mut("metadata") {
            if meta.get("name").is_none() {
                meta.set("name", Json::text("a"));
            }
            if random.percent(20) {
                let seldom = ["resourceVersion", "uid", "deletionTimestamp", "creationTimestamp"];
                let values = ["1", "u", "2024-01-01T00:00:00Z", "2024-01-01T00:00:00Z"];
                let which = random.below(seldom.len());
                if let (Some(key), Some(value)) = (seldom.get(which), values.get(which)) {
                    meta.set(key, Json::text(value));
                }
            }
        }
        if random.percent(15) {
            base.set("status", Json::Map(vec![(String::from("numberReady"), Json::int(1))]));
        }
    }
}

/// Our typed object cannot tell a responder without a priority from one with the priority 0. No server with its gates at their
/// defaults stores responders, so no update meets one.
fn settle(document: &mut Json) {
    const RESPONDERS: &[&str] = &["spec", "template", "spec", "evictionResponders"];
    for responder in document.at_mut(RESPONDERS).map(Json::items_mut).unwrap_or_default() {
        if *responder == Json::Null {
            *responder = Json::Map(Vec::new());
        }
        if matches!(responder, Json::Map(_)) && matches!(responder.get("priority"), None | Some(Json::Null)) {
            responder.set("priority", Json::int(1000));
        }
    }
}

fn any_container<'p>(pod: &'p mut Json, random: &mut Random) -> Option<&'p mut Json> {
    let list = if random.percent(75) || pod.get("initContainers").is_none() {
        "containers"
    } else {
        "initContainers"
    };
    let containers = pod.get_mut(list)?.items_mut();
    let position = random.below(containers.len());
    containers.get_mut(position)
}

/// [`prune`] for a patch, whose lists are objects with numbers and marks for keys.
fn prune_patch(patch: &mut Json, kind: &Kind, schema: &Schema, mask: u8) {
    match (patch, kind) {
        (Json::Map(entries), Kind::Struct(owner)) => {
            let Some(shape) = schema.get(*owner) else { return };
            let name = |key: &str| key.trim_end_matches(['!', '?']).to_owned();
            entries.retain(|(key, _)| shape.field(&name(key)).is_none_or(|field| field.minors & mask != 0));
            for (key, value) in entries {
                if let Some(field) = shape.field(&name(key)) {
                    prune_patch(value, &field.kind, schema, mask);
                }
            }
        }
        (Json::Map(entries), Kind::List(item)) => {
            entries.iter_mut().for_each(|(_, value)| prune_patch(value, item, schema, mask));
        }
        (Json::List(items), Kind::List(item)) => {
            items.iter_mut().for_each(|value| prune_patch(value, item, schema, mask));
        }
        _ => {}
    }
}
