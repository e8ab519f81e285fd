//! The lifecycle of one pod that runs as a process.

use std::process::ExitStatus;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::process::Child;
use tokio::sync::watch;

use super::command::{Place, process};
use super::probe::Probe;
use super::volumes::{Volumes, token};
use super::{Ending, Fault, Machine, Replica, State, path, signal};
use crate::proxy::on_loopback;

/// How often the loop looks around.
const TICK: Duration = Duration::from_millis(100);

/// How often volumes are compared with their sources. The kubelet takes up to a minute and more.
const SYNC: Duration = Duration::from_secs(1);

/// Why a container's process is no longer looked after.
enum Left {
    /// It ended by itself.
    Ended(ExitStatus),
    /// The pod is deleted and the process has ended.
    Deleted,
    /// The machine failed and the process was killed.
    Dead,
}

/// Everything about one pod.
struct Life {
    machine: Arc<Machine>,
    pod: watch::Receiver<Value>,
    fault: watch::Receiver<Fault>,
    replica: Arc<Replica>,
    ip: String,
    volumes: Volumes,
    synced: Instant,
}

/// Runs a pod until it is deleted.
pub(super) async fn run(machine: Arc<Machine>, uid: String, pod: watch::Receiver<Value>) {
    let now = pod.borrow().clone();
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let name = word(&now["metadata"]["name"]);
    let ip = machine.address();
    let folder = machine.folder.join("pods").join(format!("{name}-{}", uid.get(..8).unwrap_or_default()));
    let replica = Arc::new(Replica {
        name: name.clone(),
        node: word(&now["spec"]["nodeName"]),
        ip: on_loopback(&ip),
        folder: folder.clone(),
        labels: now["metadata"]["labels"].clone(),
        state: std::sync::Mutex::new(State::default()),
    });
    if let Ok(mut replicas) = machine.replicas.lock() {
        replicas.insert(uid.clone(), Arc::clone(&replica));
    }
    let mut life = Life {
        fault: machine.fault.subscribe(),
        machine: Arc::clone(&machine),
        pod,
        replica,
        ip,
        volumes: Volumes::new(folder.join("volumes")),
        synced: Instant::now(),
    };
    life.live().await;
    let now = life.pod.borrow().clone();
    let _ = machine.api.delete(&path(&now), Some(0)).await;
    if let Ok(mut replicas) = machine.replicas.lock() {
        replicas.remove(&uid);
    }
}

impl Life {
    fn deleted(&self) -> bool {
        // The watch has closed where the pod is gone altogether.
        self.pod.has_changed().is_err() || !self.pod.borrow()["metadata"]["deletionTimestamp"].is_null()
    }

    async fn live(&mut self) {
        let mut backoff = Duration::from_secs(1);
        while !self.deleted() {
            // The guard of a borrow must not live across an await.
            let fault = *self.fault.borrow();
            if let Fault::Dead { noticed } = fault {
                if noticed {
                    self.tell("Running", false, json!({ "waiting": { "reason": "CrashLoopBackOff" } })).await;
                }
                tokio::time::sleep(TICK).await;
                while *self.fault.borrow() != Fault::None && !self.deleted() {
                    tokio::time::sleep(TICK).await;
                }
                continue;
            }
            if let Err(error) = self.prepare().await {
                let waiting = json!({ "waiting": { "reason": "ContainerCreating", "message": error } });
                self.tell("Pending", false, waiting).await;
                tokio::time::sleep(Duration::from_millis(500)).await;
                continue;
            }
            let child = match self.start() {
                Ok(child) => child,
                Err(error) => {
                    eprintln!("{}: {error}", self.replica.name);
                    return;
                }
            };
            self.replica.change(|state| (state.pid, state.ready) = (child.id(), false));
            self.tell("Running", false, json!({ "running": { "startedAt": now() } })).await;
            let left = self.watch(child).await;
            self.replica.change(|state| (state.pid, state.ready) = (None, false));
            match left {
                Left::Deleted => return,
                Left::Dead => continue,
                Left::Ended(status) => {
                    let code = status.code().unwrap_or(137);
                    self.ended(status.code(), false, Duration::ZERO);
                    let terminated = json!({ "terminated": { "exitCode": code, "reason": if code == 0 { "Completed" } else { "Error" } } });
                    let policy = self.pod.borrow()["spec"]["restartPolicy"].clone();
                    if policy == "Never" || (policy == "OnFailure" && code == 0) {
                        self.tell(if code == 0 { "Succeeded" } else { "Failed" }, false, terminated).await;
                        while !self.deleted() {
                            tokio::time::sleep(TICK).await;
                        }
                        return;
                    }
                    self.replica.change(|state| state.restarts += 1);
                    self.tell("Running", false, json!({ "waiting": { "reason": "CrashLoopBackOff" } })).await;
                    let until = Instant::now() + backoff;
                    while Instant::now() < until && !self.deleted() {
                        tokio::time::sleep(TICK).await;
                    }
                    backoff = (backoff * 2).min(Duration::from_secs(10));
                }
            }
        }
    }

    /// The folders and the account's token.
    async fn prepare(&mut self) -> Result<(), String> {
        let pod = self.pod.borrow().clone();
        let folder = &self.replica.folder;
        std::fs::create_dir_all(folder).map_err(|error| error.to_string())?;
        let certificate = &self.machine.certificate;
        self.volumes.sync(&self.machine.api, &pod, certificate).await?;
        let token = token(&self.machine.api, &pod).await?;
        let write = |name: &str, text: &str| {
            std::fs::write(folder.join(name), text).map_err(|error| error.to_string())
        };
        write("token", &token)?;
        write(
            "kubeconfig",
            &format!(
                "apiVersion: v1\nkind: Config\ncurrent-context: pod\n\
                 clusters: [{{ name: pod, cluster: {{ server: \"{}\", certificate-authority: \"{}\" }} }}]\n\
                 users: [{{ name: pod, user: {{ tokenFile: \"{}\" }} }}]\n\
                 contexts: [{{ name: pod, context: {{ cluster: pod, user: pod, namespace: {} }} }}]\n",
                self.machine.server,
                certificate.display(),
                folder.join("token").display(),
                pod["metadata"]["namespace"].as_str().unwrap_or_default(),
            ),
        )
    }

    fn start(&self) -> std::io::Result<Child> {
        let mut pod = self.pod.borrow().clone();
        pod["status"]["podIP"] = json!(self.ip);
        let container = pod["spec"]["containers"][0].clone();
        let kubeconfig = self.replica.folder.join("kubeconfig");
        let place = Place {
            program: &self.machine.program,
            folder: &self.replica.folder,
            ip: &self.replica.ip,
            kubeconfig: &kubeconfig,
        };
        process(&pod, &container, &place)?.spawn()
    }

    /// Looks after a process: probes, volumes, faults, the pod's end.
    async fn watch(&mut self, mut child: Child) -> Left {
        let container = self.pod.borrow()["spec"]["containers"][0].clone();
        let probe = |kind: &str| Probe::of(&container, kind, &self.ip);
        let (mut startup, mut readiness, mut liveness) =
            (probe("startupProbe"), probe("readinessProbe"), probe("livenessProbe"));
        let since = now();
        let mut ticks = tokio::time::interval(TICK);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                ended = child.wait() => return ended.map_or(Left::Dead, Left::Ended),
                _ = ticks.tick() => {}
            }
            let fault = *self.fault.borrow();
            if let Fault::Dead { .. } = fault {
                let _ = child.kill().await;
                return Left::Dead;
            }
            if self.deleted() {
                self.end(child, &container).await;
                return Left::Deleted;
            }
            self.weigh(child.id());
            if let Some(probe) = &mut startup {
                probe.tick().await;
                match probe.verdict {
                    Some(true) => startup = None,
                    Some(false) => _ = child.kill().await,
                    None => {}
                }
                continue;
            }
            let changed = match &mut readiness {
                Some(probe) => probe.tick().await,
                None => !self.replica.state().ready,
            };
            if changed {
                let ready = readiness.as_ref().is_none_or(|probe| probe.verdict == Some(true));
                self.replica.change(|state| state.ready = ready);
                self.tell("Running", ready, json!({ "running": { "startedAt": since } })).await;
            }
            if let Some(probe) = &mut liveness
                && probe.tick().await
                && probe.verdict == Some(false)
            {
                // As the kubelet does: asked first, killed after the grace period.
                let limit = self.pod.borrow()["spec"]["terminationGracePeriodSeconds"].as_u64().unwrap_or(30);
                if let Some(pid) = child.id() {
                    let _ = signal(pid, "TERM").await;
                }
                let _ = tokio::time::timeout(Duration::from_secs(limit), child.wait()).await;
                let _ = child.start_kill();
            }
            if self.synced.elapsed() > SYNC {
                self.synced = Instant::now();
                let pod = self.pod.borrow().clone();
                // A source that is gone leaves the folder as it was.
                let _ = self.volumes.sync(&self.machine.api, &pod, &self.machine.certificate).await;
            }
        }
    }

    /// The graceful end of a deleted pod: what the preStop hook waits for, then SIGTERM, then SIGKILL when the grace period is over.
    async fn end(&mut self, mut child: Child, container: &Value) {
        let grace = {
            let pod = self.pod.borrow();
            let grace = pod["metadata"]["deletionGracePeriodSeconds"].as_u64();
            grace.or_else(|| pod["spec"]["terminationGracePeriodSeconds"].as_u64()).unwrap_or(30)
        };
        let deadline = Instant::now() + Duration::from_secs(grace.max(1));
        if let Some(seconds) = container["lifecycle"]["preStop"]["sleep"]["seconds"].as_u64() {
            let wait = Duration::from_secs(seconds).min(deadline - Instant::now());
            tokio::time::sleep(wait).await;
        }
        let asked = Instant::now();
        if let Some(pid) = child.id() {
            let _ = signal(pid, "TERM").await;
        }
        // A machine that fails meanwhile is not gentle any more.
        let failed = self.fault.wait_for(|fault| *fault != Fault::None);
        let code = tokio::select! {
            ended = child.wait() => ended.ok().and_then(|status| status.code()),
            () = tokio::time::sleep_until(deadline.into()) => None,
            _ = failed => None,
        };
        let _ = child.kill().await;
        self.ended(code, true, asked.elapsed());
    }

    fn ended(&self, code: Option<i32>, asked: bool, took: Duration) {
        if let Ok(mut endings) = self.machine.endings.lock() {
            endings.push(Ending { pod: self.replica.name.clone(), code, asked, took });
        }
    }

    /// Notes the largest resident set.
    fn weigh(&self, pid: Option<u32>) {
        let Some(pid) = pid else { return };
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
        let peak = status
            .lines()
            .find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.parse().ok())
            .unwrap_or(0);
        self.replica.change(|state| state.peak = state.peak.max(peak));
    }

    /// Tells the API server how the pod is.
    async fn tell(&self, phase: &str, ready: bool, container_state: Value) {
        let pod = self.pod.borrow().clone();
        let condition = |kind: &str, holds: bool| json!({ "type": kind, "status": if holds { "True" } else { "False" }, "lastTransitionTime": now() });
        let running = !container_state["running"].is_null();
        let status = json!({ "status": {
            "phase": phase,
            "podIP": self.ip, "podIPs": [{ "ip": self.ip }],
            "hostIP": "10.44.0.1", "hostIPs": [{ "ip": "10.44.0.1" }],
            "startTime": pod["metadata"]["creationTimestamp"],
            "conditions": [
                condition("PodScheduled", true), condition("Initialized", true),
                condition("ContainersReady", ready), condition("Ready", ready),
            ],
            "containerStatuses": [{
                "name": pod["spec"]["containers"][0]["name"], "image": pod["spec"]["containers"][0]["image"],
                "imageID": "", "ready": ready, "started": running,
                "restartCount": self.replica.state().restarts, "state": container_state,
            }],
        } });
        let _ = self.machine.api.merge(&format!("{}/status", path(&pod)), &status).await;
    }
}

/// The time as the API writes it.
fn now() -> String {
    let now = time::OffsetDateTime::now_utc();
    let (date, clock) = (now.date(), now.time());
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z",
        date.year(),
        u8::from(date.month()),
        date.day(),
        clock.hour(),
        clock.minute(),
        clock.second()
    )
}
