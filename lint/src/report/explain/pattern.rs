//! Sentences that differ only in what the node is called or has: told once for many nodes, and kept once.

/// Stands for the node's name.
pub(crate) const NODE: char = '\u{1}';

/// Stands for the next of the values.
pub(crate) const VALUE: char = '\u{2}';

/// A sentence and what one node puts into it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Pattern {
    /// The sentence with [`NODE`] and [`VALUE`] in the place of what differs.
    pub(crate) text: String,
    /// What stands in the place of each [`VALUE`].
    pub(crate) values: Vec<String>,
}

/// Commands of kubectl that are followed by a node's name.
const COMMANDS: &[&str] =
    &["kubectl label node ", "kubectl taint node ", "kubectl taint nodes ", "kubectl uncordon "];

impl Pattern {
    /// The pattern of a sentence about a node. Numbers may differ between nodes, and so may what a label is; any other text makes
    /// another sentence.
    pub(crate) fn of(sentence: &str, node: &str) -> Self {
        let mut pattern = Self::default();
        for command in COMMANDS {
            let rest = sentence.strip_prefix(command).and_then(|rest| rest.strip_prefix(node));
            if let Some(rest) = rest.filter(|rest| rest.is_empty() || rest.starts_with(' ')) {
                pattern.text.push_str(command);
                pattern.text.push(NODE);
                pattern.literal(rest);
                return pattern;
            }
        }
        for (index, part) in sentence.split('`').enumerate() {
            if index % 2 == 0 {
                pattern.plain(part, node);
            } else if pattern.text.ends_with("the node is ") && part == node {
                pattern.text.push('`');
                pattern.text.push(NODE);
                pattern.text.push('`');
            } else if pattern.text.ends_with(" is ") {
                pattern.value(format!("`{part}`"));
            } else if let Some(key) = part.strip_suffix(node).filter(|key| key.ends_with('=')) {
                // A domain of one node: `kubernetes.io/hostname=worker-1`.
                pattern.text.push('`');
                pattern.literal(key);
                pattern.text.push(NODE);
                pattern.text.push('`');
            } else {
                pattern.text.push('`');
                pattern.literal(part);
                pattern.text.push('`');
            }
        }
        pattern
    }

    /// Text outside of backticks: its numbers are values, and so are the pods that it names; a last word may be the node.
    fn plain(&mut self, part: &str, node: &str) {
        let mut before = "";
        let mut words = part.split(' ').peekable();
        while let Some(word) = words.next() {
            let inner = word.trim_start_matches('(');
            let open = word.len().saturating_sub(inner.len());
            let bare = inner.trim_end_matches([',', ';', ':', '.', ')']);
            let number = bare.starts_with(|first: char| first.is_ascii_digit());
            let ends = words.peek().is_none();
            let of_pod = self.text.ends_with("\u{2} on ") || self.text.ends_with(" pod on ");
            if before == "on" && word == node && (ends || of_pod) {
                self.text.push(NODE);
            } else if number || (before == "pod" && bare.contains('/')) {
                self.text.push_str(word.get(..open).unwrap_or_default());
                self.value(bare.to_owned());
                self.text.push_str(inner.get(bare.len()..).unwrap_or_default());
            } else {
                self.literal(word);
            }
            if words.peek().is_some() {
                self.text.push(' ');
            }
            before = word;
        }
    }

    /// Text as it is. The two marks have no business in a sentence; a file may hold them all the same.
    fn literal(&mut self, text: &str) {
        self.text.extend(text.chars().map(|c| if c == NODE || c == VALUE { '\u{fffd}' } else { c }));
    }

    fn value(&mut self, value: String) {
        self.text.push(VALUE);
        self.values.push(value);
    }
}

/// The sentence again, with `node` and the values in their places.
pub(crate) fn fill(text: &str, node: &str, values: &[String]) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut values = values.iter();
    for character in text.chars() {
        match character {
            NODE => filled.push_str(node),
            VALUE => filled.push_str(values.next().map(String::as_str).unwrap_or_default()),
            other => filled.push(other),
        }
    }
    filled
}

/// As many different values are named; of more, the first ones.
const NAMED: usize = 3;

/// One text for what many nodes put into the same place: the value, a range of numbers, or the first few.
pub(crate) fn merge<'v>(values: impl Iterator<Item = &'v str>) -> String {
    let mut distinct: Vec<&str> = values.collect();
    let first = distinct.first().copied().unwrap_or_default();
    let ranged = range(&distinct);
    distinct.sort_unstable();
    distinct.dedup();
    if distinct.len() <= 1 {
        return first.to_owned();
    }
    if let Some(range) = ranged {
        return range;
    }
    let shown = if distinct.len() <= NAMED { distinct.len().saturating_sub(1) } else { NAMED - 1 };
    let list: Vec<&str> = distinct.iter().take(shown).copied().collect();
    let rest = distinct.get(shown..).unwrap_or_default();
    let last = match rest {
        [one] => (*one).to_owned(),
        _ => format!("{} others", rest.len()),
    };
    format!("{} or {last}", list.join(", "))
}

/// Suffixes of quantities and what they stand for.
const UNITS: &[(&str, f64)] = &[
    ("", 1.0),
    ("m", 1e-3),
    ("k", 1e3),
    ("M", 1e6),
    ("G", 1e9),
    ("T", 1e12),
    ("Ki", 1024.0),
    ("Mi", 1_048_576.0),
    ("Gi", 1_073_741_824.0),
    ("Ti", 1_099_511_627_776.0),
];

/// `200–450`, `900Mi–3Gi`: the least and the greatest of numbers that can be compared.
fn range(values: &[&str]) -> Option<String> {
    let mut numbers = Vec::with_capacity(values.len());
    let mut shared = None;
    for value in values {
        let end = value.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(value.len());
        let (number, suffix) = value.split_at(end);
        let unit = UNITS.iter().find(|(unit, _)| *unit == suffix).map(|(_, factor)| *factor);
        // Words that begin with a number, such as `80/TCP`, have an order only among their own kind.
        let kind = if unit.is_some() { "" } else { suffix };
        if *shared.get_or_insert(kind) != kind {
            return None;
        }
        numbers.push((number.parse::<f64>().ok()? * unit.unwrap_or(1.0), *value));
    }
    let least = numbers.iter().min_by(|a, b| a.0.total_cmp(&b.0))?;
    let greatest = numbers.iter().max_by(|a, b| a.0.total_cmp(&b.0))?;
    Some(format!("{}–{}", least.1, greatest.1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(sentence: &str, node: &str) -> String {
        let pattern = Pattern::of(sentence, node);
        assert_eq!(fill(&pattern.text, node, &pattern.values), sentence);
        pattern.text.replace(NODE, "{node}").replace(VALUE, "{}")
    }

    #[test]
    fn what_differs_between_nodes_is_taken_out() {
        for (node, sentence, wanted) in [
            ("a-1", "kubectl label node a-1 color=<value>", "kubectl label node {node} color=<value>"),
            ("node", "kubectl label node node node=3", "kubectl label node {node} node=3"),
            ("a", "kubectl uncordon a", "kubectl uncordon {node}"),
            ("a", "kubectl uncordon ab", "kubectl uncordon ab"),
            ("gpu", "label `gpu` is absent", "label `gpu` is absent"),
            (
                "a",
                "label `zone` is `a`, the manifest wants `b`",
                "label `zone` is {}, the manifest wants `b`",
            ),
            ("a", "the node is `a`, the manifest wants `b`", "the node is `{node}`, the manifest wants `b`"),
            ("a", "requested 500, 200 free (of 1.5Gi)", "requested {}, {} free (of {})"),
            ("a", "taint `5g=1:NoSchedule` is not tolerated", "taint `5g=1:NoSchedule` is not tolerated"),
            ("a", "host port 80 is held by pod b/c-1", "host port {} is held by pod {}"),
            ("a", "make room for 2 more on a", "make room for {} more on {node}"),
            (
                "a",
                "pod b/c-1 on a keeps others away where `host=a`",
                "pod {} on {node} keeps others away where `host={node}`",
            ),
            (
                "a",
                "pod b/c-1 on d keeps others away where `zone=x`",
                "pod {} on d keeps others away where `zone=x`",
            ),
            ("7", "free 2 on 7", "free {} on {node}"),
        ] {
            assert_eq!(shown(sentence, node), wanted);
        }
    }

    #[test]
    fn marks_in_a_text_are_not_taken_for_ours() {
        let pattern = Pattern::of("a \u{1} and \u{2}", "n");
        assert_eq!((pattern.text.as_str(), pattern.values.len()), ("a \u{fffd} and \u{fffd}", 0));
    }

    #[test]
    fn values_are_merged_to_one_text() {
        let merged = |values: &[&str]| merge(values.iter().copied());
        assert_eq!(merged(&["7", "7"]), "7");
        assert_eq!(merged(&["200", "9", "450"]), "9–450");
        assert_eq!(merged(&["2Gi", "1.5Gi"]), "1.5Gi–2Gi");
        assert_eq!(merged(&["2Gi", "900Mi", "1003Mi"]), "900Mi–2Gi");
        assert_eq!(merged(&["1", "500m"]), "500m–1");
        assert_eq!(merged(&["80/TCP", "81/UDP"]), "80/TCP or 81/UDP");
        assert_eq!(merged(&["`b`", "`a`", "`c`", "`a`"]), "`a`, `b` or `c`");
        assert_eq!(merged(&["`b`", "`a`", "`c`", "`d`"]), "`a`, `b` or 2 others");
        assert_eq!(merged(&[]), "");
    }
}
