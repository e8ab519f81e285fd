//! Four times the text takes about four times the work, and the output is bounded, whatever is wrong in the text.
//!
//! The work is the processor time of the test's thread, which does not depend on what else the machine does. `GROWTH=8` multiplies the
//! sizes; with `--nocapture` the test prints a table.

#![allow(clippy::unwrap_used, clippy::arithmetic_side_effects, clippy::print_stdout)]

use std::path::Path;

use daemonset_tests::command::lint;
use daemonset_tests::setting;

/// A DaemonSet whose selector has these requirements.
fn daemon_set(name: &str, selector: &str) -> String {
    format!(
        "apiVersion: apps/v1\nkind: DaemonSet\nmetadata:\n  name: {name}\nspec:\n  selector: {selector}\n  template:\n    metadata:\n      labels:\n        app: {name}\n    spec:\n      containers:\n        - name: agent\n          image: agent:1\n"
    )
}

fn own(number: usize) -> String {
    let name = format!("a{number}");
    daemon_set(&name, &format!("{{ matchLabels: {{ app: {name} }} }}"))
}

fn stream(count: usize, document: impl Fn(usize) -> String) -> String {
    (0..count).map(|number| document(number) + "---\n").collect()
}

fn spec(count: usize, field: impl Fn(usize) -> String) -> String {
    let fields: String = (0..count).map(field).collect();
    format!("apiVersion: apps/v1\nkind: DaemonSet\nmetadata: {{ name: agent }}\nspec:\n{fields}")
}

fn list(count: usize, item: impl Fn(usize) -> String) -> String {
    let items: Vec<String> = (0..count).map(item).collect();
    format!("{{\"apiVersion\":\"v1\",\"kind\":\"List\",\"items\":[{}]}}\n", items.join(","))
}

/// A text of a size.
type Shape = (&'static str, usize, fn(usize) -> String);

/// Texts to check, with the number of parts to begin with.
const TEXTS: &[Shape] = &[
    ("broken documents", 2_000, |count| "a: [\n---\n".repeat(count)),
    ("broken templates", 2_000, |count| "a: [ {{ .Values.x }}\n---\n".repeat(count)),
    ("broken between templates", 2_000, |count| "a: [\n---\nb: {{ x }}\n---\n".repeat(count / 2)),
    ("quotes that never end", 2_000, |count| "a: \"x\n---\n".repeat(count)),
    ("broken documents behind JSON", 2_000, |count| "{\"a\":1}\n".to_owned() + &"a: [\n---\n".repeat(count)),
    ("documents without a kind", 2_000, |count| "a: 1\n---\n".repeat(count)),
    ("single values", 2_000, |count| "hello\n---\n".repeat(count)),
    ("unknown fields", 2_000, |count| spec(count, |number| format!("  k{number}: 1\n"))),
    ("unknown fields in JSON", 2_000, |count| {
        let fields: Vec<String> = (0..count).map(|number| format!("\"k{number}\":1")).collect();
        format!("{{\"apiVersion\":\"apps/v1\",\"kind\":\"DaemonSet\",\"spec\":{{{}}}}}", fields.join(","))
    }),
    ("one key many times", 2_000, |count| spec(count, |_| "  k: 1\n".to_owned())),
    ("labels that are numbers", 4_000, |count| {
        let labels: String = (0..count).map(|number| format!("    k{number}: {number}\n")).collect();
        format!("apiVersion: apps/v1\nkind: DaemonSet\nmetadata:\n  name: agent\n  labels:\n{labels}")
    }),
    ("a list on one line", 500, |count| {
        list(count, |number| {
            format!(
                "{{\"apiVersion\":\"apps/v1\",\"kind\":\"DaemonSet\",\"metadata\":{{\"name\":\"ä{number}\"}},\"spec\":{{\"x\":1}}}}"
            )
        })
    }),
    ("DaemonSets", 500, |count| stream(count, own)),
    ("DaemonSets of one name", 2_000, |count| stream(count, |_| own(7))),
    ("selectors of expressions", 500, |count| {
        let selector = "{ matchExpressions: [{ key: app, operator: In, values: [x] }] }";
        stream(count, |number| daemon_set(&format!("a{number}"), selector))
    }),
    ("merges", 2_000, |count| {
        let merges: String = (0..count).map(|number| format!("  - {{ <<: *a, x: {number} }}\n")).collect();
        format!("a: &a {{ x: 1, z: 2 }}\nb:\n{merges}")
    }),
    ("comments behind brackets", 1_000, |count| format!("a: [{}]\n", "[#\n],".repeat(count))),
    ("allow comments", 25_000, |count| {
        let label = |number: usize| format!("    k{number}: v # daemonset-lint: allow api/warning, x\n");
        let labels: String = (0..count).map(label).collect();
        format!("{}  labels:\n{labels}", "apiVersion: apps/v1\nkind: DaemonSet\nmetadata:\n  name: agent\n")
    }),
    ("allow comments above each other", 5_000, |count| {
        let comments = "# daemonset-lint: allow api/warning, pending\n".repeat(count);
        let selector = "      nodeSelector: { beta.kubernetes.io/os: linux }\n";
        format!("{comments}{}{selector}", own(1))
    }),
    ("allow comments that are used", 500, |count| {
        stream(count, |number| {
            let comment =
                "        # daemonset-lint: allow api/warning, x\n        beta.kubernetes.io/os: linux\n";
            format!("{}      nodeSelector:\n{comment}", own(number))
        })
    }),
    ("allow comments in a block", 5_000, |count| {
        format!("a: b\nc: |\n{}", "  # daemonset-lint: allow api/warning\n".repeat(count))
    }),
    ("allow comments between documents", 5_000, |count| {
        "# daemonset-lint: allow api/warning\n---\n".repeat(count)
    }),
    ("expressions on one line", 4_000, |count| format!("a: [ {}\n", "{{ .Values.x }} ".repeat(count))),
];

/// Texts whose report is printed as JSON, too.
const IN_JSON: &[&str] = &["broken documents", "unknown fields", "a list on one line", "DaemonSets"];

/// Texts that are given as stored objects, too.
const STORED: &[&str] =
    &["broken templates", "documents without a kind", "a list on one line", "DaemonSets of one name"];

/// Files of nodes.
const NODES: &[Shape] = &[
    ("nodes in YAML", 500, |count| {
        stream(count, |number| format!("apiVersion: v1\nkind: Node\nmetadata: {{ name: n{number} }}\n"))
    }),
    ("unreadable nodes in YAML", 1_000, |count| {
        stream(count, |number| format!("apiVersion: v1\nkind: Node\nmetadata: {{ name: {number} }}\n"))
    }),
    ("unreadable nodes in JSON", 1_000, |count| {
        list(count, |number| {
            format!("{{\"apiVersion\":\"v1\",\"kind\":\"Node\",\"metadata\":{{\"name\":{number}}}}}\n")
        })
    }),
];

/// The processor time of this thread, in nanoseconds; `None` where the system does not tell.
fn processor_time() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    text.split_whitespace().next()?.parse().ok()
}

/// Milliseconds of work, and the bytes of output.
fn work(arguments: &[&str]) -> Option<(f64, usize)> {
    let before = processor_time()?;
    let output = lint(arguments, b"");
    let nanoseconds = processor_time()?.saturating_sub(before);
    Some((nanoseconds as f64 / 1e6, output.stdout.len() + output.stderr.len()))
}

/// Less work than this is not compared, in milliseconds.
const LITTLE: f64 = 20.0;

/// Four times the text may take so many times the work: the time of a quadratic one is 16 times.
const RATIO: f64 = 8.0;

/// More is not printed, in bytes: a bounded number of findings.
const OUTPUT: usize = 8_000_000;

/// Why a shape grows too fast, if it does.
fn grows(
    folder: &Path,
    (name, count, text): &Shape,
    arguments: &dyn Fn(&str) -> Vec<String>,
) -> Option<String> {
    let count = count * usize::try_from(setting("GROWTH", 1)).unwrap();
    let measure = |count: usize| {
        let file = folder.join("text.yaml");
        std::fs::write(&file, text(count)).unwrap();
        let arguments = arguments(file.to_str().unwrap());
        work(&arguments.iter().map(String::as_str).collect::<Vec<_>>())
    };
    let (first, _) = measure(count)?;
    let (mut last, output) = measure(4 * count)?;
    let limit = first.max(LITTLE) * RATIO;
    if last > limit {
        // Once more: the machine may have been busy.
        last = measure(4 * count)?.0;
    }
    println!("{name:32} {first:9.1} ms {last:9.1} ms {output:9} bytes");
    if output > OUTPUT {
        return Some(format!("{name}: {output} bytes of output"));
    }
    (last > limit).then(|| format!("{name}: {first:.1} ms, then {last:.1} ms for four times the text"))
}

#[test]
fn work_grows_with_the_text() {
    let folder = tempfile::tempdir().unwrap();
    let agent = folder.path().join("agent.yaml");
    std::fs::write(&agent, own(1)).unwrap();
    let agent = agent.to_str().unwrap();
    let mut faults = Vec::new();
    let plain = |file: &str| vec![file.to_owned()];
    faults.extend(TEXTS.iter().filter_map(|shape| grows(folder.path(), shape, &plain)));
    let json = |file: &str| ["--format", "json", file].map(str::to_owned).to_vec();
    let in_json = TEXTS.iter().filter(|(name, ..)| IN_JSON.contains(name));
    faults.extend(in_json.filter_map(|shape| grows(folder.path(), shape, &json)));
    let nodes = |file: &str| ["--explain", "--nodes", file, agent].map(str::to_owned).to_vec();
    faults.extend(NODES.iter().filter_map(|shape| grows(folder.path(), shape, &nodes)));
    let against = |file: &str| ["--against", file, agent].map(str::to_owned).to_vec();
    let stored = TEXTS.iter().filter(|(name, ..)| STORED.contains(name));
    faults.extend(stored.filter_map(|shape| grows(folder.path(), shape, &against)));
    assert!(faults.is_empty(), "{faults:#?}");
}
