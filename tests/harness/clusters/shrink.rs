//! Makes a case smaller while it still shows the same difference.

use serde_json::Value;

use super::Case;

/// What every object of its kind has; without it a case shows other things than it did.
const KEPT: &[&str] = &[
    "apiVersion",
    "kind",
    "metadata",
    "name",
    "namespace",
    "spec",
    "status",
    "allocatable",
    "capacity",
    "pods",
    "phase",
];

/// The smallest case that can be had by taking out objects, fields and list items one at a time, for which `shows` stays true.
pub fn shrink(case: &Case, shows: &mut dyn FnMut(&Case) -> bool) -> Case {
    let mut best = case.clone();
    loop {
        let before = size(&best);
        let mut position = best.objects.len();
        while position > 0 {
            position -= 1;
            let mut smaller = best.clone();
            smaller.objects.remove(position);
            if shows(&smaller) {
                best = smaller;
            }
        }
        for part in 0..=best.objects.len() {
            shrink_part(&mut best, part, shows);
        }
        if size(&best) == before {
            return best;
        }
    }
}

fn size(case: &Case) -> usize {
    case.question(0).len()
}

fn part_of(case: &mut Case, part: usize) -> Option<&mut Value> {
    match part.checked_sub(1) {
        None => Some(&mut case.daemon_set),
        Some(position) => case.objects.get_mut(position),
    }
}

/// Takes values out of one object, the large ones first.
fn shrink_part(best: &mut Case, part: usize, shows: &mut dyn FnMut(&Case) -> bool) {
    let mut step = 0;
    loop {
        let mut places = Vec::new();
        if let Some(value) = part_of(best, part) {
            places_in(value, &mut Vec::new(), &mut places);
        }
        let Some(place) = places.get(step) else { return };
        let mut smaller = best.clone();
        let removed = part_of(&mut smaller, part).is_some_and(|value| take_out(value, place));
        if removed && shows(&smaller) {
            *best = smaller;
        } else {
            step += 1;
        }
    }
}

/// A key or a position.
#[derive(Clone, Debug)]
enum Step {
    Key(String),
    Position(usize),
}

fn places_in(value: &Value, path: &mut Vec<Step>, places: &mut Vec<Vec<Step>>) {
    let below: Vec<(Step, &Value)> = match value {
        Value::Object(fields) => fields.iter().map(|(key, value)| (Step::Key(key.clone()), value)).collect(),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .rev()
            .map(|(position, value)| (Step::Position(position), value))
            .collect(),
        _ => return,
    };
    for (step, value) in below {
        let kept = matches!(&step, Step::Key(key) if KEPT.contains(&key.as_str()));
        path.push(step);
        if !kept {
            places.push(path.clone());
        }
        places_in(value, path, places);
        path.pop();
    }
}

fn take_out(value: &mut Value, place: &[Step]) -> bool {
    let Some((last, above)) = place.split_last() else { return false };
    let mut at = value;
    for step in above {
        let next = match step {
            Step::Key(key) => at.get_mut(key),
            Step::Position(position) => at.get_mut(position),
        };
        let Some(next) = next else { return false };
        at = next;
    }
    match (last, at) {
        (Step::Key(key), Value::Object(fields)) => fields.remove(key).is_some(),
        (Step::Position(position), Value::Array(items)) if *position < items.len() => {
            items.remove(*position);
            true
        }
        _ => false,
    }
}
