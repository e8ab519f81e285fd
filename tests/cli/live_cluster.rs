//! `--explain` without `--nodes` reads the cluster of the kubeconfig, page by page, and names what it may not read. The API server is a
//! fake one on loopback.

use std::path::PathBuf;

use daemonset_tests::command::{Output, lint};
use daemonset_tests::http_server::{Answer, serve};
use daemonset_tests::root;

fn kubeconfig(folder: &tempfile::TempDir, port: u16) -> PathBuf {
    let text = format!(
        "apiVersion: v1\nkind: Config\ncurrent-context: here\n\
         clusters: [{{ name: here, cluster: {{ server: \"http://127.0.0.1:{port}\" }} }}]\n\
         users: [{{ name: me, user: {{}} }}]\n\
         contexts: [{{ name: here, context: {{ cluster: here, user: me }} }}]\n"
    );
    let path = folder.path().join("kubeconfig");
    std::fs::write(&path, text).unwrap();
    path
}

fn explain(answer: fn(&str) -> Answer, more: &[&str]) -> (u8, String, String) {
    let manifest = root().join("tests/tutorial/nginx-node-affinity.yaml");
    run(answer, &[more, &[manifest.to_str().unwrap()]].concat())
}

fn run(answer: fn(&str) -> Answer, more: &[&str]) -> (u8, String, String) {
    let folder = tempfile::tempdir().unwrap();
    let kubeconfig = kubeconfig(&folder, serve(answer).unwrap());
    command(&[&["--kubeconfig", kubeconfig.to_str().unwrap()], more].concat())
}

fn command(more: &[&str]) -> (u8, String, String) {
    let Output { code, stdout, stderr } = lint([&["--explain"], more].concat(), b"");
    (code, stdout, stderr)
}

fn node(name: &str, labels: &str) -> String {
    format!(r#"{{"metadata":{{"name":"{name}","labels":{{{labels}}}}},"spec":{{}},"status":{{}}}}"#)
}

fn list(kind: &str, token: &str, items: &[String]) -> Answer {
    let items = items.join(",");
    let metadata = format!(r#"{{"continue":"{token}"}}"#);
    Answer::Json(
        200,
        format!(r#"{{"kind":"{kind}List","apiVersion":"v1","metadata":{metadata},"items":[{items}]}}"#),
    )
}

fn json(text: &str) -> serde_json::Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn nodes_are_read_page_by_page() {
    let (code, stdout, stderr) = explain(
        |path| {
            if path
                == "/api/v1/pods?limit=500&fieldSelector=status%2Ephase%21%3DSucceeded%2Cstatus%2Ephase%21%3DFailed"
            {
                list("Pod", "", &[r#"{"metadata":{"name":"p"}}"#.to_owned()])
            } else if path == "/api/v1/nodes?limit=500&continue=more%2F%3D" {
                list("Node", "", &[node("plain", "")])
            } else if path == "/api/v1/nodes?limit=500" {
                list("Node", "more/=", &[node("green", r#""color":"green""#)])
            } else {
                Answer::status(404, "there is no such thing")
            }
        },
        &["--format", "json"],
    );
    assert_eq!((code, stderr.as_str()), (0, ""));
    let report = json(&stdout);
    assert_eq!((&report["cluster"]["nodes"], &report["cluster"]["pods"]), (&2.into(), &1.into()));
    assert_eq!(report["cluster"]["refused"][0]["resource"], "daemonsets");
    assert_eq!(report["daemonSets"][0]["nodes"][0]["verdict"], "runs");
    assert_eq!(report["daemonSets"][0]["nodes"][1]["verdict"], "notWanted");
}

#[test]
fn what_may_not_be_listed_is_not_known_and_the_run_goes_on() {
    let (code, stdout, stderr) = explain(
        |path| match path.split('?').next() {
            Some("/api/v1/nodes") => list("Node", "", &[node("green", r#""color":"green""#)]),
            _ => Answer::status(403, "User me cannot list this"),
        },
        &[],
    );
    assert_eq!((code, stderr.as_str()), (0, ""));
    let text = stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains("does not let you list pods (verb list, at cluster scope)"), "{stdout}");
}

#[test]
fn a_list_that_breaks_off_is_not_known() {
    let (code, stdout, _) = explain(
        |path| match path.split('?').next() {
            Some("/api/v1/nodes") => list("Node", "", &[node("green", r#""color":"green""#)]),
            Some("/api/v1/pods") if path.contains("continue") => Answer::status(500, "out of order"),
            Some("/api/v1/pods") => list("Pod", "more", &[r#"{"metadata":{"name":"p"}}"#.to_owned()]),
            _ => Answer::status(403, "not yours"),
        },
        &["--format", "json"],
    );
    assert_eq!(code, 0);
    let report = json(&stdout);
    assert_eq!(report["cluster"]["refused"][0]["resource"], "pods");
    assert_eq!(report["cluster"]["pods"], 0, "the pods of the first page do not count");
    let notes = report["daemonSets"][0]["notes"].as_array().unwrap();
    assert!(notes.iter().any(|note| note["id"] == "pods-not-read"), "{notes:?}");
}

#[test]
fn a_list_that_the_server_has_forgotten_begins_again() {
    use std::sync::atomic::{AtomicUsize, Ordering};
    static ASKED: AtomicUsize = AtomicUsize::new(0);
    let (code, stdout, _) = explain(
        |path| {
            if !path.starts_with("/api/v1/nodes") {
                list("Pod", "", &[])
            } else if !path.contains("continue") {
                list("Node", "old", &[node("one", "")])
            } else if ASKED.fetch_add(1, Ordering::SeqCst) == 0 {
                Answer::status(410, "The provided continue parameter is too old")
            } else {
                list("Node", "", &[node("two", "")])
            }
        },
        &["--format", "json"],
    );
    assert_eq!(code, 0);
    assert_eq!(json(&stdout)["cluster"]["nodes"], 2);
}

/// A cluster with a DaemonSet on one of two nodes, and with words that must not get into a saved snapshot.
fn with_agent(path: &str) -> Answer {
    let metadata = r#""annotations":{"kubectl.kubernetes.io/last-applied-configuration":"SECRET1"},"managedFields":[{"manager":"SECRET2"}]"#;
    let container = r#"{"name":"c","image":"i","command":["SECRET3"],"args":["SECRET4"],"env":[{"name":"T","value":"SECRET5"}],"envFrom":[{"secretRef":{"name":"SECRET6"}}],"ports":[{"containerPort":80,"hostPort":80}],"resources":{"requests":{"cpu":"100m"}}}"#;
    match path.split('?').next().unwrap_or_default() {
        "/api/v1/nodes" => list("Node", "", &[node("one", ""), node("two", ""), node("three", r#""old":"true""#)]),
        "/api/v1/pods" => {
            let pod = |name: &str, node: &str| {
                format!(
                    r#"{{"metadata":{{"name":"{name}","namespace":"monitoring",{metadata},"labels":{{"app":"agent"}},"ownerReferences":[{{"apiVersion":"apps/v1","kind":"DaemonSet","name":"agent","controller":true,"uid":"u"}}]}},"spec":{{"nodeName":"{node}","containers":[{container}],"volumes":[{{"name":"v","secret":{{"secretName":"SECRET7"}}}}]}},"status":{{"phase":"Running","conditions":[{{"type":"Ready","status":"True","lastTransitionTime":"2026-05-10T09:03:14Z"}}]}}}}"#
                )
            };
            list("Pod", "", &[pod("agent-a", "one"), pod("agent-b", "three")])
        }
        "/apis/apps/v1/daemonsets" => {
            let set = format!(
                r#"{{"metadata":{{"name":"agent","namespace":"monitoring","generation":1,{metadata}}},"spec":{{"selector":{{"matchLabels":{{"app":"agent"}}}},"updateStrategy":{{"type":"RollingUpdate"}},"template":{{"metadata":{{"labels":{{"app":"agent"}},{metadata}}},"spec":{{"affinity":{{"nodeAffinity":{{"requiredDuringSchedulingIgnoredDuringExecution":{{"nodeSelectorTerms":[{{"matchExpressions":[{{"key":"old","operator":"DoesNotExist"}}]}}]}}}}}},"containers":[{container}],"volumes":[{{"name":"v","hostPath":{{"path":"/x"}}}},{{"name":"w","csi":{{"driver":"d","volumeAttributes":{{"a":"SECRET8"}},"nodePublishSecretRef":{{"name":"SECRET9"}}}}}}]}}}}}},"status":{{"desiredNumberScheduled":2,"currentNumberScheduled":1,"numberReady":1,"numberMisscheduled":1,"updatedNumberScheduled":1,"numberUnavailable":1}}}}"#
            );
            list("DaemonSet", "", &[set])
        }
        "/api/v1/persistentvolumes" => list("PersistentVolume", "", &[r#"{"metadata":{"name":"pv"},"spec":{"csi":{"driver":"d","volumeHandle":"h","volumeAttributes":{"k":"SECRET10"},"nodeStageSecretRef":{"name":"SECRET11"}}}}"#.to_owned()]),
        "/api/v1/persistentvolumeclaims" => Answer::status(403, "not yours"),
        "/api/v1/namespaces" => list("Namespace", "", &[r#"{"metadata":{"name":"monitoring"}}"#.to_owned()]),
        // A server that does not know lists of metadata sends the whole objects.
        "/api/v1/secrets" => list("Secret", "", &[format!(r#"{{"metadata":{{"name":"token","namespace":"monitoring",{metadata}}},"data":{{"SECRET12":"SECRET13"}},"stringData":{{"k":"SECRET14"}}}}"#)]),
        "/api/v1/configmaps" => list("ConfigMap", "", &[format!(r#"{{"metadata":{{"name":"settings","namespace":"monitoring",{metadata}}},"data":{{"SECRET15":"SECRET16"}},"binaryData":{{"b":"SECRET13"}}}}"#)]),
        "/api/v1/serviceaccounts" => list("ServiceAccount", "", &[r#"{"metadata":{"name":"default","namespace":"monitoring"}}"#.to_owned(), format!(r#"{{"metadata":{{"name":"agent","namespace":"monitoring",{metadata}}},"secrets":[{{"name":"mountable"}}]}}"#)]),
        "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations" => list("ValidatingWebhookConfiguration", "", &[format!(r#"{{"metadata":{{"name":"hook",{metadata}}},"webhooks":[{{"name":"a.b.c","clientConfig":{{"url":"https://SECRET17","caBundle":"SECRET13"}},"matchConditions":[{{"name":"c","expression":"SECRET18"}}]}}]}}"#)]),
        _ => Answer::status(404, "no such thing"),
    }
}

#[test]
fn a_daemon_set_that_is_there_is_compared_with_its_status_and_its_pods() {
    let (code, stdout, stderr) = run(with_agent, &["--format", "json", "-n", "monitoring", "ds/agent"]);
    assert_eq!((code, stderr.as_str()), (0, ""), "{stdout}");
    let set = &json(&stdout)["daemonSets"][0];
    assert_eq!(set["path"], "ds/agent");
    assert_eq!(set["status"]["numberMisscheduled"], 1);
    assert_eq!(
        set["status"]["preview"],
        serde_json::json!({ "desiredNumberScheduled": 2, "currentNumberScheduled": 1, "numberReady": 1, "numberMisscheduled": 1 })
    );
    assert_eq!(
        set["nodes"][0]["pod"],
        serde_json::json!({ "name": "agent-a", "state": "ready", "readySince": "2026-05-10T09:03:14Z" })
    );
    assert_eq!(set["nodes"][1]["pod"], serde_json::json!({ "state": "missing" }));
    assert_eq!(set["nodes"][2]["pod"]["fate"], "ended");
    let (code, _, stderr) = run(with_agent, &["ds/agent"]);
    assert_eq!(code, 2);
    assert!(stderr.contains("namespace default has no DaemonSet of this name; one exists in monitoring: choose the namespace with -n"), "{stderr}");
}

#[test]
fn a_saved_snapshot_says_the_same_and_holds_no_secrets() {
    let folder = tempfile::tempdir().unwrap();
    let (first, second) = (folder.path().join("first.json"), folder.path().join("second.json"));
    let (first, second) = (first.to_str().unwrap(), second.to_str().unwrap());
    let rest = ["--format", "json", "-n", "monitoring", "ds/agent"];
    let (_, live, _) = run(with_agent, &[&rest[..], &["--snapshot", first]].concat());
    let (code, saved, stderr) = command(&[&rest[..], &["--nodes", first, "--snapshot", second]].concat());
    assert_eq!((code, stderr.as_str()), (0, ""));
    let (live, saved) = (json(&live), json(&saved));
    assert_eq!(live["daemonSets"], saved["daemonSets"]);
    let (mut live, mut saved) = (live["cluster"].clone(), saved["cluster"].clone());
    for cluster in [&mut live, &mut saved] {
        cluster["source"] = "".into();
        cluster["refused"].as_array_mut().unwrap().sort_by_key(|one| one["resource"].to_string());
    }
    assert_eq!(live, saved);
    let text = std::fs::read_to_string(first).unwrap();
    assert!(!text.contains("SECRET"), "{text}");
    assert!(text.contains(r#""kind":"NamespaceList""#), "{text}");
    assert_eq!(text, std::fs::read_to_string(second).unwrap());
}

/// Files hold what a live cluster is not asked for: values, and what kubectl keeps in annotations.
#[test]
fn values_of_files_do_not_get_into_a_saved_snapshot() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (cluster, saved) = (path("cluster.yaml"), path("saved.json"));
    let metadata = "{ name: held, namespace: default, annotations: { kubectl.kubernetes.io/last-applied-configuration: VALUE1 } }";
    let objects = [
        "{ apiVersion: v1, kind: Node, metadata: { name: one } }".to_owned(),
        format!(
            "{{ apiVersion: v1, kind: Secret, metadata: {metadata}, type: VALUE2, data: {{ k: VALUE3 }}, stringData: {{ l: VALUE4 }} }}"
        ),
        format!(
            "{{ apiVersion: v1, kind: ConfigMap, metadata: {metadata}, data: {{ k: VALUE5 }}, binaryData: {{ l: VALUE6 }} }}"
        ),
    ];
    std::fs::write(&cluster, objects.join("\n---\n")).unwrap();
    let manifest = root().join("tests/tutorial/nginx-node-affinity.yaml");
    let (code, _, stderr) = command(&["--nodes", &cluster, "--snapshot", &saved, manifest.to_str().unwrap()]);
    assert_eq!((code, stderr.as_str()), (0, ""));
    let text = std::fs::read_to_string(&saved).unwrap();
    assert!(!text.contains("VALUE"), "{text}");
    for kind in ["Secret", "ConfigMap"] {
        let name = format!(
            r#"{{"apiVersion":"v1","kind":"{kind}","metadata":{{"name":"held","namespace":"default"}}}}"#
        );
        assert!(text.contains(&name), "{text}");
    }
}

#[test]
fn a_refusal_names_the_missing_right() {
    let (code, _, stderr) = explain(
        |_| {
            let status = r#"{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"nodes is forbidden: User \"me\" cannot list resource \"nodes\"","reason":"Forbidden","code":403}"#;
            Answer::Json(403, status.to_owned())
        },
        &[],
    );
    assert_eq!(code, 2);
    assert!(stderr.contains("verb list") && stderr.contains("cannot list resource"), "{stderr}");
}

#[test]
fn a_context_that_is_not_there_is_said_so() {
    let (code, _, stderr) = explain(|_| Answer::Json(500, String::new()), &["--context", "elsewhere"]);
    assert_eq!(code, 2);
    assert!(stderr.contains("elsewhere"), "{stderr}");
}
