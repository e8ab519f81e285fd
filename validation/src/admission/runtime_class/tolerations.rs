//! Two lists of tolerations as one, without those that another one includes.

use std::collections::{HashMap, HashSet};

use k8s_openapi::api::core::v1::Toleration;

/// What two tolerations have in common that differ at most in their seconds: key, effect, operator and value.
type Sort<'t> = (&'t str, &'t str, &'t str, &'t str);

/// Tolerations that may include another one.
#[derive(Default)]
struct Known<'t> {
    /// For each sort the longest time for which a toleration of it tolerates; `None` is without end.
    longest: HashMap<Sort<'t>, Option<i64>>,
    /// Each of them with its seconds.
    each: HashSet<(Sort<'t>, Option<i64>)>,
}

const EXISTS: &str = "Exists";
const EQUAL: &str = "Equal";
const NO_EXECUTE: &str = "NoExecute";

/// The tolerations without those that an earlier or later one includes. Of equal ones the first is kept.
///
/// Upstream compares each with each. Here each is looked up among the few sorts that can include it.
///
/// Upstream: `util/tolerations.MergeTolerations`.
pub(super) fn merge(all: Vec<Toleration>) -> Vec<Toleration> {
    let kept = {
        let mut later = Known::default();
        let backwards = all.iter().rev().map(|one| {
            let is_included = is_included(one, &later, Equal::DoNotCount);
            add(one, &mut later);
            !is_included
        });
        let mut kept: Vec<bool> = backwards.collect();
        kept.reverse();
        let mut earlier = Known::default();
        for (one, is_kept) in all.iter().zip(&mut kept) {
            *is_kept = *is_kept && !is_included(one, &earlier, Equal::Count);
            if *is_kept {
                add(one, &mut earlier);
            }
        }
        kept
    };
    let kept = all.into_iter().zip(kept).filter(|(_, is_kept)| *is_kept);
    kept.map(|(one, _)| one).collect()
}

/// Whether a toleration includes an equal one.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Equal {
    Count,
    DoNotCount,
}

fn text(field: &Option<String>) -> &str {
    field.as_deref().unwrap_or_default()
}

fn sort(one: &Toleration) -> Sort<'_> {
    (text(&one.key), text(&one.effect), text(&one.operator), text(&one.value))
}

fn add<'t>(one: &'t Toleration, to: &mut Known<'t>) {
    to.each.insert((sort(one), one.toleration_seconds));
    let known = to.longest.entry(sort(one)).or_insert(one.toleration_seconds);
    *known = match (*known, one.toleration_seconds) {
        (Some(known), Some(seconds)) => Some(known.max(seconds)),
        _ => None,
    };
}

/// Whether one of `others` tolerates whatever `one` tolerates.
///
/// A valid toleration has seconds only with the effect `NoExecute`, and a value only with an operator other than `Exists`.
///
/// Upstream: `util/tolerations.isSuperset`.
fn is_included(one: &Toleration, others: &Known<'_>, equal: Equal) -> bool {
    let own @ (key, effect, operator, value) = sort(one);
    let seconds = one.toleration_seconds;
    // Of its own sort only one that lasts longer includes it, and an equal one where equal ones count.
    if equal == Equal::Count && others.each.contains(&(own, seconds)) {
        return true;
    }
    // Of its own sort only one that lasts longer includes it.
    let is_outlasted = effect == NO_EXECUTE
        && matches!(operator, EXISTS | EQUAL)
        && others.longest.get(&own).is_some_and(|longest| is_longer(*longest, seconds));
    let with_value = if operator == EQUAL { [Some((key, EQUAL)), Some((key, ""))] } else { [None, None] };
    let operators = [Some((key, EXISTS)), (!key.is_empty()).then_some(("", EXISTS))].into_iter();
    is_outlasted
        || operators.chain(with_value).flatten().any(|(key, operator)| {
            let value = if operator == EXISTS { "" } else { value };
            let effects = [effect, ""].into_iter().take(if effect.is_empty() { 1 } else { 2 });
            let mut sorts = effects.map(|effect| (key, effect, operator, value));
            sorts.any(|sort| {
                let longest = others.longest.get(&sort).filter(|_| sort != own);
                longest.is_some_and(|longest| lasts(*longest, sort.1, seconds))
            })
        })
}

/// Whether a toleration of this effect lasts as long as one with these seconds. Seconds matter for `NoExecute` only.
fn lasts(longest: Option<i64>, effect: &str, seconds: Option<i64>) -> bool {
    effect != NO_EXECUTE || longest.is_none_or(|longest| seconds.is_some_and(|seconds| seconds <= longest))
}

fn is_longer(longest: Option<i64>, seconds: Option<i64>) -> bool {
    match (longest, seconds) {
        (Some(longest), Some(seconds)) => longest > seconds,
        (None, seconds) => seconds.is_some(),
        (Some(_), None) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(key: &str, effect: &str, operator: &str, value: &str, seconds: Option<i64>) -> Toleration {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Toleration {
            key: some(key),
            effect: some(effect),
            operator: some(operator),
            value: some(value),
            toleration_seconds: seconds,
        }
    }

    /// Upstream's way: each with each.
    fn slow(all: &[Toleration]) -> Vec<Toleration> {
        let includes = |more: &Toleration, less: &Toleration| {
            let (key, effect, operator, value) = sort(less);
            let (more_key, more_effect, more_operator, more_value) = sort(more);
            more == less
                || (key == more_key || (more_key.is_empty() && more_operator == EXISTS))
                    && (effect == more_effect || more_effect.is_empty())
                    && lasts(more.toleration_seconds, more_effect, less.toleration_seconds)
                    && match more_operator {
                        EQUAL | "" => operator == EQUAL && value == more_value,
                        operator => operator == EXISTS,
                    }
        };
        let mut merged: Vec<Toleration> = Vec::new();
        for (place, less) in all.iter().enumerate() {
            let mut later = all.iter().skip(place);
            if !merged.iter().any(|more| includes(more, less))
                && !later.any(|more| more != less && includes(more, less))
            {
                merged.push(less.clone());
            }
        }
        merged
    }

    #[test]
    fn looking_up_is_as_good_as_comparing_all() {
        let mut state = 1_u64;
        let mut below = |limit: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            usize::try_from((state >> 33) % limit).unwrap()
        };
        let mut dropped = 0;
        for _ in 0..20_000 {
            let mut all = Vec::new();
            for _ in 0..below(6) {
                let effect = ["", NO_EXECUTE, NO_EXECUTE, "NoSchedule"][below(4)];
                let operator = ["", EQUAL, EQUAL, EXISTS, EXISTS][below(5)];
                let value = if operator == EXISTS { "" } else { ["", "x"][below(2)] };
                let key = if operator == EXISTS { ["", "a", "b"][below(3)] } else { ["a", "b"][below(2)] };
                let seconds = [None, Some(5), Some(9)][below(3)].filter(|_| effect == NO_EXECUTE);
                all.push(one(key, effect, operator, value, seconds));
            }
            let expected = slow(&all);
            dropped += all.len() - expected.len();
            assert_eq!(merge(all.clone()), expected, "{all:#?}");
        }
        assert!(dropped > 10_000, "{dropped}");
    }
}
