//! What every scene needs: the control plane, the tools, the kubelet and the list of checks.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use crate::api::{Answer, ApiClient, sum, until};
use crate::check::Checks;
use crate::kubelet::{Kubelet, Replica};
use crate::proxy::Proxy;

/// The namespace that the chart is installed in.
pub const NAMESPACE: &str = "daemonset-webhook";

/// The release's name.
pub const RELEASE: &str = "daemonset-webhook";

/// The namespace in which DaemonSets are tried.
pub const TRIED: &str = "team";

/// The port of the plain listener.
pub const OPS: u16 = 8080;

/// The port of the reviews in a pod.
pub const REVIEWS: u16 = 8443;

/// How long an installation may take until all is ready.
const INSTALLED: &str = "120s";

/// What a command printed.
pub struct Printed {
    /// The exit code.
    pub code: i32,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

/// The scene's surroundings.
pub struct World {
    /// A folder for whatever is needed.
    pub folder: PathBuf,
    /// The program that is kubectl, among other things.
    pub control_plane: PathBuf,
    /// The real helm.
    pub helm: PathBuf,
    /// The chart.
    pub chart: PathBuf,
    /// The webhook's program.
    pub program: PathBuf,
    /// The kubeconfig of someone who may do everything.
    pub kubeconfig: PathBuf,
    /// The same as a api.
    pub api: ApiClient,
    /// Doors for load, each with connections of its own.
    pub doors: Vec<ApiClient>,
    /// The machines.
    pub kubelet: Kubelet,
    /// The Service's address.
    pub proxy: Proxy,
    /// The API server's audit log.
    pub audit: PathBuf,
    /// What was checked.
    pub checks: Checks,
}

impl World {
    /// Runs a program with kubeconfig and a home of its own.
    pub async fn run(&self, program: &Path, arguments: &[&str]) -> Result<Printed, String> {
        let output = tokio::process::Command::new(program)
            .args(arguments)
            .env("KUBECONFIG", &self.kubeconfig)
            .env("HOME", &self.folder)
            .env("HELM_CACHE_HOME", self.folder.join("helm"))
            .env("HELM_CONFIG_HOME", self.folder.join("helm"))
            .env("HELM_DATA_HOME", self.folder.join("helm"))
            .current_dir(&self.folder)
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .output();
        let output = tokio::time::timeout(Duration::from_secs(180), output)
            .await
            .map_err(|_| format!("{} {arguments:?} takes longer than 180 s", program.display()))?
            .map_err(|error| format!("{}: {error}", program.display()))?;
        Ok(Printed {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        })
    }

    /// Runs kubectl.
    pub async fn kubectl(&self, arguments: &[&str]) -> Result<Printed, String> {
        self.run(&self.control_plane, &[&["kubectl"], arguments].concat()).await
    }

    /// Runs helm; an error is what it says of its own.
    pub async fn helm(&self, arguments: &[&str]) -> Result<String, String> {
        let printed = self.run(&self.helm, arguments).await?;
        if printed.code == 0 {
            Ok(printed.stdout)
        } else {
            Err(format!("helm {}: {}", arguments.join(" "), printed.stderr.trim()))
        }
    }

    fn values(&self, values: &Value) -> Result<String, String> {
        let path = self.folder.join("values.json");
        std::fs::write(&path, values.to_string()).map_err(|error| error.to_string())?;
        Ok(path.display().to_string())
    }

    /// Installs the chart and waits until it is ready.
    pub async fn install(&self, values: &Value) -> Result<(), String> {
        let (values, chart) = (self.values(values)?, self.chart.display().to_string());
        let arguments = [
            "install",
            RELEASE,
            &chart,
            "-n",
            NAMESPACE,
            "--create-namespace",
            "--wait",
            "--timeout",
            INSTALLED,
            "-f",
            &values,
        ];
        match self.helm(&arguments).await {
            Ok(_) => self.ready().await,
            Err(error) => Err(format!("{error}\n{}", self.logs())),
        }
    }

    /// Upgrades it with these values alone, and waits until it is ready.
    pub async fn upgrade(&self, values: &Value) -> Result<(), String> {
        let (values, chart) = (self.values(values)?, self.chart.display().to_string());
        let arguments =
            ["upgrade", RELEASE, &chart, "-n", NAMESPACE, "--wait", "--timeout", INSTALLED, "-f", &values];
        match self.helm(&arguments).await {
            Ok(_) => self.ready().await,
            Err(error) => Err(format!("{error}\n{}", self.logs())),
        }
    }

    /// Removes the release and its namespace, and waits until they are gone.
    pub async fn remove(&self) -> Result<(), String> {
        let _ = self.helm(&["uninstall", RELEASE, "-n", NAMESPACE, "--wait", "--timeout", "60s"]).await;
        // Nobody waits for a graceful end here.
        self.kubelet.fault(crate::kubelet::Fault::Dead { noticed: false });
        self.api.delete(&format!("/api/v1/namespaces/{NAMESPACE}"), None).await?;
        let gone = until("the namespace goes", Duration::from_secs(60), async || {
            Ok(self.api.get(&format!("/api/v1/namespaces/{NAMESPACE}")).await?.is_none().then_some(()))
        })
        .await;
        self.kubelet.fault(crate::kubelet::Fault::None);
        gone
    }

    /// Waits until the API server itself calls the webhook: it learns of configurations, Services and bundles by watching.
    pub async fn ready(&self) -> Result<(), String> {
        let object = crate::load::daemon_set("first");
        let called = async || -> Result<f64, String> {
            let page = self.api.metrics().await?;
            Ok(sum(&page, "apiserver_admission_webhook_request_total", &["code=\"200\""]))
        };
        until("the API server calls the webhook", Duration::from_secs(30), async || {
            let before = called().await?;
            let answer = self.dry_run(&object).await?;
            if called().await? > before {
                return Ok(Some(()));
            }
            Err(format!(
                "{} {}",
                answer.code,
                if answer.accepted() { String::new() } else { answer.message() }
            ))
        })
        .await
    }

    /// A dry-run create in the namespace where DaemonSets are tried.
    pub async fn dry_run(&self, object: &Value) -> Result<Answer, String> {
        let path = format!("/apis/apps/v1/namespaces/{TRIED}/daemonsets?dryRun=All&fieldValidation=Strict");
        self.api.post(&path, object).await
    }

    /// The objects of a kind in the release's namespace, or cluster-wide ones, that the release made.
    pub async fn own(&self, path: &str) -> Result<Vec<Value>, String> {
        let mut all = self.api.list(path).await?;
        all.retain(|object| object["metadata"]["labels"]["app.kubernetes.io/instance"] == RELEASE);
        Ok(all)
    }

    /// The webhook configuration.
    pub async fn configuration(&self) -> Result<Value, String> {
        let path = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations";
        self.own(path).await?.pop().ok_or_else(|| "there is no webhook configuration".into())
    }

    /// The bundle that the API server trusts, as PEM.
    pub async fn bundle(&self) -> Result<String, String> {
        let configuration = self.configuration().await?;
        let text = configuration["webhooks"][0]["clientConfig"]["caBundle"].as_str().unwrap_or_default();
        String::from_utf8(crate::kubelet::base64(text)).map_err(|error| error.to_string())
    }

    /// The Deployment.
    pub async fn deployment(&self) -> Result<Value, String> {
        let path = format!("/apis/apps/v1/namespaces/{NAMESPACE}/deployments");
        self.own(&path).await?.pop().ok_or_else(|| "there is no Deployment".into())
    }

    /// The Service that the configuration names: its name and its address on loopback.
    pub async fn service(&self) -> Result<(String, SocketAddr), String> {
        let configuration = self.configuration().await?;
        let wanted = &configuration["webhooks"][0]["clientConfig"]["service"];
        let name = wanted["name"].as_str().ok_or("the configuration names no Service")?;
        let path = format!("/api/v1/namespaces/{NAMESPACE}/services/{name}");
        let service = self.api.get(&path).await?.ok_or_else(|| format!("there is no Service {name}"))?;
        let ip = service["spec"]["clusterIP"].as_str().unwrap_or_default();
        let port = wanted["port"].as_u64().unwrap_or(443);
        let address = format!("{ip}:{port}").parse().map_err(|_| format!("{ip}:{port} is no address"))?;
        Ok((name.to_owned(), address))
    }

    /// The replicas of the Deployment that run now.
    pub async fn replicas(&self) -> Result<Vec<Arc<Replica>>, String> {
        let deployment = self.deployment().await?;
        Ok(self.kubelet.replicas(&deployment["spec"]["selector"]["matchLabels"]))
    }

    /// Waits until as many replicas are ready as the Deployment wants, and no other runs.
    pub async fn settled(&self) -> Result<Vec<Arc<Replica>>, String> {
        let wanted = self.deployment().await?["spec"]["replicas"].as_u64().unwrap_or(1);
        let (_, address) = self.service().await?;
        until("all replicas are ready", Duration::from_secs(90), async || {
            let replicas = self.replicas().await?;
            let ready = replicas.iter().filter(|replica| replica.state().ready).count() as u64;
            let endpoints = self.proxy.endpoints(address) as u64;
            let settled = ready == wanted && replicas.len() as u64 == wanted && endpoints == wanted;
            if settled {
                Ok(Some(replicas))
            } else {
                Err(format!("{ready} of {wanted} ready, {} run, {endpoints} endpoints", replicas.len()))
            }
        })
        .await
    }

    /// The sum of a metric over all replicas.
    pub async fn metric(&self, metric: &str, words: &[&str]) -> Result<f64, String> {
        let mut total = 0.0;
        for replica in self.replicas().await? {
            total += sum(&replica.page(OPS, "/metrics").await?.1, metric, words);
        }
        Ok(total)
    }

    /// What the API server counts of calls that failed: those that were let through, and those that were refused for it.
    pub async fn failed_calls(&self) -> Result<(f64, f64), String> {
        let page = self.api.metrics().await?;
        let open = sum(&page, "apiserver_admission_webhook_fail_open_count", &[]);
        let closed = sum(
            &page,
            "apiserver_admission_webhook_rejection_count",
            &["error_type=\"calling_webhook_error\""],
        );
        Ok((open, closed))
    }

    /// The ends of all replicas' logs.
    pub fn logs(&self) -> String {
        let mut text = String::new();
        for replica in self.kubelet.replicas(&json!({})) {
            let log = replica.log();
            let tail: Vec<&str> = log.lines().rev().take(15).collect();
            text.push_str(&format!("== {} ({:?})\n", replica.name, replica.state()));
            for line in tail.iter().rev() {
                text.push_str(line);
                text.push('\n');
            }
        }
        text
    }
}
