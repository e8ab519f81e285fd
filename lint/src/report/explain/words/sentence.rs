//! Sentences that can be about one node or many: the parts that differ between nodes are kept apart from the text.

use daemonset_validation::placement::{Domain, PodName};
use daemonset_validation::words::amount;

/// The placeholder of the node's name in the text.
const NODE: char = '\u{1}';

/// The placeholder of the next value in the text.
const VALUE: char = '\u{2}';

/// The placeholder of the node's name in single quotes, for a shell.
const QUOTED_NODE: char = '\u{3}';

/// A sentence, and the values of one node in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sentence {
    text: String,
    values: Vec<Value>,
    is_command: bool,
}

/// A part of a sentence that differs between nodes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Value {
    /// As it is printed.
    pub(crate) text: String,
    /// The number, if the value can be compared with that of other nodes.
    pub(crate) amount: Option<i64>,
    /// Whether it is a limit, so that for several nodes the least of their values is meant.
    pub(crate) is_limit: bool,
}

impl Value {
    /// A value that is only a text.
    pub(crate) const fn text(text: String) -> Self {
        Self { text, amount: None, is_limit: false }
    }

    /// A number.
    pub(crate) fn count(count: i64) -> Self {
        Self { text: count.to_string(), amount: Some(count), is_limit: false }
    }
}

impl Sentence {
    /// A sentence that begins with a text.
    pub(crate) fn new(text: &str) -> Self {
        Self::default().text(text)
    }

    /// A command for a shell, which begins with a text.
    pub(crate) fn command(text: &str) -> Self {
        Self { is_command: true, ..Self::new(text) }
    }

    /// Adds text that is the same for all nodes.
    pub(crate) fn text(mut self, text: &str) -> Self {
        self.text.extend(text.chars().map(unmarked));
        self
    }

    /// Adds a name or value of the API, in backticks.
    pub(crate) fn code(self, text: &str) -> Self {
        self.text("`").text(text).text("`")
    }

    /// Adds the node's name.
    pub(crate) fn node(mut self) -> Self {
        self.text.push(NODE);
        self
    }

    /// Adds the node's name as one word of a shell.
    pub(crate) fn quoted_node(mut self) -> Self {
        self.text.push(QUOTED_NODE);
        self
    }

    /// Adds a value of the node.
    pub(crate) fn value(mut self, value: Value) -> Self {
        self.text.push(VALUE);
        self.values.push(value);
        self
    }

    /// Adds a number of the node.
    pub(crate) fn count(self, count: i64) -> Self {
        self.value(Value::count(count))
    }

    /// Adds an amount of a resource.
    pub(crate) fn amount(self, resource: &str, amount: i64) -> Self {
        let text = amount::shown(resource, amount).to_string();
        self.value(Value { text, amount: Some(amount), is_limit: false })
    }

    /// Adds an amount of a resource that must not be exceeded.
    pub(crate) fn limit(self, resource: &str, amount: i64) -> Self {
        let text = amount::shown(resource, amount).to_string();
        self.value(Value { text, amount: Some(amount), is_limit: true })
    }

    /// Adds a value of the node in backticks.
    pub(crate) fn code_value(self, text: &str) -> Self {
        self.value(Value::text(format!("`{text}`")))
    }

    /// Adds the name of a pod, which differs from node to node.
    pub(crate) fn pod(self, pod: &PodName) -> Self {
        self.value(Value::text(format!("{}/{}", pod.namespace, pod.name)))
    }

    /// Adds a node's domain: `zone=a`. A value that is the node's own name counts as the node's name.
    pub(crate) fn domain(self, domain: &Domain, node: &str) -> Self {
        let sentence = self.text("`").text(&domain.key).text("=");
        let sentence = if *domain.value == *node { sentence.node() } else { sentence.text(&domain.value) };
        sentence.text("`")
    }

    /// Adds another sentence. The result is not a command, even if the first sentence is one.
    pub(crate) fn join(mut self, other: Self) -> Self {
        self.is_command = false;
        self.text.push_str(&other.text);
        self.values.extend(other.values);
        self
    }

    /// Whether all of it is a command for a shell.
    pub(crate) const fn is_command(&self) -> bool {
        self.is_command
    }

    /// The sentence about one node.
    pub(crate) fn about(&self, node: &str) -> String {
        let quoted = shell_word(node);
        fill(&self.text, node, &quoted, self.values.iter().map(|value| value.text.as_str()))
    }

    /// The sentence for the HTML page, whose script fills in the node's name and the values.
    pub(crate) fn into_template(self, node: &str) -> Template {
        let quoted: String = shell_word(node).chars().map(unmarked).collect();
        let text = self.text.replace(QUOTED_NODE, &quoted);
        Template { text, is_command: self.is_command, values: self.values }
    }

    /// The sentences with a text between them.
    pub(crate) fn joined(sentences: impl IntoIterator<Item = Self>, between: &str) -> Self {
        let mut joined = Self::default();
        for (index, sentence) in sentences.into_iter().enumerate() {
            joined = if index == 0 { sentence } else { joined.text(between).join(sentence) };
        }
        joined
    }
}

/// A sentence whose placeholders are not filled in yet.
#[derive(Debug)]
pub(crate) struct Template {
    /// The text with its placeholders. The placeholder of the quoted name is filled in already.
    pub(crate) text: String,
    /// Whether all of it is a command for a shell.
    pub(crate) is_command: bool,
    /// The values, in the order of their placeholders.
    pub(crate) values: Vec<Value>,
}

/// Replaces characters that are used as placeholders: names from a file may hold any character.
const fn unmarked(character: char) -> char {
    match character {
        NODE | VALUE | QUOTED_NODE => '\u{fffd}',
        other => other,
    }
}

/// A text in single quotes, as a shell reads it.
pub(super) fn shell_word(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

fn fill<'v>(text: &str, node: &str, quoted: &str, mut values: impl Iterator<Item = &'v str>) -> String {
    let mut filled = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            NODE => filled.push_str(node),
            QUOTED_NODE => filled.push_str(quoted),
            VALUE => filled.push_str(values.next().unwrap_or_default()),
            other => filled.push(other),
        }
    }
    filled
}

/// Names of nodes in a sentence about several: all of these few, or `<node>` for more.
const IN_SENTENCE: usize = 3;

/// Merges the sentences of several nodes into one. `names` are the nodes' names in the same order.
pub(crate) fn merged(sentences: &[Sentence], names: &[&str]) -> String {
    let Some(first) = sentences.first() else { return String::new() };
    let (node, quoted) = if names.len() <= IN_SENTENCE {
        (names.join(" "), names.iter().map(|name| shell_word(name)).collect::<Vec<_>>().join(" "))
    } else {
        ("<node>".to_owned(), "<node>".to_owned())
    };
    let values = (0..first.values.len())
        .map(|place| merge(sentences.iter().filter_map(move |sentence| sentence.values.get(place))));
    let values: Vec<String> = values.collect();
    fill(&first.text, &node, &quoted, values.iter().map(String::as_str))
}

/// The maximum number of different values that are named.
const NAMED: usize = 3;

/// One text for the values of many nodes in the same place: the value, a range of numbers, or the first few.
pub(crate) fn merge<'v>(values: impl Iterator<Item = &'v Value>) -> String {
    let values: Vec<&Value> = values.collect();
    let mut distinct: Vec<&str> = values.iter().map(|value| value.text.as_str()).collect();
    distinct.sort_unstable();
    distinct.dedup();
    if distinct.len() <= 1 {
        return distinct.first().copied().unwrap_or_default().to_owned();
    }
    if let Some(range) = range(&values) {
        return range;
    }
    let shown = if distinct.len() <= NAMED { distinct.len().saturating_sub(1) } else { NAMED - 1 };
    let list = distinct.get(..shown).unwrap_or_default().join(", ");
    match distinct.get(shown..).unwrap_or_default() {
        [one] => format!("{list} or {one}"),
        rest => format!("{list} or {} others", rest.len()),
    }
}

/// `200–450`, `900Mi–3Gi`: the least and the greatest, where all are numbers.
fn range(values: &[&Value]) -> Option<String> {
    let numbers: Option<Vec<(i64, &str)>> =
        values.iter().map(|value| Some((value.amount?, value.text.as_str()))).collect();
    let numbers = numbers?;
    let least = numbers.iter().min_by_key(|(amount, _)| *amount)?;
    let greatest = numbers.iter().max_by_key(|(amount, _)| *amount)?;
    if values.iter().all(|value| value.is_limit) {
        return Some(least.1.to_owned());
    }
    Some(format!("{}–{}", least.1, greatest.1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_is_about_one_node_or_many() {
        let of = |cpu: i64| Sentence::new("free ").amount("cpu", cpu).text(" on ").node();
        assert_eq!(of(500).about("7"), "free 500m on 7");
        let sentences = [of(500), of(2000), of(500)];
        assert_eq!(merged(&sentences, &["a", "b", "c"]), "free 500m–2 on a b c");
        let limits = [3000, 500].map(|cpu| Sentence::new("at most ").limit("cpu", cpu));
        assert_eq!(merged(&limits, &["a", "b"]), "at most 500m");
        let four: Vec<Sentence> = (1..=4).map(|cpu| of(cpu * 1000)).collect();
        assert_eq!(merged(&four, &["a", "b", "c", "d"]), "free 1–4 on <node>");
    }

    #[test]
    fn a_name_that_a_shell_would_split_is_quoted() {
        let of = || Sentence::new("kubectl uncordon ").quoted_node();
        assert_eq!(of().about("it's"), r"kubectl uncordon 'it'\''s'");
        assert_eq!(merged(&[of(), of()], &["a b", "c"]), "kubectl uncordon 'a b' 'c'");
    }

    #[test]
    fn marks_in_a_text_are_not_taken_for_ours() {
        let sentence = Sentence::new("a \u{1} and \u{2}").code("\u{3}");
        assert_eq!(sentence.about("n"), "a \u{fffd} and \u{fffd}`\u{fffd}`");
    }

    #[test]
    fn a_domain_of_one_node_is_the_nodes() {
        let domain = |value: &str| Domain { key: "host".into(), value: value.into() };
        let of = |value: &str, node: &str| Sentence::new("where ").domain(&domain(value), node);
        assert_eq!(merged(&[of("a", "a"), of("b", "b")], &["a", "b"]), "where `host=a b`");
        assert_eq!(of("zone-1", "a"), of("zone-1", "b"));
    }

    #[test]
    fn values_are_merged_to_one_text() {
        let texts = |texts: &[&str]| {
            let values: Vec<Value> = texts.iter().map(|text| Value::text((*text).to_owned())).collect();
            merge(values.iter())
        };
        let amounts = |resource: &str, amounts: &[i64]| {
            let mut sentence = Sentence::default();
            for amount in amounts {
                sentence = sentence.amount(resource, *amount);
            }
            merge(sentence.values.iter())
        };
        assert_eq!(amounts("pods", &[7, 7]), "7");
        assert_eq!(amounts("pods", &[200, 9, 450]), "9–450");
        assert_eq!(amounts("memory", &[2 << 30, 900 << 20, 1003 << 20]), "900Mi–2Gi");
        assert_eq!(amounts("cpu", &[1000, 500]), "500m–1");
        assert_eq!(texts(&["80/TCP", "81/TCP"]), "80/TCP or 81/TCP");
        assert_eq!(texts(&["`b`", "`a`", "`c`", "`a`"]), "`a`, `b` or `c`");
        assert_eq!(texts(&["`b`", "`a`", "`c`", "`d`"]), "`a`, `b` or 2 others");
        assert_eq!(texts(&[]), "");
    }
}
