//! The combinations of `combinations.txt`: several changes at once, for checks that read more than one place.

use crate::cases::expand::expand;
use crate::cases::vocabulary::Vocabulary;
use crate::json::Json;
use crate::random::Random;

/// Lays the patch over the value. In a patch for a list, a number names an item, `*` all of them and `+` a new one. A key that
/// ends in `!` replaces what is there instead of being laid over it; the key `-` takes the keys out that its value lists.
pub(crate) fn lay_over(value: &mut Json, patch: &Json, vocabulary: &Vocabulary, random: &mut Random) {
    let Json::Map(changes) = patch else {
        *value = expand(patch, vocabulary, random);
        return;
    };
    for (key, change) in changes {
        let item = key.parse::<usize>().ok();
        if key == "-" {
            change.items().iter().filter_map(Json::as_str).for_each(|key| value.remove(key));
        } else if item.is_some() || key == "+" || key == "*" {
            if !matches!(value, Json::List(_)) {
                *value = Json::List(Vec::new());
            }
            lay_over_list(value, item, key, change, vocabulary, random);
        } else if let Some(key) = key.strip_suffix('!') {
            value.set(key, expand(change, vocabulary, random));
        } else {
            if value.get(key).is_none() {
                value.set(key, Json::Null);
            }
            if let Some(place) = value.get_mut(key) {
                lay_over(place, change, vocabulary, random);
            }
        }
    }
    if changes.is_empty() {
        *value = Json::Map(Vec::new());
    }
}

fn lay_over_list(
    value: &mut Json,
    item: Option<usize>,
    key: &str,
    change: &Json,
    vocabulary: &Vocabulary,
    random: &mut Random,
) {
    let Json::List(items) = value else { return };
    if key == "+" {
        items.push(expand(change, vocabulary, random));
        return;
    }
    match item {
        None => items.iter_mut().for_each(|item| lay_over(item, change, vocabulary, random)),
        Some(position) => {
            while items.len() <= position {
                items.push(Json::Map(Vec::new()));
            }
            if let Some(item) = items.get_mut(position) {
                lay_over(item, change, vocabulary, random);
            }
        }
    }
}
