//! All replicas are down, lost or hang: the cluster's own writes succeed under either failurePolicy, and DaemonSets follow the policy.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::api::until;
use crate::kubelet::Fault;
use crate::load::daemon_set;
use crate::world::{TRIED, World};

/// Plays it for both policies.
pub async fn play(world: &mut World) -> Result<(), String> {
    for policy in ["Ignore", "Fail"] {
        let values = json!({ "webhook": { "failurePolicy": policy } });
        if policy == "Ignore" {
            world.install(&values).await?
        } else {
            world.upgrade(&values).await?
        }
        let replicas = world.settled().await?;
        let (_, address) = world.service().await?;

        // Hung: connections are taken, nothing is answered.
        for replica in &replicas {
            replica.signal("STOP").await?;
        }
        writes(world, policy, "hung").await;
        for replica in &replicas {
            replica.signal("CONT").await?;
        }
        until("the replicas are back", Duration::from_secs(30), async || {
            Ok(world.ready().await.is_ok().then_some(()))
        })
        .await?;

        // Lost with their nodes: the Service still forwards to where nobody is.
        world.kubelet.fault(Fault::Dead { noticed: false });
        tokio::time::sleep(Duration::from_millis(500)).await;
        writes(world, policy, "lost").await;

        // Crashing, and known to: the Service has no endpoint.
        world.kubelet.fault(Fault::None);
        world.settled().await?;
        world.kubelet.fault(Fault::Dead { noticed: true });
        until("the Service loses its endpoints", Duration::from_secs(30), async || {
            Ok((world.proxy.endpoints(address) == 0).then_some(()))
        })
        .await?;
        writes(world, policy, "dead").await;
        world.kubelet.fault(Fault::None);
        let start = Instant::now();
        world.settled().await?;
        let seconds = start.elapsed().as_secs_f64();
        world.checks.hold(
            &format!("1 the webhook comes back by itself after all replicas were dead ({policy})"),
            true,
            format!("all replicas ready {seconds:.1} s after their machines"),
        );
    }
    Ok(())
}

/// The writes that a cluster needs to come up again, and then a DaemonSet.
async fn writes(world: &mut World, policy: &str, how: &str) {
    let start = Instant::now();
    let mut made = 0;
    let mut faults = Vec::new();
    for (path, object) in bootstrap() {
        match world.api.post(&path, &object).await {
            Ok(answer) if answer.accepted() => made += 1,
            Ok(answer) => faults.push(format!("{path}: {} {}", answer.code, answer.message())),
            Err(error) => faults.push(error),
        }
        let name = object["metadata"]["name"].as_str().unwrap_or_default();
        let own = format!("{path}/{name}");
        let patch = json!({ "metadata": { "labels": { "touched": "yes" } } });
        for call in [world.api.merge(&own, &patch).await, world.api.delete(&own, Some(0)).await] {
            match call {
                Ok(answer) if answer.accepted() => made += 1,
                Ok(answer) => faults.push(format!("{own}: {} {}", answer.code, answer.message())),
                Err(error) => faults.push(error),
            }
        }
    }
    let took = start.elapsed().as_millis();
    world.checks.hold(
        &format!("1 writes with all replicas {how} ({policy}): nodes, leases, CSRs, pods, kube-system"),
        faults.is_empty(),
        if faults.is_empty() { format!("{made} writes in {took} ms") } else { faults.join("; ") },
    );

    let start = Instant::now();
    let path = format!("/apis/apps/v1/namespaces/{TRIED}/daemonsets");
    let answer = world.api.post(&format!("{path}?dryRun=All"), &daemon_set("follows")).await;
    let took = start.elapsed();
    let name = format!(
        "2 a DaemonSet with all replicas {how} follows failurePolicy {policy}, within timeoutSeconds"
    );
    let outcome = match answer {
        Err(error) => Err(error),
        // The server adds a little of its own to a timeout of three seconds.
        Ok(_) if took > Duration::from_millis(3_500) => Err(format!("it took {} ms", took.as_millis())),
        Ok(answer) if policy == "Ignore" && answer.accepted() => {
            Ok(format!("accepted after {} ms", took.as_millis()))
        }
        Ok(answer) if policy == "Fail" && answer.message().contains("failed calling webhook") => {
            Ok(format!("refused after {} ms: {:.160}", took.as_millis(), answer.message()))
        }
        Ok(answer) => Err(format!("{} {}", answer.code, answer.message())),
    };
    world.checks.note(&name, outcome);
}

/// What the machinery of a cluster writes when it starts, each with the collection it is posted to.
fn bootstrap() -> Vec<(String, Value)> {
    let pod = |name: &str| {
        json!({ "apiVersion": "v1", "kind": "Pod", "metadata": { "name": name },
            "spec": { "containers": [{ "name": "main", "image": "registry.example/main:1" }] } })
    };
    let mut system = daemon_set("kube-proxy");
    system["metadata"]["labels"] = json!({ "k8s-app": "kube-proxy" });
    let deployment = json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": { "name": "coredns" },
        "spec": { "replicas": 0, "selector": { "matchLabels": { "app": "dns" } }, "template": {
            "metadata": { "labels": { "app": "dns" } },
            "spec": { "containers": [{ "name": "main", "image": "registry.example/dns:1" }] } } },
    });
    vec![
        ("/api/v1/nodes".into(), crate::cluster::node("joins-now")),
        (
            "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases".into(),
            json!({ "apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": { "name": "joins-now" },
                "spec": { "holderIdentity": "joins-now", "leaseDurationSeconds": 40 } }),
        ),
        (
            "/apis/coordination.k8s.io/v1/namespaces/kube-system/leases".into(),
            json!({ "apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": { "name": "some-controller" },
                "spec": { "holderIdentity": "one", "leaseDurationSeconds": 15 } }),
        ),
        ("/apis/certificates.k8s.io/v1/certificatesigningrequests".into(), signing_request()),
        ("/api/v1/namespaces/team/pods".into(), pod("plain")),
        ("/api/v1/namespaces/kube-system/pods".into(), pod("static-kube-apiserver")),
        (
            "/api/v1/namespaces/kube-system/configmaps".into(),
            json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": "of-the-system" } }),
        ),
        ("/apis/apps/v1/namespaces/kube-system/deployments".into(), deployment),
        ("/apis/apps/v1/namespaces/kube-system/daemonsets".into(), system.clone()),
        // The release's own namespace is exempt, so that what it needs to come back can be written.
        (format!("/apis/apps/v1/namespaces/{}/daemonsets", crate::world::NAMESPACE), system),
    ]
}

/// A kubelet's request for a certificate.
fn signing_request() -> Value {
    let request = || -> Result<String, rcgen::Error> {
        let key = rcgen::KeyPair::generate()?;
        let mut parameters = rcgen::CertificateParams::default();
        parameters.distinguished_name = rcgen::DistinguishedName::new();
        parameters.distinguished_name.push(rcgen::DnType::OrganizationName, "system:nodes");
        parameters.distinguished_name.push(rcgen::DnType::CommonName, "system:node:joins-now");
        parameters.serialize_request(&key)?.pem()
    };
    let pem = request().unwrap_or_default();
    json!({
        "apiVersion": "certificates.k8s.io/v1", "kind": "CertificateSigningRequest", "metadata": { "name": "joins-now" },
        "spec": { "request": crate::kubelet::to_base64(pem.as_bytes()),
            "signerName": "kubernetes.io/kube-apiserver-client-kubelet",
            "usages": ["digital signature", "key encipherment", "client auth"] },
    })
}
