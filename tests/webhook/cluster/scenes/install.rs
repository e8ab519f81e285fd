//! An installation: its configuration, certificates, tests, upgrade and uninstall.

use std::collections::BTreeSet;
use std::time::Duration;

use daemonset_tests::http_client::Connection;
use rustls::version::{TLS12, TLS13};
use serde_json::{Value, json};

use crate::api::until;
use crate::audit;
use crate::check::Outcome;
use crate::inventory::inventory;
use crate::load::daemon_set;
use crate::tls::{connect, post, shake};
use crate::world::{NAMESPACE, OPS, RELEASE, REVIEWS, TRIED, World};

/// Plays it.
pub async fn play(world: &mut World) -> Result<(), String> {
    templates(world).await;
    let namespace = json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": NAMESPACE } });
    world.api.create("/api/v1/namespaces", &namespace).await?;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let before = inventory(&world.api).await?;

    world.install(&json!({})).await?;
    world.settled().await?;
    let outcome = configuration(world).await;
    world.checks.note("2, 3 timeout at most 3 s, rules match CREATE and UPDATE of apps/daemonsets alone, own namespace and kube-system exempt", outcome);
    let outcome = spread(world).await;
    world.checks.note("2 replicas are at least two and on different nodes; one at a time may go", outcome);
    let outcome = reviewed(world).await;
    world.checks.note("3 what is exempt is never sent to the webhook", outcome);
    let outcome = owner(world).await;
    world.checks.note("7 exactly one owner of caBundle", outcome);
    let outcome = words(world).await;
    world.checks.note("10 warnings carry no prefix, no line break, and lie inside the budget", outcome);
    let outcome = noted(world).await;
    world.checks.note("the audit log holds the webhook's findings", outcome);
    let outcome = versions(world, "1.3").await;
    world.checks.note("12 TLS 1.3 alone by default, trusted under the Service's name", outcome);
    let outcome = uids(world).await;
    world.checks.note(
        "12 every answer echoes its uid, whatever the object, and allows what is not its business",
        outcome,
    );
    let outcome = large(world).await;
    world.checks.note("an object of nearly 3 MiB is reviewed", outcome);
    let tested = world.helm(&["test", RELEASE, "-n", NAMESPACE, "--timeout", "60s"]).await;
    world.checks.note(
        "helm test",
        tested.and_then(|printed| {
            let phase = printed.lines().find(|line| line.starts_with("Phase:")).unwrap_or_default();
            if phase.contains("Succeeded") { Ok(phase.to_owned()) } else { Err(printed) }
        }),
    );

    let outcome = upgrade(world).await;
    world.checks.note("7 helm upgrade keeps the authority, the certificate and caBundle", outcome);
    let outcome = probes(world).await;
    world.checks.note("the self-probe's dry run comes back, as a gauge", outcome);
    let outcome = versions(world, "1.2").await;
    world.checks.note("12 TLS 1.2 by flag", outcome);

    world.helm(&["uninstall", RELEASE, "-n", NAMESPACE, "--wait", "--timeout", "60s"]).await?;
    let outcome = left(world, &before).await;
    world.checks.note("11 helm uninstall leaves nothing behind", outcome);
    Ok(())
}

/// What is there now and was not before, after a while to clear away.
pub async fn left(world: &World, before: &BTreeSet<String>) -> Outcome {
    until("everything goes", Duration::from_secs(40), async || {
        let now = inventory(&world.api).await?;
        let more: Vec<&String> = now.difference(before).collect();
        let less: Vec<&String> = before.difference(&now).collect();
        if more.is_empty() && less.is_empty() {
            Ok(Some(format!("{} objects of all kinds before and after, the same", now.len())))
        } else {
            Err(format!("left behind: {more:?}; gone: {less:?}"))
        }
    })
    .await
}

async fn templates(world: &mut World) {
    let chart = world.chart.display().to_string();
    // Without a server helm takes the version of the library that it was built with.
    let version = world.api.get("/version").await.ok().flatten().unwrap_or_default();
    let version = version["gitVersion"].as_str().unwrap_or_default().to_owned();
    let render = ["template", RELEASE, &chart, "-n", NAMESPACE, "--kube-version", &version];
    let rendered = (world.helm(&render).await, world.helm(&render).await);
    world.checks.note(
        "7 helm template twice is byte-identical",
        match rendered {
            (Ok(one), Ok(other)) if one == other && !one.is_empty() => {
                if one.contains("caBundle:") || one.contains("PRIVATE KEY") {
                    Err("the chart itself renders a certificate".into())
                } else {
                    Ok(format!("{} bytes, and neither a key nor a caBundle among them", one.len()))
                }
            }
            (Ok(_), Ok(_)) => Err("they differ".into()),
            (one, other) => Err(format!("{:?} {:?}", one.err(), other.err())),
        },
    );
}

async fn configuration(world: &World) -> Outcome {
    let configuration = world.configuration().await?;
    let webhooks = configuration["webhooks"].as_array().cloned().unwrap_or_default();
    for webhook in &webhooks {
        let timeout = webhook["timeoutSeconds"].as_u64().unwrap_or(10);
        if timeout > 3 {
            return Err(format!("timeoutSeconds is {timeout}"));
        }
        let wanted = json!([{
            "apiGroups": ["apps"], "apiVersions": ["v1"], "operations": ["CREATE", "UPDATE"],
            "resources": ["daemonsets"], "scope": "Namespaced",
        }]);
        if webhook["rules"] != wanted {
            return Err(format!("rules: {}", webhook["rules"]));
        }
        if webhook["sideEffects"] != "None" {
            return Err(format!("sideEffects: {}", webhook["sideEffects"]));
        }
        let selector = webhook["namespaceSelector"].to_string();
        if !selector.contains("NotIn") || !selector.contains("kube-system") || !selector.contains(NAMESPACE) {
            return Err(format!("namespaceSelector: {selector}"));
        }
    }
    let first = webhooks.first().ok_or("no webhook")?;
    Ok(format!(
        "{} webhook, timeoutSeconds {}, failurePolicy {}",
        webhooks.len(),
        first["timeoutSeconds"],
        first["failurePolicy"]
    ))
}

async fn spread(world: &World) -> Outcome {
    let deployment = world.deployment().await?;
    let replicas = world.replicas().await?;
    let nodes: BTreeSet<&str> = replicas.iter().map(|replica| replica.node.as_str()).collect();
    let strategy = &deployment["spec"]["strategy"]["rollingUpdate"];
    let budgets = world.own(&format!("/apis/policy/v1/namespaces/{NAMESPACE}/poddisruptionbudgets")).await?;
    let allowed = budgets.first().map(|budget| budget["status"]["disruptionsAllowed"].clone());
    if replicas.len() < 2
        || nodes.len() != replicas.len()
        || strategy["maxUnavailable"] != 0
        || allowed != Some(json!(1))
    {
        return Err(format!("on {nodes:?}, {strategy}, the budget allows {allowed:?}"));
    }
    Ok(format!("on {nodes:?} by the real scheduler, maxUnavailable 0, the budget allows 1 disruption"))
}

async fn reviewed(world: &World) -> Outcome {
    let count = async || world.metric("daemonset_webhook_reviews_total", &[]).await;
    let mut seen = Vec::new();
    for (namespace, wanted) in [("kube-system", 0.0), (NAMESPACE, 0.0), (TRIED, 1.0)] {
        let before = count().await?;
        let path = format!("/apis/apps/v1/namespaces/{namespace}/daemonsets?dryRun=All");
        let answer = world.api.post(&path, &daemon_set("where")).await?;
        let more = count().await? - before;
        if !answer.accepted() || (more - wanted).abs() > 0.1 {
            return Err(format!(
                "{namespace}: {} {}, {more} reviews instead of {wanted}",
                answer.code,
                answer.message()
            ));
        }
        seen.push(format!("{namespace} {more}"));
    }
    // Status and metadata are not the webhook's business.
    let before = count().await?;
    let collection = format!("/apis/apps/v1/namespaces/{TRIED}/daemonsets");
    world.api.create(&collection, &daemon_set("quiet")).await?;
    let own = format!("{collection}/quiet");
    let label = json!({ "metadata": { "labels": { "touched": "yes" } } });
    let status = json!({ "status": { "observedGeneration": 1 } });
    let calls = [
        world.api.merge(&own, &label).await?,
        world.api.merge(&format!("{own}/status"), &status).await?,
        world.api.delete(&own, None).await?,
    ];
    let more = count().await? - before;
    if calls.iter().any(|call| !call.accepted()) || (more - 1.0).abs() > 0.1 {
        return Err(format!(
            "a label, a status and a deletion: {more} reviews with the create's instead of 1"
        ));
    }
    Ok(format!("reviews of a create in {}; a label, a status and a deletion: 0", seen.join(", ")))
}

/// Every manager whose fields hold the caBundle.
async fn owner(world: &World) -> Outcome {
    let configuration = world.configuration().await?;
    let managers: Vec<String> = configuration["metadata"]["managedFields"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|entry| entry["fieldsV1"].to_string().contains("f:caBundle"))
        .map(|entry| format!("{} by {}", entry["manager"], entry["operation"]))
        .collect();
    if managers.len() == 1 { Ok(managers.join(", ")) } else { Err(format!("{managers:?}")) }
}

async fn words(world: &World) -> Outcome {
    let answer = world.dry_run(&daemon_set("words")).await?;
    if answer.warnings.is_empty() {
        return Err("there is no warning".into());
    }
    let total: usize = answer.warnings.iter().map(|warning| warning.chars().count()).sum();
    for warning in &answer.warnings {
        if warning.to_lowercase().starts_with("warning")
            || warning.contains(['\n', '\t'])
            || warning.chars().count() > 256
        {
            return Err(format!("{warning:?}"));
        }
    }
    if total > 4_096 { Err(format!("{total} characters")) } else { Ok(format!("{:?}", answer.warnings)) }
}

async fn noted(world: &World) -> Outcome {
    world.dry_run(&daemon_set("noted")).await?;
    until("the audit log has the annotation", Duration::from_secs(10), async || {
        let events = audit::events(&world.audit);
        let found = events.iter().rev().find_map(|event| {
            let annotations = event["annotations"].as_object()?;
            let (key, value) = annotations.iter().find(|(key, _)| key.ends_with("/findings"))?;
            Some(format!("{key}: {value}"))
        });
        Ok(found)
    })
    .await
}

/// The versions of TLS that every replica speaks.
async fn versions(world: &World, oldest: &str) -> Outcome {
    let (service, address) = world.service().await?;
    let (name, bundle) = (format!("{service}.{NAMESPACE}.svc"), world.bundle().await?);
    let leaf = shake(address, &name, Some(&bundle), &[&TLS13]).await?;
    for replica in world.replicas().await? {
        let old = shake(replica.at(REVIEWS)?, &name, Some(&bundle), &[&TLS12]).await;
        match (&old, oldest) {
            (Ok(_), "1.3") => return Err(format!("{} speaks TLS 1.2", replica.name)),
            (Err(error), "1.2") => return Err(format!("{} does not speak TLS 1.2: {error}", replica.name)),
            _ => {}
        }
    }
    Ok(format!(
        "{} as {name}; TLS 1.2 is {}",
        leaf.version,
        if oldest == "1.3" { "refused" } else { "spoken" }
    ))
}

/// Reviews that no API server would send by these rules, sent by ourselves through the Service.
async fn uids(world: &World) -> Outcome {
    let (service, address) = world.service().await?;
    let name = format!("{service}.{NAMESPACE}.svc");
    let bundle = world.bundle().await?;
    let open = async || Connection::open(connect(address, &name, Some(&bundle), &[&TLS13]).await?).await;
    let mut connection = open().await?;
    let pods = json!({ "group": "", "version": "v1", "kind": "Pod" });
    let sets = json!({ "group": "apps", "version": "v1", "kind": "DaemonSet" });
    let mut seen = Vec::new();
    for (what, kind, operation, object) in [
        ("a pod", &pods, "CREATE", json!({ "apiVersion": "v1", "kind": "Pod" })),
        ("a CONNECT", &pods, "CONNECT", json!({})),
        ("a DELETE", &sets, "DELETE", Value::Null),
        (
            "a DaemonSet without a spec",
            &sets,
            "CREATE",
            json!({ "apiVersion": "apps/v1", "kind": "DaemonSet" }),
        ),
        ("an operation of tomorrow", &sets, "REPLACE", daemon_set("one")),
    ] {
        let uid = format!("uid-{}", seen.len());
        let review = json!({
            "apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview",
            "request": {
                "uid": uid, "kind": kind, "resource": { "group": "apps", "version": "v1", "resource": "daemonsets" },
                "operation": operation, "namespace": TRIED, "userInfo": {}, "object": object, "oldObject": null,
            },
        });
        let path = "/validate?timeout=3s";
        let review = review.to_string();
        let (status, body) = match post(&mut connection, path, &review).await {
            Ok(answered) => answered,
            // A connection that is kept may end between two requests; as the API server does, a new one is opened.
            Err(_) => {
                connection = open().await?;
                post(&mut connection, path, &review).await.map_err(|error| format!("{what}: {error}"))?
            }
        };
        let answer: Value = serde_json::from_str(&body).unwrap_or_default();
        let response = &answer["response"];
        if status != 200 || response["uid"] != json!(uid) || response["allowed"] != true {
            return Err(format!("{what}: {status} {body:.300}"));
        }
        seen.push(what);
    }
    Ok(seen.join(", "))
}

/// A dry run of an object that is as large as the API server takes.
async fn large(world: &World) -> Outcome {
    let mut object = daemon_set("large");
    let variables: Vec<Value> = (0..2_800)
        .map(|number| json!({ "name": format!("V{number}"), "value": "x".repeat(1_000) }))
        .collect();
    object["spec"]["template"]["spec"]["containers"][0]["env"] = variables.into();
    object["metadata"]["annotations"] = json!({ "daemonset-webhook/self-test": "large" });
    let bytes = object.to_string().len();
    let start = std::time::Instant::now();
    let before = world.failed_calls().await?;
    let answer = world.dry_run(&object).await?;
    let after = world.failed_calls().await?;
    let took = start.elapsed().as_millis();
    let echoed = answer.warnings.iter().any(|warning| warning.starts_with("self-test large: "));
    if answer.accepted() && echoed && before == after {
        Ok(format!("{bytes} bytes, reviewed, {took} ms through the API server"))
    } else {
        Err(format!(
            "{bytes} bytes: {} {:?} {:.300}; failed calls {before:?} -> {after:?}",
            answer.code,
            answer.warnings,
            answer.message()
        ))
    }
}

/// What the release holds of certificates.
async fn held(world: &World) -> Result<Value, String> {
    let configuration = world.configuration().await?;
    let mut held = vec![configuration["webhooks"][0]["clientConfig"]["caBundle"].clone()];
    for secret in world.own(&format!("/api/v1/namespaces/{NAMESPACE}/secrets")).await? {
        held.push(secret["data"].clone());
    }
    Ok(Value::Array(held))
}

async fn upgrade(world: &World) -> Outcome {
    let before = held(world).await?;
    if before[0].as_str().is_none_or(str::is_empty) || before[1].is_null() {
        return Err(format!("there is nothing to keep: {:.200}", before.to_string()));
    }
    let values = json!({
        "config": { "selfProbeSeconds": 1 },
        "server": { "tlsMinVersion": "1.2" },
        "podAnnotations": { "example.com/changed": "yes" },
    });
    world.upgrade(&values).await?;
    world.settled().await?;
    if held(world).await? == before {
        Ok("the Secret and caBundle are byte for byte what they were, with new pods".into())
    } else {
        Err("they differ".into())
    }
}

async fn probes(world: &World) -> Outcome {
    until("the gauge is 1 in every replica", Duration::from_secs(20), async || {
        let mut values = Vec::new();
        for replica in world.replicas().await? {
            let page = replica.page(OPS, "/metrics").await?.1;
            values.push(crate::api::sum(&page, "daemonset_webhook_self_probe_ok", &[]));
        }
        if values.len() >= 2 && values.iter().all(|value| *value > 0.5) {
            Ok(Some(format!("daemonset_webhook_self_probe_ok {values:?}")))
        } else {
            Err(format!("{values:?}"))
        }
    })
    .await
}
