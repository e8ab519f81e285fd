//! Managed certificates: three racing replicas rotate the authority in two phases, under load.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use daemonset_tests::http_client::Connection;
use rustls::version::TLS13;
use serde_json::json;

use super::rollout::{finish, lossless, start};
use crate::load::daemon_set;
use crate::tls::{connect, post, shake};
use crate::world::{NAMESPACE, REVIEWS, TRIED, World};

/// As long as it may take until the authority has changed twice.
const LONGEST: Duration = Duration::from_secs(150);

/// What was seen of certificates.
#[derive(Default)]
struct Seen {
    samples: usize,
    bundles: BTreeSet<String>,
    authorities: BTreeSet<String>,
    serials: BTreeSet<String>,
    most: usize,
    faults: Vec<String>,
}

/// Plays it. A certificate that ends within a minute makes its replica unready, so all of them live longer, and are renewed early.
pub async fn play(world: &mut World) -> Result<(), String> {
    world
        .install(&json!({
            "replicas": 3,
            "webhook": { "failurePolicy": "Fail" },
            "certificates": { "managed": {
                "caLifetime": "95s", "certificateLifetime": "90s", "renewBefore": "80s", "propagation": "3s",
            } },
        }))
        .await?;
    world.settled().await?;
    let before = world.failed_calls().await?;
    let (service, _) = world.service().await?;
    let name = format!("{service}.{NAMESPACE}.svc");

    // The API server keeps idle connections for 90 s: one that the webhook ends earlier could end under a review.
    let idle = world.replicas().await?.into_iter().next().ok_or("no replica")?;
    let mut connection = Connection::open(connect(idle.at(REVIEWS)?, &name, None, &[&TLS13]).await?).await?;
    let first = post(&mut connection, "/validate?timeout=3s", &review("first")).await;
    let since = Instant::now();

    let load = start(world).await;
    let stop = Arc::new(AtomicBool::new(false));
    let sampled = sample(world, &name, &stop);
    let seen = sampled.await?;
    stop.store(true, Ordering::Relaxed);
    let report = finish(load).await;
    world.checks.note(
        "6 rotation of the authority under load, three replicas: no failed review",
        lossless(&report, Ok(())),
    );
    let evidence = format!(
        "{} samples: {} authorities, {} leaves, at most {} authorities at once in the bundle, {} bundles",
        seen.samples,
        seen.authorities.len(),
        seen.serials.len(),
        seen.most,
        seen.bundles.len()
    );
    world.checks.hold(
        "6 the authority was rotated, in two phases",
        seen.authorities.len() >= 3 && seen.most >= 2,
        evidence.clone(),
    );
    world.checks.hold(
        "6 the bundle trusts every served leaf at all times",
        seen.faults.is_empty() && seen.samples > 50,
        if seen.faults.is_empty() {
            evidence
        } else {
            format!("{}; {}", seen.faults.len(), seen.faults.join("; "))
        },
    );
    let after = world.failed_calls().await?;
    world.checks.hold(
        "6 the API server counts no failed call",
        after == before,
        format!("{before:?} -> {after:?}"),
    );
    tokio::time::sleep(Duration::from_secs(91).saturating_sub(since.elapsed())).await;
    let second = post(&mut connection, "/validate?timeout=3s", &review("second")).await;
    let seconds = since.elapsed().as_secs_f64();
    world.checks.note(
        "8 an idle connection lives longer than the API server's 90 s",
        match (first, second) {
            (Ok((200, _)), Ok((200, body))) if body.contains("second") => {
                Ok(format!("answered after {seconds:.0} s of silence"))
            }
            (first, second) => Err(format!("{first:?}, after {seconds:.0} s {second:?}")),
        },
    );
    let restarts: Vec<u32> = world.replicas().await?.iter().map(|replica| replica.state().restarts).collect();
    world.checks.hold(
        "6 no replica was started again",
        restarts.iter().all(|count| *count == 0),
        format!("{restarts:?}"),
    );
    Ok(())
}

/// A review that we send ourselves.
fn review(uid: &str) -> String {
    json!({
        "apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview",
        "request": {
            "uid": uid, "kind": { "group": "apps", "version": "v1", "kind": "DaemonSet" },
            "resource": { "group": "apps", "version": "v1", "resource": "daemonsets" },
            "operation": "CREATE", "namespace": TRIED, "userInfo": {}, "object": daemon_set(uid), "oldObject": null,
        },
    })
    .to_string()
}

/// Looks at every replica's leaf between two looks at the bundle: both bundles must trust it, the one before because it has to be out
/// before a leaf needs it, the one behind because it may go only when no leaf needs it any more.
async fn sample(world: &World, name: &str, stop: &AtomicBool) -> Result<Seen, String> {
    let mut seen = Seen::default();
    let start = Instant::now();
    while !stop.load(Ordering::Relaxed) && start.elapsed() < LONGEST {
        for replica in world.replicas().await?.iter().filter(|replica| replica.state().ready) {
            let at = replica.at(REVIEWS)?;
            let before = world.bundle().await?;
            let old = shake(at, name, Some(&before), &[&TLS13]).await;
            let bare = shake(at, name, None, &[&TLS13]).await;
            let after = world.bundle().await?;
            let new = shake(at, name, Some(&after), &[&TLS13]).await;
            seen.samples += 1;
            for (which, shaken) in [("before", &old), ("after", &new)] {
                if let Err(error) = shaken {
                    let seconds = start.elapsed().as_secs_f64();
                    seen.faults.push(format!("{seconds:.1} s {}: the bundle {which}: {error}", replica.name));
                }
            }
            seen.serials.extend(bare.map(|leaf| leaf.serial).ok());
            for bundle in [before, after] {
                let authorities: Vec<String> = bundle
                    .split_inclusive("-----END CERTIFICATE-----")
                    .map(|text| text.trim().to_owned())
                    .filter(|text| !text.is_empty())
                    .collect();
                seen.most = seen.most.max(authorities.len());
                seen.authorities.extend(authorities);
                seen.bundles.insert(bundle);
            }
        }
        if seen.authorities.len() >= 4 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(150)).await;
    }
    Ok(seen)
}
