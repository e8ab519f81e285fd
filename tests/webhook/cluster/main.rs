//! Installs the chart with helm in a real control plane on loopback, acts as kubelet and kube-proxy, and proves every promise of the
//! webhook: each is a named check with its evidence. docs/webhook-proof.md says which check proves which promise.
//!
//! `webhook-cluster [WORD…]` runs the scenes whose names contain one of the words, or all. `UPDATE=1` records the sessions again.

mod api;
mod audit;
mod authority;
mod check;
mod cluster;
mod inventory;
mod kubelet;
mod load;
mod proxy;
mod scenes;
mod shown;
mod tls;
mod watch;
mod world;

use std::path::PathBuf;
use std::process::ExitCode;

use daemonset_tests::controlplane::{ControlPlane, Options};
use daemonset_tests::root;

use api::ApiClient;
use check::Checks;
use kubelet::Kubelet;
use proxy::Proxy;
use world::{NAMESPACE, World};

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    // The storm runs its attackers as a process of their own.
    if let Some((scenes::PODS, words)) = words.split_first().map(|(first, rest)| (first.as_str(), rest)) {
        return scenes::attack(words);
    }
    match run(&words) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

/// A program that the environment names, or the one that is built by default.
fn program(variable: &str, default: &str) -> Result<PathBuf, String> {
    let path = std::env::var_os(variable).map_or_else(|| root().join(default), |path| root().join(path));
    if path.is_file() {
        Ok(path)
    } else {
        Err(format!("{} is not there; tests/webhook.sh builds it", path.display()))
    }
}

fn run(words: &[String]) -> Result<bool, String> {
    let checks = Checks::new();
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let audit = folder.path().join("audit.log");
    let policy = folder.path().join("audit-policy.yaml");
    std::fs::write(&policy, cluster::audit_policy()).map_err(|error| error.to_string())?;
    let admission = shown::configure(folder.path())?;
    let options = Options {
        // The second plugin would taint nodes that report no readiness.
        without_admission: vec!["ServiceAccount", "TaintNodesByCondition"],
        controllers: vec![
            "daemonset-controller",
            "deployment-controller",
            "replicaset-controller",
            "job-controller",
            "endpointslice-controller",
            "disruption-controller",
            "garbage-collector-controller",
            "namespace-controller",
            "serviceaccount-controller",
        ],
        apiserver_flags: vec![
            format!("--audit-policy-file={}", policy.display()),
            format!("--audit-log-path={}", audit.display()),
            // What it shows to webhooks matters only to those that ask for a certificate.
            format!("--admission-control-config-file={}", admission.display()),
        ],
        ..Options::default()
    };
    let plane = ControlPlane::start(&options)?;
    checks.say("the control plane is ready");
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| error.to_string())?;
    let control_plane = ControlPlane::binary().ok_or("the control plane is not built")?;
    let kubeconfig = plane.kubeconfig();
    let outcome = runtime.block_on(async {
        let api = ApiClient::open(&kubeconfig).await?;
        let mut doors = Vec::new();
        for _ in 0..4 {
            doors.push(ApiClient::open(&kubeconfig).await?);
        }
        cluster::make(&api).await?;
        let program = program("WEBHOOK_BIN", "target/debug/daemonset-webhook")?;
        let kubelet =
            Kubelet::start(&api, &program, folder.path(), plane.server(), &plane.certificate(), &[NAMESPACE]);
        let proxy = Proxy::start(&api);
        let mut world = World {
            folder: folder.path().to_owned(),
            control_plane,
            helm: self::program("HELM", "target/bin/helm")?,
            chart: std::env::var_os("CHART")
                .map_or_else(|| root().join("charts/daemonset-webhook"), |path| root().join(path)),
            program,
            kubeconfig,
            api,
            doors,
            kubelet,
            proxy,
            audit,
            checks,
        };
        let played = scenes::play(&mut world, words);
        tokio::select! {
            () = played => Ok(world.checks.done()),
            _ = tokio::signal::ctrl_c() => Err("interrupted".to_owned()),
        }
    });
    // Processes end before the control plane does.
    runtime.shutdown_timeout(std::time::Duration::from_secs(5));
    if matches!(outcome, Ok(true)) {
        return outcome;
    }
    if let Some(kept) = std::env::var_os("KEEP") {
        let kept = PathBuf::from(kept);
        let _ = std::fs::create_dir_all(&kept);
        let _ = std::process::Command::new("cp").arg("-r").arg(folder.path()).arg(&kept).status();
        let _ = std::process::Command::new("cp").arg("-r").arg(plane.folder()).arg(&kept).status();
    }
    outcome
}
