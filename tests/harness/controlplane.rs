//! A real control plane on loopback: etcd, kube-apiserver, kube-controller-manager and kube-scheduler, built by `tests/controlplane`,
//! with their data in a temporary folder. It ends when the value is dropped.

use std::fmt::Write as _;
use std::fs::File;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use kube::api::{Api, ApiResource, DynamicObject, PostParams};
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::core::{GroupVersionKind, Request};
use kube::{Client, Config};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::root;

/// All four are ready in about 6 s on two cores; a busy machine gets more.
const READY: Duration = Duration::from_secs(90);

/// How much of each component's log a failure shows.
const LOG_TAIL: usize = 4_000;

/// Someone who may log in with a token of their own.
#[derive(Clone, Debug)]
pub struct User {
    /// The user name, which RBAC bindings name.
    pub name: String,
    /// The groups that the user is in.
    pub groups: Vec<String>,
}

/// What differs from one test to another.
#[derive(Clone, Debug)]
pub struct Options {
    /// Users besides `admin` (who is in `system:masters`). Until [`ControlPlane::grant`] they may do nothing.
    pub users: Vec<User>,
    /// Admission plugins that are off. ServiceAccount must be among them unless somebody makes the accounts' tokens.
    pub without_admission: Vec<&'static str>,
    /// The controllers that run. The node-lifecycle controller is not among them: it would taint nodes that have no kubelet.
    pub controllers: Vec<&'static str>,
    /// More flags for kube-apiserver.
    pub apiserver_flags: Vec<String>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            users: Vec::new(),
            without_admission: vec!["ServiceAccount"],
            controllers: vec!["daemonset-controller", "namespace-controller", "serviceaccount-controller"],
            apiserver_flags: Vec::new(),
        }
    }
}

/// A running control plane.
pub struct ControlPlane {
    // Dropped first, while the folder with their data is still there.
    components: Components,
    folder: TempDir,
    runtime: tokio::runtime::Runtime,
    server: String,
    binary: PathBuf,
}

/// The components that were started, each with its log.
struct Components(Vec<(&'static str, Child, PathBuf)>);

impl Drop for Components {
    fn drop(&mut self) {
        // The API server's clients go before it does, the store last.
        for (_, child, _) in self.0.iter_mut().rev() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

impl ControlPlane {
    /// The program that `tests/controlplane/build.sh` makes: `$CONTROLPLANE_BIN`, or `target/controlplane`; `None` where it was not built.
    pub fn binary() -> Option<PathBuf> {
        let path = std::env::var_os("CONTROLPLANE_BIN")
            .map_or_else(|| root().join("target/controlplane"), |path| root().join(path));
        path.is_file().then_some(path)
    }

    /// Starts all four components and waits until the API server is ready.
    ///
    /// # Errors
    ///
    /// What failed, with the ends of the logs.
    pub fn start(options: &Options) -> Result<Self, String> {
        let binary = Self::binary().ok_or("the control plane is not built: tests/controlplane/build.sh")?;
        let folder = tempfile::tempdir().map_err(|error| format!("no temporary folder: {error}"))?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| error.to_string())?;
        let [etcd, peer, secure] = free_ports().map_err(|error| format!("no free port: {error}"))?;
        let mut plane = Self {
            components: Components(Vec::new()),
            folder,
            runtime,
            server: format!("https://127.0.0.1:{secure}"),
            binary,
        };
        plane.run(options, etcd, peer, secure).map_err(|error| format!("{error}\n{}", plane.logs()))?;
        Ok(plane)
    }

    fn run(&mut self, options: &Options, etcd: u16, peer: u16, secure: u16) -> Result<(), String> {
        let at = |name: &str| self.folder.path().join(name).display().to_string();
        let key = at("service-account.key");
        let made =
            self.command("service-account-key").arg(&key).output().map_err(|error| error.to_string())?;
        if !made.status.success() {
            return Err(format!("no key: {}", String::from_utf8_lossy(&made.stderr)));
        }
        let mut tokens = "admin-token,admin,admin,\"system:masters\"\n".to_owned();
        for user in &options.users {
            let (name, groups) = (&user.name, user.groups.join(","));
            let _ = writeln!(tokens, "{name}-token,{name},{name},\"{groups}\"");
        }
        std::fs::write(at("tokens.csv"), tokens).map_err(|error| error.to_string())?;
        for name in options.users.iter().map(|user| user.name.as_str()).chain(["admin"]) {
            let text = self.kubeconfig_text(name);
            std::fs::write(self.kubeconfig_of(name), text).map_err(|error| error.to_string())?;
        }

        let store = format!("http://127.0.0.1:{etcd}");
        let (data, certificates, token_file) = (at("etcd"), at("certificates"), at("tokens.csv"));
        let admin = self.kubeconfig().display().to_string();
        self.spawn(
            "etcd",
            &[
                format!("--data-dir={data}"),
                format!("--listen-client-url={store}"),
                format!("--listen-peer-url=http://127.0.0.1:{peer}"),
            ],
        )?;
        let mut flags = vec![
            format!("--etcd-servers={store}"),
            format!("--secure-port={secure}"),
            format!("--cert-dir={certificates}"),
            format!("--token-auth-file={token_file}"),
            format!("--service-account-key-file={key}"),
            format!("--service-account-signing-key-file={key}"),
            format!("--disable-admission-plugins={}", options.without_admission.join(",")),
        ];
        let fixed = [
            "--bind-address=127.0.0.1",
            "--advertise-address=127.0.0.1",
            "--endpoint-reconciler-type=none",
            // Every Service's address is on loopback, where a test can listen.
            "--service-cluster-ip-range=127.44.0.0/16",
            "--service-account-issuer=https://kubernetes.default.svc",
            "--allow-privileged=true",
            "--authorization-mode=RBAC",
        ];
        flags.extend(fixed.map(str::to_owned));
        flags.extend(options.apiserver_flags.iter().cloned());
        self.spawn("kube-apiserver", &flags)?;
        self.wait_until_ready()?;
        let client = [
            format!("--kubeconfig={admin}"),
            "--kube-api-qps=1000".into(),
            "--kube-api-burst=2000".into(),
            "--leader-elect=false".into(),
            // Nobody asks them anything, so they listen nowhere.
            "--secure-port=0".into(),
        ];
        let controllers = [
            format!("--controllers={}", options.controllers.join(",")),
            "--concurrent-daemonset-syncs=2".into(),
        ];
        self.spawn("kube-controller-manager", &[&client[..], &controllers[..]].concat())?;
        self.spawn("kube-scheduler", &client)
    }

    fn command(&self, component: &str) -> Command {
        let mut command = Command::new(&self.binary);
        command.arg(component).stdin(Stdio::null()).current_dir(self.folder.path());
        // A proxy or a cluster of the machine is none of ours.
        for name in ["KUBECONFIG", "HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"] {
            command.env_remove(name);
        }
        command.env("HOME", self.folder.path());
        command
    }

    fn spawn(&mut self, component: &'static str, flags: &[String]) -> Result<(), String> {
        let log = self.folder.path().join(format!("{component}.log"));
        let file = File::create(&log).map_err(|error| error.to_string())?;
        let copy = file.try_clone().map_err(|error| error.to_string())?;
        let child = self
            .command(component)
            .args(flags)
            // They end when this pipe does, so none outlives a test that was killed.
            .env("CONTROLPLANE_UNTIL_STDIN_CLOSES", "1")
            .stdin(Stdio::piped())
            .stdout(file)
            .stderr(copy)
            .spawn()
            .map_err(|error| format!("{component} does not start: {error}"))?;
        self.components.0.push((component, child, log));
        Ok(())
    }

    fn wait_until_ready(&mut self) -> Result<(), String> {
        let start = Instant::now();
        loop {
            for (component, child, _) in &mut self.components.0 {
                if let Ok(Some(status)) = child.try_wait() {
                    return Err(format!("{component} ended: {status}"));
                }
            }
            let answer = self.client().and_then(|client| {
                let request =
                    Request::new("").get("readyz", &Default::default()).map_err(|error| error.to_string())?;
                self.block_on(client.request_text(request)).map_err(|error| error.to_string())
            });
            match answer {
                Ok(text) if text.trim() == "ok" => return Ok(()),
                Err(error) if start.elapsed() > READY => {
                    return Err(format!("the API server is not ready: {error}"));
                }
                _ => std::thread::sleep(Duration::from_millis(100)),
            }
        }
    }

    /// The folder with everything: data, logs, kubeconfigs.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The address of the API server.
    pub fn server(&self) -> &str {
        &self.server
    }

    /// The certificate that the API server made for itself, which clients trust.
    pub fn certificate(&self) -> PathBuf {
        self.folder.path().join("certificates/apiserver.crt")
    }

    /// The kubeconfig of `admin`, who may do everything.
    pub fn kubeconfig(&self) -> PathBuf {
        self.kubeconfig_of("admin")
    }

    /// The kubeconfig of a user of the options.
    pub fn kubeconfig_of(&self, user: &str) -> PathBuf {
        self.folder.path().join(format!("{user}.kubeconfig"))
    }

    fn kubeconfig_text(&self, user: &str) -> String {
        let (server, certificate) = (&self.server, self.certificate());
        format!(
            "apiVersion: v1\nkind: Config\ncurrent-context: loopback\n\
             clusters: [{{ name: loopback, cluster: {{ server: \"{server}\", certificate-authority: \"{}\" }} }}]\n\
             users: [{{ name: \"{user}\", user: {{ token: \"{user}-token\" }} }}]\n\
             contexts: [{{ name: loopback, context: {{ cluster: loopback, user: \"{user}\" }} }}]\n",
            certificate.display()
        )
    }

    /// A client that may do everything. Its requests are awaited by [`Self::block_on`].
    ///
    /// # Errors
    ///
    /// Where the kubeconfig cannot be used yet.
    pub fn client(&self) -> Result<Client, String> {
        self.client_of("admin")
    }

    /// A client of one user.
    ///
    /// # Errors
    ///
    /// Where the kubeconfig cannot be used yet.
    pub fn client_of(&self, user: &str) -> Result<Client, String> {
        let file = Kubeconfig::read_from(self.kubeconfig_of(user)).map_err(|error| error.to_string())?;
        self.block_on(async {
            let config = Config::from_custom_kubeconfig(file, &KubeConfigOptions::default()).await;
            Client::try_from(config.map_err(|error| error.to_string())?).map_err(|error| error.to_string())
        })
    }

    /// Lets a user of the options do what the rules say (as in a ClusterRole), everywhere.
    ///
    /// # Errors
    ///
    /// What the server says.
    pub fn grant(&self, user: &str, rules: &Value) -> Result<(), String> {
        let version = "rbac.authorization.k8s.io/v1";
        let role = json!({
            "apiVersion": version, "kind": "ClusterRole", "metadata": { "name": user }, "rules": rules,
        });
        let binding = json!({
            "apiVersion": version, "kind": "ClusterRoleBinding", "metadata": { "name": user },
            "roleRef": { "apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": user },
            "subjects": [{ "apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": user }],
        });
        for (kind, object) in [("ClusterRole", role), ("ClusterRoleBinding", binding)] {
            let resource =
                ApiResource::from_gvk(&GroupVersionKind::gvk("rbac.authorization.k8s.io", "v1", kind));
            let api: Api<DynamicObject> = Api::all_with(self.client()?, &resource);
            let object: DynamicObject = serde_json::from_value(object).map_err(|error| error.to_string())?;
            let made = self.block_on(api.create(&PostParams::default(), &object));
            made.map_err(|error| format!("{kind} {user}: {error}"))?;
        }
        Ok(())
    }

    /// Waits for a request.
    pub fn block_on<T>(&self, future: impl Future<Output = T>) -> T {
        self.runtime.block_on(future)
    }

    /// Runs kubectl as `admin`.
    ///
    /// # Errors
    ///
    /// Where it cannot be started; what it says of its own errors is in the output.
    pub fn kubectl(&self, arguments: &[&str]) -> std::io::Result<Output> {
        self.command("kubectl").arg("--kubeconfig").arg(self.kubeconfig()).args(arguments).output()
    }

    /// The ends of all logs, for a failure's message.
    pub fn logs(&self) -> String {
        let mut text = String::new();
        for (component, _, log) in &self.components.0 {
            let all = std::fs::read(log).unwrap_or_default();
            let tail = all.get(all.len().saturating_sub(LOG_TAIL)..).unwrap_or_default();
            let _ = writeln!(text, "== {component} ({} bytes)\n{}", all.len(), String::from_utf8_lossy(tail));
        }
        text
    }
}

impl Drop for ControlPlane {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("{}", self.logs());
        }
    }
}

/// Ports of loopback that nobody listens on, all different. Another process may take one before we do; that would be said in a log.
fn free_ports<const N: usize>() -> std::io::Result<[u16; N]> {
    let mut listeners = Vec::new();
    let mut ports = [0; N];
    for port in &mut ports {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        *port = listener.local_addr()?.port();
        listeners.push(listener);
    }
    Ok(ports)
}
