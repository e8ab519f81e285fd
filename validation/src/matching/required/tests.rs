//! The prepared requirements give the answers of the plain ones.

use k8s_openapi::api::core::v1::{Affinity, NodeAffinity};

use super::*;
use crate::matching::node_selector::RequiredNodeAffinity;

/// Numbers that look random and are the same in each run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or(0).checked_rem(limit).unwrap_or(0)
    }

    fn pick<'t>(&mut self, texts: &[&'t str]) -> &'t str {
        texts[self.below(texts.len())]
    }

    fn requirement(&mut self, keys: &[&str], operators: &[&str]) -> NodeSelectorRequirement {
        let operator = self.pick(operators).to_owned();
        let count = match operator.as_str() {
            "Exists" | "DoesNotExist" => usize::from(self.below(9) == 0),
            "Gt" | "Lt" => 1,
            _ => self.below(4),
        };
        let values: Vec<String> =
            (0..count).map(|_| self.pick(&["x", "y", "3", "5", "9", "n1", "-", ""]).to_owned()).collect();
        NodeSelectorRequirement { key: self.pick(keys).to_owned(), operator, values: Some(values) }
    }

    fn spec(&mut self) -> PodSpec {
        let labels: Labels = (0..self.below(4))
            .map(|_| {
                (self.pick(&["a", "b", "c", "d", "e"]).to_owned(), self.pick(&["x", "y", "3"]).to_owned())
            })
            .collect();
        let mut keys = vec!["a", "b", "c", "d", "-bad"];
        // With many keys the labels of the node are looked up among them.
        let more: Vec<String> = (0..40).map(|number| format!("k{number}")).collect();
        if self.below(3) == 0 {
            keys.extend(more.iter().map(String::as_str));
        }
        let terms = (0..self.below(6)).map(|_| {
            let list = |numbers: &mut Self, keys: &[&str], operators: &[&str]| {
                let count = numbers.below(4);
                Some((0..count).map(|_| numbers.requirement(keys, operators)).collect())
            };
            NodeSelectorTerm {
                match_expressions: list(
                    self,
                    &keys,
                    &["In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt", "?"],
                ),
                match_fields: if self.below(3) > 0 {
                    None
                } else {
                    list(self, &["metadata.name", "metadata.name", "other"], &["In", "NotIn", "Exists"])
                },
            }
        });
        let required = NodeSelector { node_selector_terms: terms.collect() };
        let node_affinity = NodeAffinity {
            required_during_scheduling_ignored_during_execution: (self.below(8) > 0).then_some(required),
            ..NodeAffinity::default()
        };
        let affinity = Affinity { node_affinity: Some(node_affinity), ..Affinity::default() };
        PodSpec { node_selector: Some(labels), affinity: Some(affinity), ..PodSpec::default() }
    }
}

fn term_of(mismatch: &Mismatch<'_>) -> Option<usize> {
    match mismatch.place {
        Place::NodeSelector(_) => None,
        Place::Term(term) | Place::Expression { term, .. } | Place::Field { term, .. } => Some(term),
    }
}

/// What the plain requirements say: entries of `nodeSelector`, and the nearest term with its mismatches.
fn plain<'s>(spec: &'s PodSpec, node: Node<'_>) -> (Vec<&'s str>, Option<(usize, Vec<Mismatch<'s>>)>) {
    let all = RequiredNodeAffinity::of(spec).mismatches(node);
    let pairs = all.iter().filter_map(|one| match one.place {
        Place::NodeSelector(key) => Some(key),
        _ => None,
    });
    let pairs = pairs.collect();
    let of_term = |term: usize| all.iter().filter(|one| term_of(one) == Some(term)).copied().collect();
    let terms: Vec<Vec<Mismatch<'_>>> = (0..8).map(of_term).collect();
    let unmet = terms.into_iter().enumerate().filter(|(_, unmet)| !unmet.is_empty());
    (pairs, unmet.min_by_key(|(_, unmet)| unmet.len()))
}

#[test]
fn prepared_requirements_answer_like_plain_ones() {
    let mut numbers = Numbers(7);
    let (mut fits, mut nearest) = (0, 0);
    for _ in 0..4_000 {
        let spec = numbers.spec();
        let prepared = Prepared::new(&spec);
        for _ in 0..6 {
            let labels: Labels = (0..numbers.below(6))
                .map(|_| {
                    let key = numbers.pick(&["a", "b", "c", "d", "e", "k1", "k2", "k3"]).to_owned();
                    (key, numbers.pick(&["x", "y", "3", "5", "07", "", "z"]).to_owned())
                })
                .collect();
            let node = Node { name: numbers.pick(&["n1", "n2", "x", ""]), labels: &labels };
            let (pairs, term) = plain(&spec, node);
            let found = prepared.misfit(node, usize::MAX, &mut 0).unwrap_or_default();
            let of_pairs: Vec<&str> = found.pairs.iter().map(|(key, _)| *key).collect();
            assert_eq!(of_pairs, pairs, "{spec:#?} {node:?}");
            let ours = found.nearest.as_ref().map(|nearest| (nearest.term, nearest.unmet.clone()));
            assert_eq!(ours, term, "{spec:#?} {node:?}");
            let matches = RequiredNodeAffinity::of(&spec).matches(node) == Ok(true);
            assert_eq!(prepared.misfit(node, 1, &mut 0).is_none(), matches, "{spec:#?} {node:?}");
            // Of a list that is cut, the number is known.
            let cut = prepared.misfit(node, 1, &mut 0).unwrap_or_default();
            assert_eq!(cut.pairs.len() + cut.more_pairs, pairs.len());
            let count = cut.nearest.map_or(0, |nearest| nearest.unmet.len() + nearest.more);
            assert_eq!(count, term.map_or(0, |(_, unmet)| unmet.len()));
            fits += usize::from(matches);
            nearest += usize::from(found.nearest.is_some());
        }
    }
    assert!(fits > 1_000 && nearest > 1_000, "{fits} {nearest}");
}

#[test]
fn a_node_costs_what_its_own_values_are_asked_for() {
    let term = |value: String| NodeSelectorTerm {
        match_expressions: Some(vec![NodeSelectorRequirement {
            key: "disk".to_owned(),
            operator: "In".to_owned(),
            values: Some(vec![value]),
        }]),
        match_fields: None,
    };
    let terms = (0..5_000).map(|number| term(format!("v{number}"))).collect();
    let node_affinity = NodeAffinity {
        required_during_scheduling_ignored_during_execution: Some(NodeSelector {
            node_selector_terms: terms,
        }),
        ..NodeAffinity::default()
    };
    let affinity = Affinity { node_affinity: Some(node_affinity), ..Affinity::default() };
    let spec = PodSpec { affinity: Some(affinity), ..PodSpec::default() };
    let prepared = Prepared::new(&spec);
    let mut work = 0;
    for number in 0..1_000 {
        let labels = Labels::from([("disk".to_owned(), format!("w{number}"))]);
        let node = Node { name: "n", labels: &labels };
        assert!(prepared.misfit(node, 8, &mut work).is_some());
    }
    assert!(work < 5_000 + 10 * 1_000, "{work}");
}
