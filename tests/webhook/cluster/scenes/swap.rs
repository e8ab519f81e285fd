//! Certificates that users bring: swapped under load as the kubelet does it, with a warning before they expire.

use std::time::{Duration, Instant};

use rustls::version::TLS13;
use serde_json::{Value, json};

use super::rollout::{finish, lossless, own_certificates, start};
use crate::api::{sum, until};
use crate::authority::Authority;
use crate::check::Outcome;
use crate::tls::shake;
use crate::world::{NAMESPACE, OPS, RELEASE, REVIEWS, World};

const SECRET: &str = "brought";

/// Plays it.
pub async fn play(world: &mut World) -> Result<(), String> {
    let namespace = json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": NAMESPACE } });
    world.api.create("/api/v1/namespaces", &namespace).await?;
    let authority = Authority::make()?;
    let name = format!("{RELEASE}.{NAMESPACE}.svc");
    let (secret, _) = authority.secret(SECRET, &name, 3_600)?;
    world.api.create(&format!("/api/v1/namespaces/{NAMESPACE}/secrets"), &secret).await?;
    world.install(&own_certificates(SECRET, &authority.pem)).await?;
    world.settled().await?;
    let before = world.failed_calls().await?;

    let load = start(world).await;
    let mut swaps = Vec::new();
    for _ in 0..2 {
        let (secret, _) = authority.secret(SECRET, &name, 3_600)?;
        swaps.push(swap(world, &name, &secret).await);
        tokio::time::sleep(Duration::from_secs(2)).await;
    }
    let report = finish(load).await;
    for (number, swap) in swaps.into_iter().enumerate() {
        world.checks.note(
            &format!(
                "4 swap {} of ..data under load: every replica serves the new serial within 10 s",
                number + 1
            ),
            swap,
        );
    }
    world.checks.note("4 two swaps of ..data under load: no failed review", lossless(&report, Ok(())));
    let after = world.failed_calls().await?;
    world.checks.hold(
        "4 the API server counts no failed call",
        after == before,
        format!("{before:?} -> {after:?}"),
    );

    let (secret, not_after) = authority.secret(SECRET, &name, 75)?;
    let outcome = expiry(world, &name, &secret, not_after).await;
    world.checks.note("5 the expiry is a gauge, and a replica is unready before NotAfter", outcome);
    Ok(())
}

/// Replaces the Secret; the kubelet swaps the mounted folders.
async fn swap(world: &World, name: &str, secret: &Value) -> Outcome {
    let replicas = world.replicas().await?;
    let mut old = Vec::new();
    for replica in &replicas {
        old.push(shake(replica.at(REVIEWS)?, name, None, &[&TLS13]).await?.serial);
    }
    let path = format!("/api/v1/namespaces/{NAMESPACE}/secrets/{SECRET}");
    let changed = Instant::now();
    let answer = world.api.merge(&path, &json!({ "data": secret["data"] })).await?;
    if !answer.accepted() {
        return Err(answer.message());
    }
    let mut seconds = Vec::new();
    for (replica, old) in replicas.iter().zip(&old) {
        let at = replica.at(REVIEWS)?;
        until(&format!("{} serves another serial", replica.name), Duration::from_secs(12), async || {
            Ok((shake(at, name, None, &[&TLS13]).await?.serial != *old).then_some(()))
        })
        .await?;
        seconds.push(format!("{:.1} s", changed.elapsed().as_secs_f64()));
    }
    if changed.elapsed() > Duration::from_secs(10) {
        return Err(format!("{seconds:?}"));
    }
    Ok(format!(
        "after {} from the change of the Secret (of which the kubelet's stand-in takes up to 1.1 s)",
        seconds.join(", ")
    ))
}

async fn expiry(world: &World, name: &str, secret: &Value, not_after: i64) -> Outcome {
    swap(world, name, secret).await?;
    let replica = world.replicas().await?.into_iter().next().ok_or("no replica")?;
    let now = || time::OffsetDateTime::now_utc().unix_timestamp();
    let gauge =
        sum(&replica.page(OPS, "/metrics").await?.1, "daemonset_webhook_certificate_not_after_seconds", &[]);
    #[allow(clippy::cast_precision_loss)]
    let wanted = not_after as f64;
    if (gauge - wanted).abs() > 1.5 {
        return Err(format!("the gauge says {gauge}, the certificate {not_after}"));
    }
    let mut was_ready = false;
    loop {
        let (status, text) = replica.page(OPS, "/readyz").await?;
        let left = not_after - now();
        was_ready |= status == 200;
        if status != 200 {
            let text = text.trim().replace('\n', "; ");
            return if left > 0 && was_ready {
                Ok(format!("gauge {gauge:.0} = NotAfter; /readyz {status} {left} s before it: {text}"))
            } else {
                Err(format!("unready {left} s before NotAfter, ready before: {was_ready}: {text}"))
            };
        }
        if left < -3 {
            return Err("it is ready with a certificate that has ended".into());
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}
