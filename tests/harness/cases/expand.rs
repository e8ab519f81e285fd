//! Expands a pattern of the vocabulary into a value: picks one of the choices and replaces names by their definitions.

use crate::cases::vocabulary::Vocabulary;
use crate::json::Json;
use crate::random::Random;

/// A key that ends in `?` is kept in so many of a hundred cases.
const OFTEN: usize = 35;
/// A key that ends in `??` is kept in so many of a hundred cases.
const SELDOM: usize = 12;

/// Makes a value of the pattern.
pub(crate) fn expand(pattern: &Json, vocabulary: &Vocabulary, random: &mut Random) -> Json {
    match pattern {
        Json::String(text) => match text.strip_prefix('~') {
            Some(name) if !name.is_empty() => named(name, vocabulary, random),
            _ => pattern.clone(),
        },
        Json::List(items) => {
            let mut list = Vec::new();
            for item in items {
                let (name, count) = repeated(item, random);
                match name {
                    Some(name) => list.extend((0..count).map(|_| named(name, vocabulary, random))),
                    None => list.push(expand(item, vocabulary, random)),
                }
            }
            Json::List(list)
        }
        Json::Map(entries) => {
            let mut map = Vec::with_capacity(entries.len());
            for (key, value) in entries {
                let (key, chance) = match (key.strip_suffix("??"), key.strip_suffix('?')) {
                    (Some(key), _) => (key, SELDOM),
                    (None, Some(key)) => (key, OFTEN),
                    (None, None) => (key.as_str(), 100),
                };
                if chance < 100 && !random.percent(chance) {
                    continue;
                }
                match key.strip_prefix('~') {
                    Some(name) => map.extend_from_slice(named(name, vocabulary, random).entries()),
                    None => map.push((key.to_owned(), expand(value, vocabulary, random))),
                }
            }
            Json::Map(map)
        }
        _ => pattern.clone(),
    }
}

/// A value of that name.
///
/// # Panics
///
/// Where the vocabulary does not know the name.
#[expect(clippy::panic, reason = "a part of the tests")]
pub(crate) fn named(name: &str, vocabulary: &Vocabulary, random: &mut Random) -> Json {
    if name.starts_with('@') {
        let class = vocabulary.classes.get(name).unwrap_or_else(|| panic!("vocabulary: no class {name}"));
        return random.pick(&class.good).cloned().unwrap_or(Json::Null);
    }
    if let Some(wanted) = name.strip_prefix('-') {
        let words =
            vocabulary.classes.get(wanted).unwrap_or_else(|| panic!("vocabulary: no values of {wanted}"));
        return random.pick(&words.bad).cloned().unwrap_or(Json::Null);
    }
    let patterns = vocabulary.whole.get(name).unwrap_or_else(|| panic!("vocabulary: no values of {name}"));
    match random.pick(patterns) {
        Some(pattern) => expand(pattern, vocabulary, random),
        None => Json::Null,
    }
}

/// The name and the number of the items that a pattern in a list stands for.
fn repeated<'p>(item: &'p Json, random: &mut Random) -> (Option<&'p str>, usize) {
    let name = item.as_str().and_then(|text| text.strip_prefix('~')).unwrap_or_default();
    let least = match (name.strip_suffix('*'), name.strip_suffix('+')) {
        (Some(name), _) => (name, 0),
        (_, Some(name)) => (name, 1),
        _ => return (None, 0),
    };
    let more = match random.below(100) {
        0..60 => 0,
        60..85 => 1,
        _ => 2,
    };
    let (name, least) = least;
    let count = if least == 0 && random.percent(60) { 1_usize } else { least };
    (Some(name), count.saturating_add(more))
}
