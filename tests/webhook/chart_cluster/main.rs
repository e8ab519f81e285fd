//! The chart in a real API server of each minor: the objects are accepted, the match conditions pass the right requests, the account has
//! the rights that it needs and no more, an upgrade keeps what the webhook wrote, and an uninstall leaves nothing.
//!
//! No pod runs here, so all replicas are down. `HELM` names helm, `CONTROLPLANE_BIN` the control plane.

mod limit;

use std::fmt::Write as _;
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use daemonset_tests::controlplane::{ControlPlane, Options};
use daemonset_tests::root;
use daemonset_validation::Server;
use serde_json::Value;

const RELEASE: &str = "daemonset-webhook";
const CONFIGURATION: &str = "daemonset-webhook.daemonset-webhook";
const SECRET: &str = "daemonset-webhook-managed";
const ACCOUNT: &str = "system:serviceaccount:daemonset-webhook:daemonset-webhook";

/// An API server reads a changed configuration from its own watch.
const HEARD_OF: Duration = Duration::from_secs(20);

/// What must be so, with what was seen instead.
type Checked = Result<(), String>;

struct Cluster {
    plane: ControlPlane,
}

impl Cluster {
    fn start(minor: &str) -> Result<Self, String> {
        let options = Options {
            // Uninstalling deletes in the background, by the garbage collector.
            controllers: vec![
                "daemonset-controller",
                "deployment-controller",
                "garbage-collector-controller",
                "namespace-controller",
                "replicaset-controller",
                "serviceaccount-controller",
            ],
            apiserver_flags: vec![format!("--emulated-version={minor}")],
            ..Options::default()
        };
        Ok(Self { plane: ControlPlane::start(&options)? })
    }

    /// What kubectl prints, or what it complains of.
    fn kubectl(&self, arguments: &[&str]) -> Result<String, String> {
        let output = self.plane.kubectl(arguments).map_err(|error| error.to_string())?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
        if output.status.success() { Ok(text(&output.stdout)) } else { Err(text(&output.stderr)) }
    }

    fn get(&self, what: &[&str]) -> Result<Value, String> {
        let text = self.kubectl(&[&["get", "-o", "json"], what].concat())?;
        serde_json::from_str(&text).map_err(|error| format!("{what:?}: {error}"))
    }

    fn helm(&self, arguments: &[&str]) -> Result<String, String> {
        let helm = std::env::var("HELM").map_err(|_| "HELM does not name helm")?;
        let folder = self.plane.folder();
        let mut command = Command::new(helm);
        command.args(arguments).args(["--namespace", RELEASE]).env("KUBECONFIG", self.plane.kubeconfig());
        for name in ["HELM_CACHE_HOME", "HELM_CONFIG_HOME", "HELM_DATA_HOME"] {
            command.env(name, folder.join(name));
        }
        let output = command.current_dir(root()).output().map_err(|error| error.to_string())?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
        if output.status.success() {
            Ok(text(&output.stdout))
        } else {
            Err(format!("helm {arguments:?}: {}", text(&output.stderr)))
        }
    }

    /// A DaemonSet as a file, on which a finalizer holds its end up.
    fn daemon_set(&self, namespace: &str, image: &str) -> Result<String, String> {
        let path = self.plane.folder().join(format!("{namespace}-{image}.yaml"));
        let text = format!(
            "apiVersion: apps/v1\nkind: DaemonSet\n\
             metadata: {{ name: agent, namespace: {namespace}, finalizers: [example.com/hold] }}\n\
             spec:\n  selector: {{ matchLabels: {{ app: agent }} }}\n  template:\n    \
             metadata: {{ labels: {{ app: agent }} }}\n    \
             spec: {{ containers: [{{ name: agent, image: {image} }}] }}\n"
        );
        std::fs::write(&path, text).map_err(|error| error.to_string())?;
        Ok(path.display().to_string())
    }

    fn set_failure_policy(&self, policy: &str) -> Result<String, String> {
        let patch =
            format!(r#"{{"webhooks":[{{"name":"{CONFIGURATION}.svc","failurePolicy":"{policy}"}}]}}"#);
        self.kubectl(&["patch", "validatingwebhookconfiguration", CONFIGURATION, "-p", &patch])
    }
}

/// The words of an API server that asked the webhook and got no answer.
fn asked(answer: &Result<String, String>) -> bool {
    matches!(answer, Err(error) if error.contains("failed calling webhook"))
}

fn must(holds: bool, what: &str, seen: &dyn std::fmt::Debug) -> Checked {
    if holds { Ok(()) } else { Err(format!("{what}: {seen:?}")) }
}

/// Repeats what an API server may not have heard of yet.
fn until(what: &str, mut holds: impl FnMut() -> Result<bool, String>) -> Checked {
    let start = Instant::now();
    loop {
        match holds() {
            Ok(true) => return Ok(()),
            other if start.elapsed() > HEARD_OF => return Err(format!("{what}: {other:?}")),
            _ => std::thread::sleep(Duration::from_millis(200)),
        }
    }
}

/// With every replica dead and failurePolicy Fail, only what the webhook should be asked about is held up.
fn conditions(cluster: &Cluster) -> Checked {
    let file = cluster.daemon_set("default", "one")?;
    until("a create is asked about", || {
        Ok(asked(&cluster.kubectl(&["create", "--dry-run=server", "-f", &file])))
    })?;
    for namespace in ["kube-system", RELEASE] {
        cluster.kubectl(&["create", "-f", &cluster.daemon_set(namespace, "one")?])?;
    }

    cluster.set_failure_policy("Ignore")?;
    until("with Ignore a create passes", || {
        cluster.kubectl(&["create", "--dry-run=server", "-f", &file]).map(|_| true)
    })?;
    cluster.kubectl(&["create", "-f", &file])?;
    cluster.set_failure_policy("Fail")?;
    let image = ["set", "image", "daemonset/agent", "agent=two", "--dry-run=server"];
    until("a changed spec is asked about", || Ok(asked(&cluster.kubectl(&image))))?;

    cluster.kubectl(&["label", "daemonset", "agent", "touched=yes"])?;
    cluster.kubectl(&["annotate", "daemonset", "agent", "touched=yes"])?;
    let status = r#"{"status":{"observedGeneration":7}}"#;
    cluster.kubectl(&[
        "patch",
        "daemonset",
        "agent",
        "--subresource=status",
        "--type=merge",
        "-p",
        status,
    ])?;
    let strategy = r#"{"spec":{"updateStrategy":{"type":"OnDelete"}}}"#;
    let answer = cluster.kubectl(&["patch", "daemonset", "agent", "-p", strategy]);
    must(asked(&answer), "a change beside the template is asked about", &answer)?;

    cluster.kubectl(&["delete", "daemonset", "agent", "--wait=false"])?;
    cluster.kubectl(&["set", "image", "daemonset/agent", "agent=three"])?;
    let free = r#"{"metadata":{"finalizers":null}}"#;
    for namespace in ["default", "kube-system", RELEASE] {
        if namespace != "default" {
            cluster.kubectl(&["delete", "daemonset", "agent", "-n", namespace, "--wait=false"])?;
        }
        cluster.kubectl(&["patch", "daemonset", "agent", "-n", namespace, "--type=merge", "-p", free])?;
    }
    Ok(())
}

/// The alerts read counters of the API server, which by now has had calls that failed under either policy.
fn counters(cluster: &Cluster) -> Checked {
    let path = root().join("charts/daemonset-webhook/templates/monitoring.yaml");
    let alerts = std::fs::read_to_string(path).map_err(|error| error.to_string())?;
    let words = alerts.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
    let counters: std::collections::BTreeSet<&str> =
        words.filter(|word| word.starts_with("apiserver_admission_webhook_")).collect();
    must(counters.len() == 3, "the alerts read counters of the API server", &counters)?;
    let page = cluster.kubectl(&["get", "--raw", "/metrics"])?;
    let ours = [format!("name=\"{CONFIGURATION}.svc\""), "type=\"validating\"".to_owned()];
    for counter in counters {
        let mut samples = page.lines().filter(|line| line.starts_with(&format!("{counter}{{")));
        let found = samples.any(|line| ours.iter().all(|word| line.contains(word.as_str())));
        must(found, "the API server counts", &counter)?;
    }
    let failed = ours.iter().map(String::as_str).chain(["error_type=\"calling_webhook_error\""]);
    let words: Vec<&str> = failed.collect();
    let refused = page.lines().any(|line| words.iter().all(|word| line.contains(word)));
    must(refused, "a call that failed is a rejection", &words)
}

/// What the account may do, and that it may not do more.
fn rights(cluster: &Cluster) -> Checked {
    let can = |words: &[&str]| {
        let answer = cluster.kubectl(&[&["auth", "can-i"], words, &["--as", ACCOUNT]].concat());
        answer.is_ok_and(|text| text == "yes")
    };
    let named = |kind: &str, name: &str| format!("{kind}/{name}");
    let configurations = "validatingwebhookconfigurations";
    for verb in ["get", "patch"] {
        for target in [named("secrets", SECRET), named("leases", SECRET)] {
            must(can(&[verb, &target, "-n", RELEASE]), "it may", &(verb, &target))?;
            must(!can(&[verb, &target, "-n", "default"]), "it may elsewhere", &(verb, &target))?;
        }
        must(can(&[verb, &named(configurations, CONFIGURATION)]), "it may", &verb)?;
        must(!can(&[verb, &named(configurations, "another")]), "it may", &"another configuration")?;
        must(!can(&[verb, "secrets/another", "-n", RELEASE]), "it may", &"another Secret")?;
    }
    for kind in [
        "nodes",
        "namespaces",
        "persistentvolumes",
        "persistentvolumeclaims",
        "daemonsets",
        "storageclasses",
        "csinodes",
        "csidrivers",
        "priorityclasses",
        "runtimeclasses",
    ] {
        must(can(&["list", kind, "-A"]) && can(&["watch", kind, "-A"]), "it may list and watch", &kind)?;
    }
    for (verb, kind) in [
        ("list", "pods"),
        ("list", "poddisruptionbudgets"),
        ("list", "secrets"),
        ("create", "secrets"),
        ("delete", "secrets"),
        ("create", "daemonsets"),
        ("list", "configmaps"),
        ("create", "leases"),
        ("create", "tokenreviews.authentication.k8s.io"),
        ("create", "subjectaccessreviews.authorization.k8s.io"),
        ("delete", configurations),
        ("create", configurations),
    ] {
        must(!can(&[verb, kind, "-A"]), "it may", &(verb, kind))?;
        must(!can(&[verb, kind, "-n", RELEASE]), "it may", &(verb, kind))?;
    }
    Ok(())
}

/// Writes what the webhook writes.
fn write_as_the_webhook(cluster: &Cluster) -> Checked {
    let who = ["--as", ACCOUNT, "--field-manager", RELEASE];
    let data = r#"{"data":{"tls.crt":"QQ==","tls.key":"Qg=="}}"#;
    let lease = r#"{"spec":{"holderIdentity":"pod-1","leaseDurationSeconds":15}}"#;
    for (kind, patch) in [("secret", data), ("lease", lease)] {
        let words = ["patch", kind, SECRET, "-n", RELEASE, "--type=merge", "-p", patch];
        cluster.kubectl(&[&words[..], &who].concat())?;
    }
    let bundle = std::fs::read(cluster.plane.certificate()).map_err(|error| error.to_string())?;
    let patch = serde_json::json!({ "webhooks": [{
        "name": format!("{CONFIGURATION}.svc"), "clientConfig": { "caBundle": base64(&bundle) },
    }] });
    let patch = patch.to_string();
    let words = ["patch", "validatingwebhookconfiguration", CONFIGURATION, "-p", &patch];
    cluster.kubectl(&[&words[..], &who].concat()).map(|_| ())
}

/// What it wrote, as it stands now.
fn written(cluster: &Cluster) -> Result<[Value; 3], String> {
    let secret = cluster.get(&["secret", SECRET, "-n", RELEASE])?;
    let lease = cluster.get(&["lease", SECRET, "-n", RELEASE])?;
    let configuration = cluster.get(&["validatingwebhookconfiguration", CONFIGURATION])?;
    let part = |value: &Value, pointer: &str| value.pointer(pointer).cloned().unwrap_or_default();
    Ok([
        part(&secret, "/data"),
        part(&lease, "/spec"),
        part(&configuration, "/webhooks/0/clientConfig/caBundle"),
    ])
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let word =
            chunk.iter().enumerate().fold(0_u32, |word, (at, byte)| word | u32::from(*byte) << (16 - 8 * at));
        for at in 0..4 {
            let letter = LETTERS[(word >> (18 - 6 * at)) as usize & 63];
            out.push(if at <= chunk.len() { char::from(letter) } else { '=' });
        }
    }
    out
}

/// The release's objects, by the label that all of them have.
fn left(cluster: &Cluster) -> Result<String, String> {
    let kinds = cluster.kubectl(&["api-resources", "--verbs=list", "-o", "name"])?;
    let kinds: Vec<&str> = kinds.lines().filter(|kind| !kind.starts_with("componentstatuses")).collect();
    let label = format!("app.kubernetes.io/instance={RELEASE}");
    let list = cluster.kubectl(&["get", &kinds.join(","), "-A", "-l", &label, "-o", "name"])?;
    // The release's own history goes with it, under a label of helm's.
    let history = cluster.kubectl(&["get", "secrets", "-A", "-l", "owner=helm", "-o", "name"])?;
    Ok(format!("{list}\n{history}").trim().to_owned())
}

const CHART: &str = "charts/daemonset-webhook";

fn session(minor: &str) -> Checked {
    let cluster = Cluster::start(minor)?;
    cluster.helm(&[
        "install",
        RELEASE,
        CHART,
        "--create-namespace",
        "--set",
        "webhook.failurePolicy=Fail",
    ])?;
    conditions(&cluster)?;
    counters(&cluster)?;
    rights(&cluster)?;

    limit::holds(&cluster)?;

    write_as_the_webhook(&cluster)?;
    let before = written(&cluster)?;
    must(before.iter().all(|part| !part.is_null()), "the webhook's words are there", &before)?;
    let everything = "cache=pods,config.selfProbeSeconds=60,autoscaling.enabled=true,\
                      networkPolicy.apiServerTo[0].ipBlock.cidr=10.0.0.1/32,networkPolicy.reviewsFrom[0].ipBlock.cidr=10.0.0.1/32,\
                      image.architectures={amd64,arm64},certificates.managed.limitPatch=false,\
                      extraVolumes[0].name=more,extraVolumes[0].emptyDir.medium=Memory,\
                      extraVolumeMounts[0].name=more,extraVolumeMounts[0].mountPath=/more,\
                      server.opsTLS=true,server.metricsAuth=token,clientCA.secret=cas,clientCA.names={front-proxy-client},\
                      extraEnv[0].name=A,extraEnv[0].value=b,webhook.timeoutSeconds=5,commonLabels.team=platform,certificates.managed.caLifetime=8760h";
    cluster.helm(&["upgrade", RELEASE, CHART, "--set", everything])?;
    must(written(&cluster)? == before, "an upgrade leaves them", &written(&cluster)?)?;
    limit::is_needed(&cluster)?;
    for kind in ["tokenreviews.authentication.k8s.io", "subjectaccessreviews.authorization.k8s.io"] {
        let can = cluster.kubectl(&["auth", "can-i", "create", kind, "--as", ACCOUNT]);
        must(can.is_ok(), "with metricsAuth token it may", &(kind, can))?;
    }
    cluster.helm(&["rollback", RELEASE, "1"])?;
    must(written(&cluster)? == before, "a rollback leaves them", &written(&cluster)?)?;
    cluster.kubectl(&[
        "apply",
        "-f",
        &root().join("charts/plain/daemonset-webhook.yaml").display().to_string(),
    ])?;
    must(written(&cluster)? == before, "kubectl apply leaves them", &written(&cluster)?)?;

    // Each mode makes way for the next one: nobody's caBundle stays where another one writes it.
    let bundle = cluster.plane.certificate().display().to_string();
    let own = format!("certificates.existingSecret.caBundle={bundle}");
    let mode = "certificates.mode=existingSecret,certificates.existingSecret.name=mine";
    cluster.helm(&["upgrade", RELEASE, CHART, "--set", mode, "--set-file", &own])?;
    let gone = cluster.kubectl(&["get", "secret", SECRET, "-n", RELEASE]);
    must(gone.is_err(), "the Secret of the other mode is gone", &gone)?;
    cluster.helm(&["upgrade", RELEASE, CHART, "--reset-values"])?;
    let now = written(&cluster)?;
    must(now[0].is_null() && now[2].is_null(), "the chart's caBundle makes way for the webhook's", &now)?;

    // The hooks of `helm test` run nowhere here, so the test fails, and leaves nothing all the same.
    let tested = cluster.helm(&["test", RELEASE, "--timeout", "3s"]);
    must(tested.is_err(), "helm test without pods fails", &tested)?;
    cluster.helm(&["uninstall", RELEASE])?;
    until("an uninstall leaves nothing", || {
        let left = left(&cluster)?;
        if left.is_empty() { Ok(true) } else { Err(left) }
    })
}

fn main() -> ExitCode {
    let mut failures = String::new();
    for minor in Server::supported() {
        let start = Instant::now();
        match session(minor) {
            Ok(()) => {
                println!("the chart in an API server of {minor}: as it should be, {:.0?}", start.elapsed())
            }
            Err(error) => {
                let _ = writeln!(failures, "the chart in an API server of {minor}: {error}");
            }
        }
    }
    if failures.is_empty() {
        return ExitCode::SUCCESS;
    }
    eprint!("{failures}");
    ExitCode::FAILURE
}
