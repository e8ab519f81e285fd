//! Mutual TLS: the API server shows a certificate that its admission configuration names, and the webhook serves nobody else.

use std::time::Duration;

use daemonset_tests::http_client::Connection;
use rustls::version::TLS13;
use serde_json::{Value, json};

use super::rollout::{finish, lossless};
use crate::api::until;
use crate::authority::Authority;
use crate::check::Outcome;
use crate::load::{Load, daemon_set};
use crate::shown::{NAME, show};
use crate::tls::{connect, post};
use crate::world::{NAMESPACE, World};

/// The ConfigMap with the CAs of clients.
const CAS: &str = "client-cas";

/// Plays it.
pub async fn play(world: &mut World) -> Result<(), String> {
    let namespace = json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": NAMESPACE } });
    world.api.create("/api/v1/namespaces", &namespace).await?;
    let (old, new, strange) = (Authority::make()?, Authority::make()?, Authority::make()?);
    show(&world.folder, &old, NAME)?;
    let cas = json!({
        "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": CAS }, "data": { "ca.crt": old.pem },
    });
    world.api.create(&format!("/api/v1/namespaces/{NAMESPACE}/configmaps"), &cas).await?;
    world.install(&values("Fail")).await?;
    world.settled().await?;
    let outcome = decided(world).await;
    world.checks.note("mutual TLS: with the right certificate reviews are decided", outcome);
    let outcome = bare(world).await;
    world.checks.note("mutual TLS: a client without a certificate is refused at the handshake", outcome);
    let outcome = rotation(world, &old, &new).await;
    world.checks.note("mutual TLS: the CA of clients is rotated under load, and no review fails", outcome);

    world.upgrade(&values("Ignore")).await?;
    world.settled().await?;
    for (reason, authority, name) in
        [("client-certificate", &strange, NAME), ("client-name", &new, "somebody-else")]
    {
        show(&world.folder, authority, name)?;
        let outcome = refused(world, reason).await;
        world.checks.note(
            &format!("mutual TLS: a wrong certificate ({reason}) is refused, failurePolicy Ignore accepts, and it is counted"),
            outcome,
        );
        show(&world.folder, &new, NAME)?;
        let outcome = world.ready().await.map(|()| "called again".to_owned());
        world.checks.note("mutual TLS: with the right certificate again reviews are decided", outcome);
    }
    Ok(())
}

fn values(failure_policy: &str) -> Value {
    json!({
        "webhook": { "failurePolicy": failure_policy },
        "clientCA": { "configMap": CAS, "names": [NAME] },
    })
}

async fn decided(world: &World) -> Outcome {
    let before = world.metric("daemonset_webhook_reviews_total", &[]).await?;
    let answer = world.dry_run(&daemon_set("shown")).await?;
    let reviews = world.metric("daemonset_webhook_reviews_total", &[]).await? - before;
    if answer.accepted() && !answer.warnings.is_empty() && reviews > 0.5 {
        Ok(format!("{reviews} review, {:?}", answer.warnings))
    } else {
        Err(format!("{} {:?}, {reviews} reviews", answer.code, answer.warnings))
    }
}

/// With TLS 1.3 the client's side of the handshake ends before the server looks at the certificate, so the refusal comes with the first read.
async fn bare(world: &World) -> Outcome {
    let (service, address) = world.service().await?;
    let name = format!("{service}.{NAMESPACE}.svc");
    let count = async || {
        world
            .metric("daemonset_webhook_handshake_failures_total", &["reason=\"no-client-certificate\""])
            .await
    };
    let before = count().await?;
    let asked = async {
        let mut connection = Connection::open(connect(address, &name, None, &[&TLS13]).await?).await?;
        post(&mut connection, "/validate?timeout=3s", "{}").await
    };
    let asked = asked.await;
    let counted = count().await? - before;
    match asked {
        Err(error) if counted > 0.5 => Ok(format!("{error}; {counted} counted")),
        answer => Err(format!("{answer:?}; {counted} counted")),
    }
}

/// Both CAs are trusted, then the API server's certificate is replaced, then the old CA is removed. At the first handshake with a new
/// certificate client-go closes all other connections, also those with a call under way: these calls may fail, and no others.
///
/// Upstream: `client-go/transport.dynamicClientCert.loadClientCert`.
async fn rotation(world: &World, old: &Authority, new: &Authority) -> Outcome {
    let load = Load::start(&world.doors, 8, 40, "load").await;
    let rotated = rotate(world, old, new).await;
    let mut report = finish(load).await;
    let cut = |said: &String| said.contains("use of closed network connection");
    let by_api_server: usize =
        report.refused.iter().filter(|(said, _)| cut(said)).map(|(_, count)| count).sum();
    report.refused.retain(|said, _| !cut(said));
    let line = lossless(&report, rotated)?;
    if by_api_server > 8 {
        return Err(format!("{line}; {by_api_server} were cut off by the API server, of at most 8 at once"));
    }
    Ok(format!("{line}; {by_api_server} were cut off by the API server when its certificate changed"))
}

async fn rotate(world: &World, old: &Authority, new: &Authority) -> Result<(), String> {
    trust(world, &format!("{}{}", old.pem, new.pem), 2).await?;
    show(&world.folder, new, NAME)?;
    // New connections show the new certificate; those to the old replicas end with them.
    replace(world).await?;
    trust(world, &new.pem, 1).await?;
    // New connections are made under the new CA alone.
    restart(world).await
}

/// Replaces all replicas, so that all connections end.
async fn replace(world: &World) -> Result<(), String> {
    let restarted = world.kubectl(&["rollout", "restart", "deployment", "-n", NAMESPACE]).await?;
    if restarted.code != 0 {
        return Err(restarted.stderr);
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    let status =
        world.kubectl(&["rollout", "status", "deployment", "-n", NAMESPACE, "--timeout=90s"]).await?;
    if status.code != 0 {
        return Err(status.stderr);
    }
    world.settled().await.map(|_| ())
}

/// Ends one replica, so that its connections end, and waits until it is back.
async fn restart(world: &World) -> Result<(), String> {
    let replica = world.settled().await?.into_iter().next().ok_or("no replica")?;
    let before = replica.state().restarts;
    replica.signal("TERM").await?;
    until("the replica is started again", Duration::from_secs(60), async || {
        Ok((replica.state().restarts > before).then_some(()))
    })
    .await?;
    world.settled().await.map(|_| ())
}

/// Changes the ConfigMap, and waits until every replica uses it.
async fn trust(world: &World, pem: &str, count: usize) -> Result<(), String> {
    let path = format!("/api/v1/namespaces/{NAMESPACE}/configmaps/{CAS}");
    let answer = world.api.merge(&path, &json!({ "data": { "ca.crt": pem } })).await?;
    if !answer.accepted() {
        return Err(answer.message());
    }
    let wanted = format!("\"count\":{count},");
    until("every replica uses the CAs", Duration::from_secs(20), async || {
        let replicas = world.replicas().await?;
        let used = |log: String| {
            let line =
                log.lines().rfind(|line| line.contains("the CA certificates of clients are in use"))?;
            Some(format!("{line},").contains(&wanted) || line.contains(&wanted.replace(',', "}")))
        };
        let all = replicas.iter().all(|replica| used(replica.log()).unwrap_or_default());
        Ok(all.then_some(()))
    })
    .await
}

/// The API server shows a wrong certificate on new connections.
async fn refused(world: &World, reason: &str) -> Outcome {
    replace(world).await?;
    let label = format!("reason=\"{reason}\"");
    let count = async || world.metric("daemonset_webhook_handshake_failures_total", &[&label]).await;
    let (open, before) = (world.failed_calls().await?.0, count().await?);
    // Connections from before the change may serve some more.
    until("the API server fails open, and the webhook counts it", Duration::from_secs(30), async || {
        let answer = world.dry_run(&daemon_set("hidden")).await?;
        let (opened, counted) = (world.failed_calls().await?.0 - open, count().await? - before);
        let log: String = world.replicas().await?.iter().map(|replica| replica.log()).collect();
        let said = log.lines().rfind(|line| line.contains(&format!("\"reason\":\"{reason}\"")));
        let seen = format!(
            "{} {:?}; failed open {opened} times, {counted} handshakes counted; {said:?}",
            answer.code, answer.warnings
        );
        if answer.accepted() && answer.warnings.is_empty() && opened > 0.5 && counted > 0.5 && said.is_some()
        {
            Ok(Some(seen))
        } else {
            Err(seen)
        }
    })
    .await
}
