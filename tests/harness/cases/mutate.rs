//! One mistake, or one harmless change, somewhere in a document.

use crate::cases::expand::expand;
use crate::cases::places::{Part, Place, places};
use crate::cases::vocabulary::{Vocabulary, Words};
use crate::json::Json;
use crate::random::Random;
use crate::schema::{Field, Kind, Schema};

/// What a change can draw from.
pub(crate) struct Tools<'t> {
    /// The fields.
    pub(crate) schema: &'t Schema,
    /// Their values.
    pub(crate) vocabulary: &'t Vocabulary,
    /// What a document holds.
    pub(crate) root: &'t Kind,
    /// The bit of the minor whose fields are drawn from.
    pub(crate) mask: u8,
}

impl Tools<'_> {
    /// Changes the document at one place. `donor` is another document, for parts to be taken from.
    pub(crate) fn change(&self, document: &mut Json, donor: &Json, random: &mut Random) {
        let all = places(document, self.root, self.schema);
        let place = match random.below(100) {
            0..25 => return self.add(document, &all, random),
            25..65 => of_any_struct(&all, random),
            _ => random.pick(&all),
        };
        let Some(place) = place else { return };
        let Some(value) = document.follow_mut(&place.path) else { return };
        match place.kind {
            Kind::Struct(owner) if random.percent(60) => self.change_struct(value, *owner, donor, random),
            Kind::List(item) if random.percent(60) => self.change_list(value, item, place, random),
            Kind::Map(item) if random.percent(70) => self.change_map(value, item, place, random),
            Kind::Struct(_) | Kind::List(_) | Kind::Map(_) => self.change_any(document, place, &all, random),
            _ if random.percent(70) => *value = self.scalar(place, random),
            _ => self.change_any(document, place, &all, random),
        }
    }

    /// Adds a field that some struct does not have yet. Every such field is as likely as any other.
    fn add(&self, document: &mut Json, all: &[Place<'_>], random: &mut Random) {
        let mut missing: Vec<(&Place<'_>, usize, usize, &Field)> = Vec::new();
        for place in all {
            let Kind::Struct(owner) = place.kind else { continue };
            let (Some(shape), Some(value)) = (self.schema.get(*owner), document.follow(&place.path)) else {
                continue;
            };
            let fields = shape.fields.iter().enumerate();
            missing.extend(
                fields
                    .filter(|(_, field)| field.minors & self.mask != 0 && value.get(&field.name).is_none())
                    .map(|(position, field)| (place, *owner, position, field)),
            );
        }
        let Some((place, owner, position, field)) = random.pick(&missing) else { return };
        let value = self.fresh(*owner, *position, field, random);
        if let Some(place) = document.follow_mut(&place.path) {
            place.set(&field.name, value);
        }
    }

    fn words(&self, place: &Place<'_>) -> Option<&Words> {
        place.field.and_then(|(owner, field)| self.vocabulary.words(owner, field))
    }

    /// Another value for a scalar.
    fn scalar(&self, place: &Place<'_>, random: &mut Random) -> Json {
        let own = self.words(place);
        let general = self.vocabulary.of_kind(place.kind).filter(|_| own.is_none_or(|words| !words.only));
        let lists =
            [own.map(|words| &words.bad), own.map(|words| &words.good), general.map(|words| &words.bad)];
        let wanted = match random.below(100) {
            0..60 => 0,
            60..82 => 1,
            _ => 2_usize,
        };
        let list = lists.get(wanted).copied().flatten().filter(|list| !list.is_empty());
        list.or(lists.get(2).copied().flatten())
            .and_then(|list| random.pick(list))
            .cloned()
            .unwrap_or(Json::Null)
    }

    /// A value for a place that has none yet: mostly a good one, so that what is around it is what counts.
    fn fresh(&self, owner: usize, position: usize, field: &Field, random: &mut Random) -> Json {
        self.fresh_of(&field.kind, self.vocabulary.words(owner, position), random)
    }

    pub(crate) fn fresh_of(&self, kind: &Kind, words: Option<&Words>, random: &mut Random) -> Json {
        match kind {
            Kind::Struct(owner) => self.whole(*owner, random),
            Kind::List(item) => {
                let count = if random.percent(70) { 1 } else { random.below(4) };
                Json::List((0..count).map(|_| self.fresh_of(item, words, random)).collect())
            }
            Kind::Map(item) => {
                let key = self.key(words, random);
                Json::Map(vec![(key, self.fresh_of(item, words, random))])
            }
            _ => {
                let words = words.or_else(|| self.vocabulary.of_kind(kind));
                let list = words.map(|words| if random.percent(65) { &words.good } else { &words.bad });
                list.and_then(|list| random.pick(list)).cloned().unwrap_or(Json::Null)
            }
        }
    }

    pub(crate) fn key(&self, words: Option<&Words>, random: &mut Random) -> String {
        let bad = random.percent(60);
        let list = words.map(|words| if bad { &words.bad_keys } else { &words.good_keys });
        list.and_then(|list| random.pick(list)).cloned().unwrap_or_else(|| String::from("a"))
    }

    /// A whole value of a struct: one of the vocabulary's, or some of its fields.
    pub(crate) fn whole(&self, owner: usize, random: &mut Random) -> Json {
        let known = self.vocabulary.structs.get(owner).filter(|list| !list.is_empty() && random.percent(80));
        if let Some(pattern) = known.and_then(|list| random.pick(list)) {
            return expand(pattern, self.vocabulary, random);
        }
        let mut value = Json::Map(Vec::new());
        let Some(shape) = self.schema.get(owner) else { return value };
        // Structs of many fields are wide, not deep: a few of theirs are enough.
        let chance = if shape.fields.len() > 12 { 6 } else { 45 };
        for (position, field) in shape.fields.iter().enumerate() {
            if field.minors & self.mask != 0 && random.percent(chance) {
                value.set(&field.name, self.fresh(owner, position, field, random));
            }
        }
        value
    }

    fn change_struct(&self, value: &mut Json, owner: usize, donor: &Json, random: &mut Random) {
        let Some(shape) = self.schema.get(owner) else { return };
        match random.below(100) {
            0..70 => {
                let missing: Vec<(usize, &Field)> = shape
                    .fields
                    .iter()
                    .enumerate()
                    .filter(|(_, field)| field.minors & self.mask != 0 && value.get(&field.name).is_none())
                    .collect();
                if let Some((position, field)) = random.pick(&missing) {
                    value.set(&field.name, self.fresh(owner, *position, field, random));
                }
            }
            70..80 => *value = self.whole(owner, random),
            80..84 => *value = Json::Map(Vec::new()),
            84..87 => value.set("unknownField", Json::int(1)),
            _ => {
                let same: Vec<Place<'_>> = places(donor, self.root, self.schema)
                    .into_iter()
                    .filter(|place| *place.kind == Kind::Struct(owner))
                    .collect();
                if let Some(found) = random.pick(&same).and_then(|place| donor.follow(&place.path)) {
                    *value = found.clone();
                }
            }
        }
    }

    fn change_list(&self, value: &mut Json, item: &Kind, place: &Place<'_>, random: &mut Random) {
        let Json::List(items) = value else { return };
        match random.below(100) {
            0..45 => items.push(self.fresh_of(item, self.words(place), random)),
            45..70 => {
                let copy = random.pick(items).cloned();
                items.extend(copy);
            }
            70..78 => items.clear(),
            78..84 => {
                let count = *random.pick(&[4_usize, 11, 21, 33, 256]).unwrap_or(&4);
                let one = random
                    .pick(items)
                    .cloned()
                    .unwrap_or_else(|| self.fresh_of(item, self.words(place), random));
                // A long list of large things would be slow and show nothing more.
                let count = if one.is_empty() { count } else { count.min(33) };
                *items = vec![one; count];
            }
            84..92 => items.reverse(),
            _ => {
                let position = random.below(items.len());
                if let Some(one) = items.get_mut(position) {
                    *one = self.fresh_of(item, self.words(place), random);
                }
            }
        }
    }

    fn change_map(&self, value: &mut Json, item: &Kind, place: &Place<'_>, random: &mut Random) {
        let words = self.words(place);
        let Json::Map(entries) = value else { return };
        match random.below(100) {
            0..65 => {
                let (key, fresh) = (self.key(words, random), self.fresh_of(item, words, random));
                value.set(&key, fresh);
            }
            65..92 => {
                let position = random.below(entries.len());
                let key = self.key(words, random);
                if entries.iter().all(|(name, _)| *name != key)
                    && let Some((name, _)) = entries.get_mut(position)
                {
                    *name = key;
                }
            }
            _ => entries.clear(),
        }
    }

    /// A change that fits any kind of place.
    fn change_any(&self, document: &mut Json, place: &Place<'_>, all: &[Place<'_>], random: &mut Random) {
        let Some((last, above)) = place.path.split_last() else { return };
        match random.below(100) {
            0..45 => document.take_out(&place.path),
            45..55 => {
                const OTHERS: &[&str] =
                    &["null", "true", "1", "\"a\"", "[]", "{}", "1.5", "[{}]", "[\"a\"]", "{\"a\":\"b\"}"];
                let other = random.pick(OTHERS).and_then(|text| crate::json_read::read_json(text).ok());
                if let (Some(value), Some(other)) = (document.follow_mut(&place.path), other) {
                    *value = other;
                }
            }
            55..63 => {
                if let Some(Json::Map(entries)) = document.follow_mut(above)
                    && let Some((key, _)) = entries.get_mut(*last)
                {
                    *key = misspelt(key, above.is_empty(), random);
                }
            }
            63..70 => {
                if let Some(Json::Map(entries)) = document.follow_mut(above)
                    && let Some((key, mut value)) = entries.get(*last).cloned()
                {
                    if place.part == Part::Field && random.percent(50) && value.is_empty() {
                        value = self.scalar(place, random);
                    }
                    entries.push((key, value));
                }
            }
            _ => swap(document, place, all, random),
        }
    }
}

/// A place of a struct that is as likely as any other struct, however few places it has.
fn of_any_struct<'p, 's>(all: &'p [Place<'s>], random: &mut Random) -> Option<&'p Place<'s>> {
    let owner = |place: &Place<'_>| place.field.map(|(owner, _)| owner);
    let mut owners: Vec<usize> = all.iter().filter_map(owner).collect();
    owners.sort_unstable();
    owners.dedup();
    let wanted = *random.pick(&owners)?;
    let places: Vec<&Place<'_>> = all.iter().filter(|place| owner(place) == Some(wanted)).collect();
    random.pick(&places).copied()
}

/// At the top every letter keeps its case: the server looks for the kind without regard to case, and no client sends it such.
fn misspelt(key: &str, at_the_top: bool, random: &mut Random) -> String {
    let mut letters: Vec<char> = key.chars().collect();
    let at = random.below(letters.len());
    match random.below(4) {
        2 if at_the_top => drop(letters.remove(0)),
        0 => drop(letters.pop()),
        1 => letters.push('s'),
        2 => {
            if let Some(letter) = letters.get_mut(at) {
                *letter = if letter.is_uppercase() {
                    letter.to_ascii_lowercase()
                } else {
                    letter.to_ascii_uppercase()
                };
            }
        }
        _ => letters.insert(at, 'x'),
    }
    letters.into_iter().collect()
}

/// Exchanges the place's value with that of another place of the same kind.
fn swap(document: &mut Json, place: &Place<'_>, all: &[Place<'_>], random: &mut Random) {
    let same: Vec<&Place<'_>> = all
        .iter()
        .filter(|other| {
            *other.kind == *place.kind
                && !other.path.starts_with(&place.path)
                && !place.path.starts_with(&other.path)
        })
        .collect();
    let Some(other) = random.pick(&same) else { return };
    let (Some(left), Some(right)) =
        (document.follow(&place.path).cloned(), document.follow(&other.path).cloned())
    else {
        return;
    };
    if let Some(value) = document.follow_mut(&place.path) {
        *value = right;
    }
    if let Some(value) = document.follow_mut(&other.path) {
        *value = left;
    }
}
