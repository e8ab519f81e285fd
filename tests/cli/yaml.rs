//! Small hard documents are read as the API machinery reads them. Its answers are recorded beside each document.
//!
//! A document that we knowingly read in another way says why in `differs`. The test fails if there is no difference any more.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::print_stdout
)]

use daemonset_lint::source::{Content, LineIndex, documents};
use daemonset_tests::{compare_with_file, go_json, root};
use daemonset_validation::{NodeId, Span, Tree, Value as Node};
use serde_json::Value;

/// Why a case fails, if it does.
fn judge(case: &Value) -> Option<String> {
    let text = case["text"].as_str().unwrap();
    let (ours, strict) = match go_json::answer(text) {
        Ok((json, strict)) => (Some(json), strict),
        Err(_) => (None, true),
    };
    // Go escapes the replacement character where it stands for a byte that is no UTF-8.
    let theirs = case["json"].as_str().map(|json| json.replace("\\ufffd", "\u{FFFD}"));
    let theirs = theirs.as_deref();
    let strict_alike = theirs.is_none() || strict == case["strictError"].is_null();
    let alike = ours.as_deref() == theirs && strict_alike;
    match (alike, case["differs"].as_str()) {
        (true, None) | (false, Some(_)) => None,
        (true, Some(reason)) => Some(format!("{text:?}\n    no longer differs: {reason}")),
        (false, None) => Some(format!(
            "{text:?}\n    upstream {}\n    we       {}{}",
            theirs.or(case["error"].as_str()).unwrap_or_default(),
            ours.unwrap_or_else(|| go_json::answer(text).unwrap_err()),
            if strict_alike { "" } else { "\n    and the strict verdicts differ" },
        )),
    }
}

#[test]
fn hard_documents_are_read_as_upstream_reads_them() {
    let mut failures = Vec::new();
    let mut paths: Vec<_> = std::fs::read_dir(root().join("tests/corpus/yaml"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    let (mut cases, mut differing) = (0, 0);
    for path in paths.iter().filter(|path| path.extension().is_some_and(|extension| extension == "jsonl")) {
        let name = path.file_stem().unwrap().display();
        for line in std::fs::read_to_string(path).unwrap().lines() {
            let case: Value = serde_json::from_str(line).unwrap();
            cases += 1;
            differing += usize::from(!case["differs"].is_null());
            failures.extend(judge(&case).map(|failure| format!("{name}: {failure}")));
        }
    }
    println!("{cases} cases, {differing} known to differ");
    assert!(failures.is_empty(), "{} of {cases} cases:\n{}", failures.len(), failures.join("\n"));
}

/// Whether two documents, as JSON or refused, are the same. Upstream passes JSON on as it is written.
fn is_same(theirs: Option<&str>, ours: Option<&str>) -> bool {
    let value = |json: &str| serde_json::from_str::<Value>(json).ok();
    match (theirs, ours) {
        (Some(theirs), Some(ours)) => {
            theirs == ours || value(theirs).is_none() || value(theirs) == value(ours)
        }
        (theirs, ours) => theirs.is_none() && ours.is_none(),
    }
}

#[test]
fn streams_are_cut_as_upstream_cuts_them() {
    let mut failures = Vec::new();
    let cases = std::fs::read_to_string(root().join("tests/corpus/streams.jsonl")).unwrap();
    for line in cases.lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        let text = case["text"].as_str().unwrap();
        let theirs = case["documents"].as_array().unwrap();
        let ours = go_json::stream(text);
        // kubectl ends at an error; upstream's reader goes on behind some and not behind others.
        let stopped = theirs.last().is_some_and(|last| last["json"].is_null());
        let alike = theirs
            .iter()
            .zip(&ours)
            .all(|(theirs, ours)| is_same(theirs["json"].as_str(), ours.as_deref().ok()));
        let enough = theirs.len() == ours.len() || stopped && ours.len() > theirs.len();
        // A case that no longer differs fails, too.
        if (alike && enough) != case["differs"].is_null() {
            failures.push(format!("{text:?}\n    upstream {}\n    we       {ours:?}", case["documents"]));
        }
    }
    assert!(failures.is_empty(), "{}\n{}", failures.len(), failures.join("\n"));
}

/// What people get wrong, each mistake by itself.
const MISTAKES: &[&str] = &[
    "a: 1\nb\nc: 2\n",
    "a:1\nb: 2\n",
    "a: 1\nb:2\n",
    "a: 1\n  b: 2\n",
    "a:\n  b: 1\n c: 2\n",
    "a:\n  - b\n - c\n",
    "env:\n- name: A\n  value: 1\n name: B\n",
    "- a\nb: 1\n",
    "a: 1\n- b\n",
    "message: it says: hello\n",
    "a: - b\n",
    "a: 'x\nb: 1\n",
    "a: \"x\" y\n",
    "path: \"C:\\dir\"\n",
    "path: \"a\\/b\"\n",
    "a: [b, c\nd: 1\n",
    "a: [b, c}\n",
    "a: {b: 1\n",
    "a: b]\nc: ]\n",
    "args: [--url=http://x/?y=1]\n",
    "bind: [::1]\n",
    "hosts: *\n",
    "host: *.example.com\n",
    "a: *b\n",
    "owner: @me\n",
    "share: %x\n",
    "a: |text\n",
    "a:\n\tb: 1\n",
    "a: 1\n\tb: 2\n",
    "a: |\n\tb\n",
    "a: \u{7}\n",
    "# x\u{2028}y\na: 1\n",
    "~: 1\n",
    "a: .inf\n",
    "a: !!int x\n",
    "a: &a [*a]\n",
    "a:\n  <<: 1\n",
    "%YAML 1.2\n---\na: 1\n",
    "a: 1\n--- b\nc: 2\n",
    "metadata:\n  name: {{ include \"x\" . }}\n",
    "{\"a\": 1,}\n",
    "{\"a\": 1 // one\n}\n",
    "{\"a\": [1, 2}\n",
    "{\"a\": \"b\n\"}\n",
    "{\"a\": 1}\n{\"b\": 2}\n{\"c\": }\n",
];

#[test]
fn mistakes_are_explained_where_they_stand() {
    let mut report = String::new();
    for text in MISTAKES {
        report += &format!("{}\n", text.escape_debug());
        let lines = LineIndex::new(text);
        for document in documents(text) {
            let Content::Broken(error) = document.content else { continue };
            let (start, end) = (error.span.start as usize, error.span.end as usize);
            let (line, column) = lines.position(text, start);
            report += &format!("  {line}:{column} {:?} {}\n", &text[start..end], error.message);
            report += &error.help.map(|help| format!("    help: {help}\n")).unwrap_or_default();
        }
    }
    compare_with_file(&root().join("tests/corpus/yaml/mistakes.txt"), &report);
}

#[test]
fn depth_and_size_end_in_an_answer() {
    let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
    let is_broken = |text: &str| matches!(documents(text).next().unwrap().content, Content::Broken(_));
    assert!(!is_broken(&nested(10_000)) && is_broken(&nested(10_001)) && is_broken(&nested(200_000)));
    let json = |depth: usize| format!("{{\"a\":{}}}", nested(depth));
    assert!(!is_broken(&json(9_999)) && is_broken(&json(10_000)) && is_broken(&json(200_000)));
    let block = |depth: usize| "- ".repeat(depth) + "a\n";
    assert!(!is_broken(&block(10_000)) && is_broken(&block(10_001)));
    // A billion laughs, and a large scalar that is repeated.
    let laughs: String = (1..10).fold("a0: &a0 [x,x,x,x,x,x,x,x,x]\n".to_owned(), |text, level| {
        let before = format!("*a{}", level - 1);
        text + &format!("a{level}: &a{level} [{}]\n", vec![before; 9].join(","))
    });
    assert!(is_broken(&laughs));
    let large = format!("a: &a {}\nb: [{}]\n", "x".repeat(100_000), vec!["*a"; 400].join(","));
    assert!(is_broken(&large));
}

/// A span's text.
fn slice(text: &str, span: Span) -> &str {
    &text[span.start as usize..span.end as usize]
}

/// Checks that a node's place holds what the node says, and its children's places.
fn check_places(text: &str, tree: &Tree<'_>, id: NodeId) {
    let node = tree.node(id);
    let source = slice(text, node.span);
    match &node.value {
        Node::String(value) if !source.starts_with(['"', '\'', '|', '>']) && !source.contains('\n') => {
            assert!(
                source == value || value.ends_with('\n') && source == value.trim_end(),
                "{source:?} {value:?}"
            );
        }
        Node::Number(value) => assert!(source == value || source.starts_with('0'), "{source:?} {value:?}"),
        Node::Null => assert!(matches!(source, "" | "null" | "~"), "{source:?}"),
        _ => assert_eq!(source.trim(), source),
    }
    for entry in tree.entries(id) {
        assert_eq!(slice(text, entry.key_span).trim_matches(['"', '\'']), entry.key);
    }
    let values = tree.entries(id).iter().map(|entry| entry.value).chain(tree.items(id).iter().copied());
    for child in values {
        let place = tree.node(child).span;
        let inside = node.span.start <= place.start && place.end <= node.span.end;
        // An alias is the node that its anchor named, so it stands where that one stands.
        assert!(inside || source.contains('*'), "{source:?} {:?}", slice(text, place));
        check_places(text, tree, child);
    }
}

#[test]
fn places_hold_what_stands_there() {
    let folder = std::env::var_os("YAML_CORPUS").map_or_else(|| root().join("tests/tutorial"), Into::into);
    let mut folders = vec![folder];
    let mut checked = 0;
    while let Some(folder) = folders.pop() {
        for path in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let Ok(text) = std::fs::read_to_string(&path) else { continue };
            for document in documents(&text) {
                let Content::Tree(tree) = document.content else { continue };
                check_places(&text, &tree, tree.root());
                checked += 1;
            }
        }
    }
    println!("{checked} documents");
    assert!(checked > 0);
}
