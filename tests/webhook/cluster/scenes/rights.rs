//! The account's rights: each is needed, none is missing, and the webhook names a right that is denied. Also what it answers with a cold
//! cache.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::api::until;
use crate::audit;
use crate::check::Outcome;
use crate::kubelet::Fault;
use crate::load::daemon_set;
use crate::world::{NAMESPACE, OPS, RELEASE, World};

/// How long a missing right may take to be seen.
const SEEN: Duration = Duration::from_secs(20);

/// A role of the release: its URL and what it is.
struct Role {
    path: String,
    object: Value,
}

/// One right: the group, the resource and the verb.
type Right = (String, String, String);

/// Plays it.
pub async fn play(world: &mut World) -> Result<(), String> {
    let asked_before = audit::events(&world.audit).len();
    world.install(&json!({ "replicas": 1, "server": { "drainDelaySeconds": 0 } })).await?;
    world.settled().await?;
    let roles = roles(world).await?;
    let granted: BTreeSet<Right> =
        roles.iter().flat_map(|role| rights(&role.object)).map(|(right, _)| right).collect();
    let account = format!("system:serviceaccount:{NAMESPACE}:{RELEASE}");
    let outcome = least(world, asked_before, &account, &granted).await;
    world.checks.note("RBAC is enough and least: what is granted is what is asked for", outcome);

    for role in &roles {
        for (right, index) in rights(&role.object) {
            let (group, resource, verb) = &right;
            let outcome = denied(world, role, &right, index).await;
            let group = if group.is_empty() { "core" } else { group };
            world.checks.note(&format!("RBAC without {verb} of {group}/{resource}: it shows"), outcome);
            put(world, role, &role.object).await?;
            // Whoever is allowed again publishes what is missing, once the Lease of the dead is over.
            until("the webhook is called again", Duration::from_secs(60), async || {
                Ok(world.ready().await.is_ok().then_some(()))
            })
            .await?;
        }
    }
    restart(world, true).await?;
    let back = async {
        world.settled().await?;
        world.ready().await
    };
    let outcome = back.await.map(|()| "with all rights again, all is well".to_owned());
    world.checks.note("RBAC: the webhook recovers when its rights come back", outcome);
    Ok(())
}

/// The roles that the release made.
async fn roles(world: &World) -> Result<Vec<Role>, String> {
    let version = "/apis/rbac.authorization.k8s.io/v1";
    let mut found = Vec::new();
    for collection in [format!("{version}/clusterroles"), format!("{version}/namespaces/{NAMESPACE}/roles")] {
        for mut object in world.own(&collection).await? {
            let name = object["metadata"]["name"].as_str().unwrap_or_default().to_owned();
            if let Some(metadata) = object["metadata"].as_object_mut() {
                metadata
                    .retain(|key, _| ["name", "namespace", "labels", "annotations"].contains(&key.as_str()));
            }
            object["apiVersion"] = json!("rbac.authorization.k8s.io/v1");
            object["kind"] = json!(if collection.contains("/namespaces/") { "Role" } else { "ClusterRole" });
            found.push(Role { path: format!("{collection}/{name}"), object });
        }
    }
    if found.is_empty() { Err("the release has no roles".into()) } else { Ok(found) }
}

/// Every right of a role, with the number of its rule.
fn rights(role: &Value) -> Vec<(Right, usize)> {
    let words = |value: &Value| -> Vec<String> {
        value.as_array().into_iter().flatten().filter_map(|word| word.as_str().map(str::to_owned)).collect()
    };
    let mut all = Vec::new();
    for (index, rule) in role["rules"].as_array().into_iter().flatten().enumerate() {
        for group in words(&rule["apiGroups"]) {
            for resource in words(&rule["resources"]) {
                for verb in words(&rule["verbs"]) {
                    all.push(((group.clone(), resource.clone(), verb), index));
                }
            }
        }
    }
    all
}

async fn least(world: &World, skip: usize, account: &str, granted: &BTreeSet<Right>) -> Outcome {
    until("every right is used", Duration::from_secs(15), async || {
        let events = audit::events(&world.audit);
        let asked = audit::asked(events.get(skip..).unwrap_or_default(), account);
        let refused: Vec<_> =
            asked.iter().filter(|(_, (_, refused))| *refused > 0).map(|(right, _)| right).collect();
        let used: BTreeSet<Right> = asked.keys().cloned().collect();
        let idle: Vec<&Right> = granted.difference(&used).collect();
        if refused.is_empty() && idle.is_empty() {
            Ok(Some(format!("{} rights granted, each was used, nothing was refused", granted.len())))
        } else {
            Err(format!("granted and not used: {idle:?}; asked for and refused: {refused:?}"))
        }
    })
    .await
}

/// Puts a role as it is given.
async fn put(world: &World, role: &Role, object: &Value) -> Result<(), String> {
    let answer = world.api.merge(&role.path, &json!({ "rules": object["rules"] })).await?;
    if answer.accepted() { Ok(()) } else { Err(answer.message()) }
}

/// Starts all processes anew; with `fresh` the certificates too.
async fn restart(world: &World, fresh: bool) -> Result<(), String> {
    world.kubelet.fault(Fault::Dead { noticed: true });
    until("the processes end", Duration::from_secs(5), async || {
        let running = world.replicas().await?.iter().any(|replica| replica.state().pid.is_some());
        Ok((!running).then_some(()))
    })
    .await?;
    if fresh {
        for secret in world.own(&format!("/api/v1/namespaces/{NAMESPACE}/secrets")).await? {
            let name = secret["metadata"]["name"].as_str().unwrap_or_default();
            world
                .api
                .merge(&format!("/api/v1/namespaces/{NAMESPACE}/secrets/{name}"), &json!({ "data": null }))
                .await?;
        }
        for lease in world.own(&format!("/apis/coordination.k8s.io/v1/namespaces/{NAMESPACE}/leases")).await?
        {
            let name = lease["metadata"]["name"].as_str().unwrap_or_default();
            let path = format!("/apis/coordination.k8s.io/v1/namespaces/{NAMESPACE}/leases/{name}");
            world.api.merge(&path, &json!({ "spec": null })).await?;
        }
        let configuration = world.configuration().await?;
        let name = configuration["metadata"]["name"].as_str().unwrap_or_default();
        let mut webhooks = configuration["webhooks"].clone();
        for webhook in webhooks.as_array_mut().into_iter().flatten() {
            webhook["clientConfig"]["caBundle"] = Value::Null;
        }
        let path = format!("/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/{name}");
        world.api.merge(&path, &json!({ "webhooks": webhooks })).await?;
    }
    world.kubelet.fault(Fault::None);
    Ok(())
}

/// Takes one right away, starts anew, and looks where it is missed: in the log, and in what reviews and /readyz say.
async fn denied(world: &World, role: &Role, right: &Right, index: usize) -> Outcome {
    let (_, resource, verb) = right;
    let mut without = role.object.clone();
    let mut rule = without["rules"][index].clone();
    // The rule without the resource, and the resource without the verb.
    let keep = |list: &Value, word: &str| -> Value {
        list.as_array().into_iter().flatten().filter(|one| *one != word).cloned().collect::<Vec<_>>().into()
    };
    let mut alone = rule.clone();
    alone["resources"] = json!([resource]);
    alone["verbs"] = keep(&rule["verbs"], verb);
    rule["resources"] = keep(&rule["resources"], resource);
    let mut rules = without["rules"].as_array().cloned().unwrap_or_default();
    rules[index] = rule;
    rules.push(alone);
    rules.retain(|rule| rule["resources"] != json!([]) && rule["verbs"] != json!([]));
    without["rules"] = rules.into();
    put(world, role, &without).await?;

    let marks: Vec<(String, usize)> =
        world.replicas().await?.iter().map(|replica| (replica.name.clone(), replica.log().len())).collect();
    let managed = ["secrets", "leases", "validatingwebhookconfigurations"].contains(&resource.as_str());
    restart(world, managed).await?;
    let said = until("it shows in the log", SEEN, async || {
        for replica in world.replicas().await? {
            let from = marks.iter().find(|(name, _)| *name == replica.name).map_or(0, |(_, length)| *length);
            let log = replica.log();
            let line = log.get(from..).unwrap_or_default().lines().find(|line| {
                let line = line.to_lowercase();
                line.contains("forbidden")
                    && (line.contains(resource.as_str()) || line.contains(resource.trim_end_matches('s')))
            });
            if let Some(line) = line {
                return Ok(Some(line.to_owned()));
            }
        }
        Ok(None)
    })
    .await;
    if managed {
        return said.map(|line| format!("{line:.220}"));
    }
    // A review must be answered all the same, in time.
    let start = Instant::now();
    let answered = until("a review is answered", Duration::from_secs(20), async || {
        let answer = world.dry_run(&daemon_set("cold")).await?;
        let heard = answer.accepted() && !answer.warnings.is_empty();
        if heard { Ok(Some(answer.warnings)) } else { Err(format!("{} {:?}", answer.code, answer.warnings)) }
    })
    .await?;
    let took = start.elapsed().as_millis();
    let page = match world.replicas().await?.first() {
        Some(replica) => replica
            .page(OPS, "/readyz")
            .await
            .map(|(code, text)| format!("{code} {}", text.trim().replace('\n', "; "))),
        None => Err("no replica".into()),
    };
    let line = said.map_err(|error| format!("{error}; a review says {answered:?}, /readyz {page:?}"))?;
    Ok(format!(
        "a review says {:?} after {took} ms; /readyz {page:?}; log: {line:.160}",
        answered.first().map(|warning| warning.chars().take(160).collect::<String>())
    ))
}
