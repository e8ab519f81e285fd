//! Node selector terms that no node matches, whatever its labels are.

use std::collections::{HashMap, HashSet};

use k8s_openapi::api::core::v1::{NodeSelectorRequirement, NodeSelectorTerm};

use super::Labels;
use super::node_selector::Place;
use super::requirement::{Operator, integer};

/// Why no node matches a term.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Never<'s> {
    /// The term has no requirements.
    Empty,
    /// The number to compare with is none.
    NotANumber {
        /// The requirement.
        place: Place<'s>,
        /// What stands there.
        value: &'s str,
    },
    /// Requirements on one label, or on the name, exclude each other.
    Contradiction {
        /// The requirement that is the last of them.
        place: Place<'s>,
        /// The label.
        key: &'s str,
    },
}

/// What is asked of one label.
#[derive(Debug, Default)]
struct Asked<'s> {
    /// The values that are left of all `In`.
    allowed: Option<HashSet<&'s str>>,
    forbidden: HashSet<&'s str>,
    /// Whether it must be there, and whether it must not.
    present: bool,
    absent: bool,
    above: Option<i64>,
    below: Option<i64>,
    last: Option<(Place<'s>, &'s str)>,
}

impl<'s> Asked<'s> {
    fn only(&mut self, values: HashSet<&'s str>) {
        self.present = true;
        match &mut self.allowed {
            Some(allowed) => allowed.retain(|value| values.contains(value)),
            None => self.allowed = Some(values),
        }
    }

    /// Whether some value, or the absence of the label, meets all of it.
    fn can_be_met(&self) -> bool {
        if self.absent {
            return !self.present;
        }
        let fits = |number: i64| {
            self.above.is_none_or(|above| number > above) && self.below.is_none_or(|below| number < below)
        };
        let compared = self.above.is_some() || self.below.is_some();
        match &self.allowed {
            Some(allowed) => allowed.iter().any(|value| {
                !self.forbidden.contains(value) && (!compared || integer(value).is_some_and(fits))
            }),
            None => self.above.unwrap_or(i64::MIN).checked_add(1).is_some_and(fits),
        }
    }
}

/// The label that has the same value on every node as one that is deprecated.
pub(crate) fn current_key(key: &str) -> &str {
    match key {
        "beta.kubernetes.io/os" => "kubernetes.io/os",
        "beta.kubernetes.io/arch" => "kubernetes.io/arch",
        "beta.kubernetes.io/instance-type" => "node.kubernetes.io/instance-type",
        "failure-domain.beta.kubernetes.io/region" => "topology.kubernetes.io/region",
        "failure-domain.beta.kubernetes.io/zone" => "topology.kubernetes.io/zone",
        other => other,
    }
}

/// Of a deprecated label and the current one, the entries of `nodeSelector`.
pub(crate) fn pairs_of<'s>(pairs: &'s Labels, key: &'s str) -> impl Iterator<Item = (&'s str, &'s str)> {
    const DEPRECATED: [&str; 5] = [
        "beta.kubernetes.io/os",
        "beta.kubernetes.io/arch",
        "beta.kubernetes.io/instance-type",
        "failure-domain.beta.kubernetes.io/region",
        "failure-domain.beta.kubernetes.io/zone",
    ];
    let current = current_key(key);
    let old = DEPRECATED.into_iter().filter(move |old| *old != current && current_key(old) == current);
    std::iter::once(current)
        .chain(old)
        .filter_map(|key| pairs.get_key_value(key))
        .map(|(key, value)| (key.as_str(), value.as_str()))
}

/// Two entries of `nodeSelector` for one property of the node that differ: the key of the second one.
pub(crate) fn contradiction_of_pairs(pairs: &Labels) -> Option<&str> {
    pairs.keys().find_map(|key| {
        let mut same = pairs_of(pairs, key);
        let (_, first) = same.next()?;
        same.find(|(_, value)| *value != first).map(|(key, _)| key)
    })
}

/// Why no node matches the term at `index` together with `nodeSelector`; `None` where some node might.
///
/// Of values that no label can have the API server tells.
pub(crate) fn never_matches<'s>(
    pairs: Option<&'s Labels>,
    term: &'s NodeSelectorTerm,
    index: usize,
) -> Option<Never<'s>> {
    let expressions = term.match_expressions.as_deref().unwrap_or_default();
    let fields = term.match_fields.as_deref().unwrap_or_default();
    if expressions.is_empty() && fields.is_empty() {
        return Some(Never::Empty);
    }
    let mut asked: HashMap<&str, Asked<'s>> = HashMap::new();
    for (expression, one) in expressions.iter().enumerate() {
        let place = Place::Expression { term: index, expression };
        if let Some(never) = add(&mut asked, one, place) {
            return Some(never);
        }
    }
    for (key, of_key) in &mut asked {
        let (key, absent): (&'s str, bool) = (key, of_key.absent);
        for (written, value) in pairs.into_iter().flat_map(|pairs| pairs_of(pairs, key)) {
            // A node may have one of the two labels only.
            if !absent || written == key {
                of_key.only(HashSet::from([value]));
            }
        }
    }
    // The first contradiction in the order of the manifest, whatever the order of the map is.
    let contradictions = asked.into_values().filter(|one| !one.can_be_met()).filter_map(|one| one.last);
    let first = contradictions.min_by_key(|(place, _)| match place {
        Place::Expression { expression, .. } => *expression,
        _ => 0,
    });
    if let Some((place, key)) = first {
        return Some(Never::Contradiction { place, key });
    }
    let mut name = Asked::default();
    for (field, one) in fields.iter().enumerate().filter(|(_, one)| one.key == "metadata.name") {
        let wanted = one.values.iter().flatten().map(String::as_str);
        match one.operator.as_str() {
            "In" => name.only(wanted.collect()),
            "NotIn" => name.forbidden.extend(wanted),
            _ => continue,
        }
        name.last = Some((Place::Field { term: index, field }, "metadata.name"));
    }
    let (place, key) = name.last.filter(|_| !name.can_be_met())?;
    Some(Never::Contradiction { place, key })
}

/// Adds a requirement; what makes it impossible by itself is returned.
fn add<'s>(
    asked: &mut HashMap<&'s str, Asked<'s>>,
    one: &'s NodeSelectorRequirement,
    place: Place<'s>,
) -> Option<Never<'s>> {
    // What the server rejects is no contradiction.
    let operator = Operator::of_node_selector(&one.operator)?;
    let written = one.values.as_deref().unwrap_or_default();
    let key = if operator == Operator::In { current_key(&one.key) } else { &one.key };
    let of_key = asked.entry(key).or_default();
    of_key.last = Some((place, &one.key));
    let wanted = written.iter().map(String::as_str);
    match operator {
        Operator::In => of_key.only(wanted.collect()),
        Operator::NotIn => of_key.forbidden.extend(wanted),
        Operator::Exists => of_key.present = true,
        Operator::DoesNotExist => of_key.absent = true,
        Operator::Gt | Operator::Lt => {
            let [value] = written else { return None };
            let Some(number) = integer(value) else { return Some(Never::NotANumber { place, value }) };
            of_key.present = true;
            if operator == Operator::Gt {
                of_key.above = of_key.above.max(Some(number));
            } else {
                of_key.below = Some(of_key.below.map_or(number, |below| below.min(number)));
            }
        }
    }
    None
}

/// Whether two requirements on one label, of which one is enough, leave out no node at all.
pub(crate) fn together_match_all(one: &NodeSelectorRequirement, other: &NodeSelectorRequirement) -> bool {
    let values =
        |of: &NodeSelectorRequirement| -> HashSet<String> { of.values.iter().flatten().cloned().collect() };
    one.key == other.key
        && match (one.operator.as_str(), other.operator.as_str()) {
            ("NotIn", "NotIn") => values(one).is_disjoint(&values(other)),
            ("NotIn", "In") => values(one).is_subset(&values(other)),
            ("In", "NotIn") => values(other).is_subset(&values(one)),
            ("Exists", "DoesNotExist" | "NotIn") | ("DoesNotExist" | "NotIn", "Exists") => true,
            _ => false,
        }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn requirement(text: &str) -> NodeSelectorRequirement {
        let mut words = text.split_whitespace().map(str::to_owned);
        let (key, operator) = (words.next().unwrap(), words.next().unwrap());
        let values: Vec<String> = words.collect();
        NodeSelectorRequirement { key, operator, values: (!values.is_empty()).then_some(values) }
    }

    fn term(texts: &[&str]) -> NodeSelectorTerm {
        let expressions = texts.iter().map(|text| requirement(text)).collect();
        NodeSelectorTerm { match_expressions: Some(expressions), match_fields: None }
    }

    fn pairs(pairs: &[(&str, &str)]) -> Labels {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn contradictions_are_found() {
        for texts in [
            &["a In x", "a NotIn x"][..],
            &["a In x y", "a NotIn y", "a NotIn x"],
            &["a In x", "a In y"],
            &["a Exists", "a DoesNotExist"],
            &["a In x", "a DoesNotExist"],
            &["a Gt 5", "a Lt 6"],
            &["a Gt 5", "a In 4 5 x"],
            &["a Lt 5", "a DoesNotExist"],
            &["a Gt 9223372036854775807"],
            &["b Exists", "beta.kubernetes.io/os In linux", "kubernetes.io/os In windows"],
        ] {
            let term = term(texts);
            let never = never_matches(None, &term, 0);
            assert!(matches!(never, Some(Never::Contradiction { .. })), "{texts:?} {never:?}");
        }
    }

    #[test]
    fn what_some_node_may_match_is_none() {
        for texts in [
            &["a In x y", "a NotIn x"][..],
            &["a NotIn x", "a DoesNotExist"],
            &["a Gt 5", "a Lt 7"],
            &["a Exists", "a NotIn x"],
            &["a NotIn x", "a NotIn y"],
            &["a Gt 5", "a In 4 6"],
            &["a Lt -9223372036854775806"],
            &["beta.kubernetes.io/os DoesNotExist", "kubernetes.io/os In linux"],
        ] {
            assert_eq!(never_matches(None, &term(texts), 0), None, "{texts:?}");
        }
    }

    #[test]
    fn a_node_selector_counts_with_each_term() {
        let linux = pairs(&[("kubernetes.io/os", "linux")]);
        let never = |text: &str| never_matches(Some(&linux), &term(&[text]), 0).is_some();
        assert!(never("kubernetes.io/os In windows") && never("beta.kubernetes.io/os In windows"));
        assert!(never("kubernetes.io/os NotIn linux") && never("kubernetes.io/os DoesNotExist"));
        assert!(!never("kubernetes.io/os In windows linux") && !never("kubernetes.io/arch In arm64"));
        let both = pairs(&[("kubernetes.io/os", "linux"), ("beta.kubernetes.io/os", "windows")]);
        assert_eq!(contradiction_of_pairs(&both), Some("beta.kubernetes.io/os"));
        assert_eq!(contradiction_of_pairs(&linux), None);
    }

    #[test]
    fn what_is_impossible_by_itself() {
        assert_eq!(never_matches(None, &NodeSelectorTerm::default(), 0), Some(Never::Empty));
        let many = term(&["a Gt many"]);
        assert!(matches!(never_matches(None, &many, 0), Some(Never::NotANumber { value: "many", .. })));
        let name = |operator: &str, value: &str| requirement(&format!("metadata.name {operator} {value}"));
        let fields =
            |fields: Vec<_>| NodeSelectorTerm { match_expressions: None, match_fields: Some(fields) };
        let two = fields(vec![name("In", "a"), name("In", "b")]);
        assert!(matches!(never_matches(None, &two, 0), Some(Never::Contradiction { .. })));
        let one = fields(vec![name("In", "a"), name("NotIn", "b")]);
        assert_eq!(never_matches(None, &one, 0), None);
    }

    #[test]
    fn terms_of_which_one_is_enough() {
        for (one, other, all) in [
            ("a NotIn x", "a NotIn y", true),
            ("a NotIn x", "a NotIn x y", false),
            ("a NotIn x", "b NotIn y", false),
            ("a In x y", "a NotIn x", true),
            ("a In y", "a NotIn x", false),
            ("a Exists", "a DoesNotExist", true),
            ("a Exists", "a In x", false),
            ("a DoesNotExist", "a NotIn x", false),
        ] {
            assert_eq!(together_match_all(&requirement(one), &requirement(other)), all, "{one} {other}");
            assert_eq!(together_match_all(&requirement(other), &requirement(one)), all, "{other} {one}");
        }
    }
}
