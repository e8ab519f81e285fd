//! The page of `--format html` has its parts and its data, and no name becomes markup. `tests/browser.sh` opens the page in a browser.

use std::path::Path;

use daemonset_tests::command::{Output, lint};
use daemonset_tests::root;
use serde_json::Value;

fn page(nodes: &Path, manifests: &str, input: &str) -> String {
    let words = ["--explain", "--format", "html", "--nodes", nodes.to_str().unwrap(), manifests];
    let Output { stdout, stderr, .. } = lint(words, input.as_bytes());
    assert_eq!(stderr, "");
    stdout
}

/// What stands between the one mark and the other.
fn between<'p>(page: &'p str, open: &str, close: &str) -> &'p str {
    page.split_once(open).unwrap().1.split_once(close).unwrap().0
}

fn data(page: &str) -> Value {
    serde_json::from_str(between(page, "<script type=\"application/json\" id=\"data\">", "</script>"))
        .unwrap()
}

#[test]
fn the_page_of_the_tutorial_holds_what_the_preview_says() {
    let tutorial = root().join("tests/tutorial");
    let page =
        page(&tutorial.join("cluster.yaml"), tutorial.join("nginx-node-affinity.yaml").to_str().unwrap(), "");
    assert!(page.starts_with("<!doctype html>\n<html lang=\"en\">"));
    assert!(page.ends_with("</html>\n"));
    assert!(page.contains("default-src 'none'"));
    let data = data(&page);
    assert_eq!(data["nodes"], serde_json::json!(["master", "worker-1", "worker-2"]));
    let set = &data["daemonSets"][0];
    assert_eq!(set["name"], "nginx-node-affinity");
    let verdict = |node: usize| {
        let outcome = usize::try_from(set["cells"][node].as_u64().unwrap()).unwrap();
        data["outcomes"][outcome].clone()
    };
    assert_eq!(verdict(0), serde_json::json!(["runs", []]));
    assert_eq!(verdict(1), serde_json::json!(["notWanted", [0]]));
    assert_eq!(data["reasons"], serde_json::json!([[0, [], []]]));
    let sentence = &data["sentences"][0];
    assert_eq!(sentence["filter"], "NodeAffinity");
    assert_eq!(sentence["suggestion"], "kubectl label node \u{1} color=<value>");
    // A label that repeats the node's name is the same for all nodes.
    let set = usize::try_from(data["nodeLabels"][0].as_u64().unwrap()).unwrap();
    let labels = data["labelSets"][set].as_array().unwrap();
    let label = |number: &Value| data["labels"][usize::try_from(number.as_u64().unwrap()).unwrap()].clone();
    assert!(
        labels.iter().map(label).any(|label| label == serde_json::json!(["kubernetes.io/hostname", null]))
    );
}

#[test]
fn names_that_are_markup_stay_names() {
    let evil = "</script><script>alert(1)</script>\u{2028}&amp;";
    let cluster = serde_json::json!({
        "apiVersion": "v1", "kind": "Node", "metadata": { "name": evil, "labels": { (evil): evil } }, "spec": {},
    });
    let folder = tempfile::tempdir().unwrap();
    let nodes = folder.path().join("cluster.json");
    std::fs::write(&nodes, cluster.to_string()).unwrap();
    let manifest = serde_json::json!({
        "apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": { "name": evil, "namespace": "{{script}}" },
    });
    let page = page(&nodes, "-", &manifest.to_string());
    // The template's own two scripts, and no third one.
    assert_eq!(page.matches("<script").count(), 2);
    assert_eq!(page.matches("</script>").count(), 2);
    assert!(!page.contains("alert(1)</"), "{page}");
    assert!(!page.contains('\u{2028}'));
    let data = data(&page);
    assert_eq!(data["nodes"][0], evil);
    assert_eq!(data["daemonSets"][0]["name"], evil);
    assert_eq!(data["daemonSets"][0]["namespace"], "{{script}}");
    assert_eq!(data["daemonSets"][0]["rejected"], true);
}

#[test]
fn thousands_of_nodes_make_a_small_page() {
    use std::fmt::Write as _;
    let mut cluster = String::from("apiVersion: v1\nkind: List\nitems:\n");
    for node in 0..2000 {
        _ = writeln!(
            cluster,
            "- {{apiVersion: v1, kind: Node, metadata: {{name: n-{node}, labels: {{kubernetes.io/hostname: n-{node}, zone: z{}}}}}}}",
            node % 3
        );
    }
    let folder = tempfile::tempdir().unwrap();
    let nodes = folder.path().join("cluster.yaml");
    std::fs::write(&nodes, cluster).unwrap();
    let one = |number: usize| {
        format!(
            "---\napiVersion: apps/v1\nkind: DaemonSet\nmetadata: {{name: a{number}}}\nspec:\n  selector: {{matchLabels: {{app: a{number}}}}}\n  template:\n    metadata: {{labels: {{app: a{number}}}}}\n    spec:\n      nodeSelector: {{color: red}}\n      containers: [{{name: a, image: a}}]\n"
        )
    };
    let manifests: String = (0..10).map(one).collect();
    let page = page(&nodes, "-", &manifests);
    assert!(page.len() < 200_000, "{} bytes", page.len());
    let data = data(&page);
    assert_eq!(data["outcomes"].as_array().unwrap().len(), 10);
    assert_eq!(data["labelSets"].as_array().unwrap().len(), 3);
}
