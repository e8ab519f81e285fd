//! Selectors match what they match on the servers: each line of `corpus/selector.jsonl` is a question to `oracle selector` with its
//! answer.

use daemonset_tests::root;
use daemonset_validation::matching::label_selector::label_selector_as_selector;
use daemonset_validation::matching::node_selector::{
    Node, RequiredNodeAffinity, match_node_selector_terms, new_node_selector,
};
use daemonset_validation::matching::{Labels, SelectorError};
use k8s_openapi::api::core::v1::{Affinity, NodeAffinity, NodeSelector};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use serde_json::Value;

fn label(question: &Value, labels: &Labels) -> Result<bool, SelectorError> {
    let selector: Option<LabelSelector> = serde_json::from_value(question["selector"].clone()).unwrap();
    label_selector_as_selector(selector.as_ref()).map(|selector| selector.matches(labels))
}

fn node(question: &Value, labels: &Labels) -> Result<bool, SelectorError> {
    let selector: NodeSelector = serde_json::from_value(question["selector"].clone()).unwrap();
    let name = question["fields"]["metadata.name"].as_str().unwrap_or_default();
    let node = Node { name, labels };
    let matched = match_node_selector_terms(&selector, node);
    say_why_not(&selector, node, matches!(matched, Ok(true)));
    // The oracle refuses a selector for any term that cannot be read, also where another term matches.
    new_node_selector(&selector).and(matched)
}

/// Where a node does not match, each term says why; where it does, none has to.
fn say_why_not(selector: &NodeSelector, node: Node<'_>, matched: bool) {
    let required = NodeAffinity {
        required_during_scheduling_ignored_during_execution: Some(selector.clone()),
        ..NodeAffinity::default()
    };
    let affinity = Affinity { node_affinity: Some(required), ..Affinity::default() };
    let mismatches = RequiredNodeAffinity::new(None, Some(&affinity)).mismatches(node);
    let expected = if matched { 0 } else { selector.node_selector_terms.len() };
    assert!(
        mismatches.len() >= expected && (mismatches.is_empty() || !matched),
        "{selector:?}: {mismatches:?}"
    );
}

/// The server's text without the lists of values, which ours leaves out.
fn without_lists(text: &str) -> String {
    let mut parts = text.split("Invalid value: ");
    let mut kept = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        kept.push_str("Invalid value: ");
        let list = part
            .strip_prefix("null: ")
            .or_else(|| part.strip_prefix('[').and_then(|rest| rest.split_once("]: ")).map(|(_, rest)| rest));
        kept.push_str(list.unwrap_or(part));
    }
    kept
}

#[test]
fn every_selector_matches_what_the_servers_say() {
    let recorded = std::fs::read_to_string(root().join("tests/corpus/selector.jsonl")).unwrap();
    let mut count = 0;
    for line in recorded.lines() {
        let question: Value = serde_json::from_str(line).unwrap();
        let labels: Labels = serde_json::from_value(question["labels"].clone()).unwrap();
        let ours =
            if question["kind"] == "label" { label(&question, &labels) } else { node(&question, &labels) };
        let answer = &question["answer"];
        let expected = match answer["error"].as_str() {
            Some(error) => Err(without_lists(error)),
            None => Ok(answer["matches"].as_bool().unwrap()),
        };
        assert_eq!(ours.map_err(|error| error.to_string()), expected, "{line}");
        count += 1;
    }
    assert!(count > 150, "only {count} selectors");
}
