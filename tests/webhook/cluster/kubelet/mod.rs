//! Acts as the kubelet of every node: runs scheduled pods of the watched namespaces as processes, with volumes, probes, restarts and
//! graceful ends, and reports their status to the API server. Of other pods it only finishes the deletion.

mod command;
mod pod;
mod probe;
mod volumes;

pub use volumes::{base64, to_base64};

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use daemonset_tests::http_client;
use serde_json::Value;
use tokio::sync::watch;

use crate::api::ApiClient;
use crate::watch::watch;

/// What is wrong with the machines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nothing.
    None,
    /// Processes are killed and not started again. With `noticed` false the pods' status stays as it was, as when whole nodes are lost.
    Dead {
        /// Whether the pods' status says so.
        noticed: bool,
    },
}

/// How a container ended.
#[derive(Clone, Debug)]
pub struct Ending {
    /// The pod.
    pub pod: String,
    /// The exit code; `None` after a signal that was not handled.
    pub code: Option<i32>,
    /// Whether it was asked to end.
    pub asked: bool,
    /// How long it took since it was asked.
    pub took: Duration,
}

/// What is known of a pod that runs as a process.
#[derive(Clone, Debug, Default)]
pub struct State {
    /// The process, while there is one.
    pub pid: Option<u32>,
    /// How often the container was started again.
    pub restarts: u32,
    /// What the readiness probe says.
    pub ready: bool,
    /// The largest resident set that was seen, in KiB.
    pub peak: u64,
}

/// A pod that runs as a process.
pub struct Replica {
    /// The pod's name.
    pub name: String,
    /// The node.
    pub node: String,
    /// The address on loopback where it listens.
    pub ip: String,
    /// Its folder: volumes, log, kubeconfig.
    pub folder: PathBuf,
    /// Its labels.
    pub labels: Value,
    /// Its state.
    pub state: Mutex<State>,
}

impl Replica {
    /// The state now.
    pub fn state(&self) -> State {
        self.state.lock().map(|state| state.clone()).unwrap_or_default()
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        if let Ok(mut state) = self.state.lock() {
            change(&mut state);
        }
    }

    /// Where it listens at a port.
    pub fn at(&self, port: u16) -> Result<SocketAddr, String> {
        format!("{}:{port}", self.ip).parse().map_err(|_| format!("{} is no address", self.ip))
    }

    /// A page of the plain listener.
    pub async fn page(&self, port: u16, path: &str) -> Result<(u16, String), String> {
        http_client::get(self.at(port)?, path, Duration::from_secs(3)).await
    }

    /// What it has logged.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.join("log")).unwrap_or_default()
    }

    /// Sends its process a signal.
    pub async fn signal(&self, name: &str) -> Result<(), String> {
        let pid = self.state().pid.ok_or("it has no process")?;
        signal(pid, name).await
    }
}

/// Sends one of our own processes a signal.
async fn signal(pid: u32, name: &str) -> Result<(), String> {
    let sent = tokio::process::Command::new("kill")
        .args([&format!("-{name}"), &pid.to_string()])
        .stderr(Stdio::null())
        .status()
        .await
        .map_err(|error| error.to_string())?;
    if sent.success() { Ok(()) } else { Err(format!("{pid} takes no signal")) }
}

/// What all pods' loops share.
struct Machine {
    api: ApiClient,
    program: PathBuf,
    folder: PathBuf,
    server: String,
    certificate: PathBuf,
    fault: watch::Sender<Fault>,
    replicas: Mutex<BTreeMap<String, Arc<Replica>>>,
    endings: Mutex<Vec<Ending>>,
    addresses: AtomicU32,
}

/// The running stand-in; its processes end with the runtime.
pub struct Kubelet(Arc<Machine>);

impl Kubelet {
    /// Watches pods. `program` is what runs in the containers of pods in `namespaces`, whatever their image says.
    pub fn start(
        api: &ApiClient,
        program: &Path,
        folder: &Path,
        server: &str,
        certificate: &Path,
        namespaces: &[&str],
    ) -> Self {
        let machine = Arc::new(Machine {
            api: api.clone(),
            program: program.to_owned(),
            folder: folder.to_owned(),
            server: server.to_owned(),
            certificate: certificate.to_owned(),
            fault: watch::channel(Fault::None).0,
            replicas: Mutex::default(),
            endings: Mutex::default(),
            addresses: AtomicU32::new(10),
        });
        let ours: BTreeSet<String> = namespaces.iter().map(|name| (*name).to_owned()).collect();
        let shared = Arc::clone(&machine);
        let mut pods = watch(api, "v1", "Pod");
        tokio::spawn(async move {
            let mut loops: BTreeMap<String, watch::Sender<Value>> = BTreeMap::new();
            let mut ending: BTreeSet<String> = BTreeSet::new();
            loop {
                let all = pods.borrow_and_update().clone();
                for (uid, pod) in &all {
                    let namespace = pod["metadata"]["namespace"].as_str().unwrap_or_default();
                    if !ours.contains(namespace) {
                        if !pod["metadata"]["deletionTimestamp"].is_null() && ending.insert(uid.clone()) {
                            tokio::spawn(let_go(Arc::clone(&shared), pod.clone()));
                        }
                    } else if let Some(sender) = loops.get(uid) {
                        sender.send_if_modified(|known| {
                            let changed = known != pod;
                            known.clone_from(pod);
                            changed
                        });
                    } else if pod["spec"]["nodeName"].is_string() {
                        let (sender, receiver) = watch::channel(pod.clone());
                        tokio::spawn(pod::run(Arc::clone(&shared), uid.clone(), receiver));
                        loops.insert(uid.clone(), sender);
                    } else if !pod["metadata"]["deletionTimestamp"].is_null() && ending.insert(uid.clone()) {
                        tokio::spawn(let_go(Arc::clone(&shared), pod.clone()));
                    }
                }
                // A loop whose sender is gone kills what it runs.
                loops.retain(|uid, _| all.contains_key(uid));
                ending.retain(|uid| all.contains_key(uid));
                if pods.changed().await.is_err() {
                    return;
                }
            }
        });
        Self(machine)
    }

    /// The machines fail, or recover.
    pub fn fault(&self, fault: Fault) {
        self.0.fault.send_replace(fault);
    }

    /// The pods that run as processes, by name: those that carry all of the labels.
    pub fn replicas(&self, labels: &Value) -> Vec<Arc<Replica>> {
        let wanted = labels.as_object().cloned().unwrap_or_default();
        let all = self.0.replicas.lock().map(|all| all.values().cloned().collect::<Vec<_>>());
        let mut found = all.unwrap_or_default();
        found.retain(|replica| wanted.iter().all(|(key, value)| replica.labels[key] == *value));
        found.sort_by(|one, other| one.name.cmp(&other.name));
        found
    }

    /// How containers have ended until now.
    pub fn endings(&self) -> Vec<Ending> {
        self.0.endings.lock().map(|endings| endings.clone()).unwrap_or_default()
    }
}

impl Machine {
    /// An address that no pod has had.
    fn address(&self) -> String {
        let number = self.addresses.fetch_add(1, Ordering::Relaxed);
        format!("10.45.{}.{}", number / 250, number % 250 + 1)
    }
}

/// A pod that never ran goes at once.
async fn let_go(machine: Arc<Machine>, pod: Value) {
    let _ = machine.api.delete(&path(&pod), Some(0)).await;
}

/// The URL of a pod.
fn path(pod: &Value) -> String {
    let word = |key: &str| pod["metadata"][key].as_str().unwrap_or_default();
    format!("/api/v1/namespaces/{}/pods/{}", word("namespace"), word("name"))
}
