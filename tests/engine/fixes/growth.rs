//! A file of a hundred thousand findings is mended in work that grows with their number.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use daemonset_lint::engine::Engine;
use daemonset_lint::fix::mend_text;

/// A DaemonSet whose node selector has so many values without quotes.
fn selector(count: usize) -> String {
    let mut text = "apiVersion: apps/v1\nkind: DaemonSet\nmetadata: {name: a}\nspec:\n  selector: {matchLabels: {app: a}}\n  template:\n    metadata: {labels: {app: a}}\n    spec:\n      containers: [{name: a, image: \"a:1\"}]\n      nodeSelector:\n".to_owned();
    (0..count).for_each(|number| writeln!(text, "        key-{number}: true # {number}").unwrap());
    text
}

/// The same on one line.
fn selector_in_brackets(count: usize) -> String {
    let entries: Vec<String> = (0..count).map(|number| format!("\"key-{number}\": true")).collect();
    format!(
        r#"{{"apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": {{"name": "a"}}, "spec": {{"selector": {{"matchLabels": {{"app": "a"}}}}, "template": {{"metadata": {{"labels": {{"app": "a"}}}}, "spec": {{"containers": [{{"name": "a", "image": "a:1"}}], "nodeSelector": {{{}}}}}}}}}}}"#,
        entries.join(", ")
    )
}

/// A list of DaemonSets with a mistake each.
fn objects(count: usize) -> String {
    let mut text = "apiVersion: v1\nkind: List\nitems:\n".to_owned();
    (0..count).for_each(|number| {
        writeln!(
            text,
            "- apiVersion: apps/v1\n  kind: DaemonSet\n  metadata: {{name: a-{number}}}\n  spec:\n    replicas: 1\n    selector: {{matchLabels: {{app: a}}}}\n    template:\n      metadata: {{labels: {{app: a}}}}\n      spec: {{containers: [{{name: a, image: \"a:1\"}}]}}"
        )
        .unwrap();
    });
    text
}

fn time(text: &str, count: usize) -> Duration {
    let since = Instant::now();
    let mended = mend_text("m.yaml", text, false, &Engine::default());
    let taken = since.elapsed();
    assert_eq!(mended.rules.values().sum::<usize>(), count);
    taken
}

/// How much longer eight times as many may take: other programs may run beside the test.
const FACTOR: u32 = 20;

#[test]
fn many_findings_take_work_by_their_number() {
    let (few, many) = (12_500, 100_000);
    for (name, make) in
        [("a selector", selector as fn(usize) -> String), ("a selector in brackets", selector_in_brackets)]
    {
        let (small, large) = (time(&make(few), few), time(&make(many), many));
        println!("{name}: {few} findings in {small:?}, {many} in {large:?}");
        assert!(large < small * FACTOR + Duration::from_secs(1), "{name}: {small:?} {large:?}");
    }
    let (few, many) = (250, 2_000);
    let (small, large) = (time(&objects(few), few), time(&objects(many), many));
    println!("a list: {few} objects in {small:?}, {many} in {large:?}");
    assert!(large < small * FACTOR + Duration::from_secs(1), "a list: {small:?} {large:?}");
}
