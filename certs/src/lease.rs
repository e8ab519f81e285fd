//! The Lease that lets one replica at a time rotate certificates. It only saves duplicate work: [`crate::rotation`] stays correct when two
//! replicas believe that they hold the Lease.
//!
//! As in k8s.io/client-go/tools/leaderelection, a Lease has expired when this process has not seen it change for its duration, by the
//! clock of this process. The timestamps in the Lease are not used.

use std::time::Duration;

use k8s_openapi::api::coordination::v1::{Lease as Object, LeaseSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::MicroTime;
use k8s_openapi::jiff::Timestamp;
use kube::Client;
use kube::api::{Api, ObjectMeta, Patch, PatchParams, PostParams};
use serde_json::json;
use tokio::time::Instant;

use crate::cluster::{Failure, FailureKind, MANAGER, call};

/// A Lease, and what this process has observed of it.
pub(crate) struct Lease {
    api: Api<Object>,
    name: String,
    identity: String,
    duration: Duration,
    /// When this process last renewed it, while this process holds it.
    renewed: Option<Instant>,
    /// While another process holds it: its resource version, and when this version was first seen.
    observed: Option<(String, Instant)>,
}

impl Lease {
    pub(crate) fn new(
        client: &Client,
        namespace: &str,
        name: &str,
        identity: &str,
        duration: Duration,
    ) -> Lease {
        Lease {
            api: Api::namespaced(client.clone(), namespace),
            name: name.to_owned(),
            identity: identity.to_owned(),
            duration,
            renewed: None,
            observed: None,
        }
    }

    /// Takes or renews the Lease. Returns whether this process holds it now.
    ///
    /// # Errors
    ///
    /// [`Failure`] if a call to the API server fails.
    pub(crate) async fn hold(&mut self) -> Result<bool, Failure> {
        let fresh = self.duration.checked_div(3).unwrap_or_default();
        if self.renewed.is_some_and(|renewed| renewed.elapsed() < fresh) {
            return Ok(true);
        }
        let asked = Instant::now();
        let what = self.what();
        let held = match call("get", &what, self.api.get_opt(&self.name)).await? {
            None => self.create(&what).await?,
            Some(found) if self.is_available(&found) => self.take(&what, &found).await?,
            Some(_) => false,
        };
        self.renewed = held.then_some(asked);
        Ok(held)
    }

    /// Releases the Lease, if this process holds it, so that the next holder need not wait.
    ///
    /// # Errors
    ///
    /// [`Failure`] if a call to the API server fails.
    pub(crate) async fn release(&mut self) -> Result<(), Failure> {
        if self.renewed.take().is_none() {
            return Ok(());
        }
        let what = self.what();
        let Some(found) = call("get", &what, self.api.get_opt(&self.name)).await? else { return Ok(()) };
        let version = found.metadata.resource_version.clone();
        if found.spec.and_then(|spec| spec.holder_identity).as_deref() != Some(self.identity.as_str()) {
            return Ok(());
        }
        let patch = json!({
            "metadata": { "resourceVersion": version },
            "spec": { "holderIdentity": "", "leaseDurationSeconds": 1, "renewTime": MicroTime(Timestamp::now()) },
        });
        match self.patch(&what, patch).await {
            Err(Failure { kind: FailureKind::Conflict, .. }) => Ok(()),
            other => other,
        }
    }

    fn what(&self) -> String {
        format!("Lease {}", self.name)
    }

    /// Whether this process may take it: it has no holder, this process holds it, or it has expired.
    fn is_available(&mut self, found: &Object) -> bool {
        let spec = found.spec.clone().unwrap_or_default();
        let holder = spec.holder_identity.unwrap_or_default();
        if holder.is_empty() || holder == self.identity {
            return true;
        }
        let version = found.metadata.resource_version.clone().unwrap_or_default();
        let seconds = spec.lease_duration_seconds.and_then(|seconds| u64::try_from(seconds).ok());
        match &self.observed {
            Some((seen, since)) if *seen == version => {
                since.elapsed() >= seconds.map_or(self.duration, Duration::from_secs)
            }
            _ => {
                self.observed = Some((version, Instant::now()));
                false
            }
        }
    }

    async fn take(&mut self, what: &str, found: &Object) -> Result<bool, Failure> {
        let spec = found.spec.clone().unwrap_or_default();
        let now = MicroTime(Timestamp::now());
        let ours = if spec.holder_identity.as_deref() == Some(self.identity.as_str()) {
            json!({ "renewTime": now, "leaseDurationSeconds": self.seconds() })
        } else {
            json!({
                "holderIdentity": self.identity,
                "leaseDurationSeconds": self.seconds(),
                "acquireTime": now,
                "renewTime": now,
                "leaseTransitions": spec.lease_transitions.unwrap_or(0).saturating_add(1),
            })
        };
        let patch =
            json!({ "metadata": { "resourceVersion": found.metadata.resource_version }, "spec": ours });
        match self.patch(what, patch).await {
            Ok(()) => Ok(true),
            Err(Failure { kind: FailureKind::Conflict, .. }) => Ok(false),
            Err(failure) => Err(failure),
        }
    }

    async fn create(&self, what: &str) -> Result<bool, Failure> {
        let now = MicroTime(Timestamp::now());
        let lease = Object {
            metadata: ObjectMeta { name: Some(self.name.clone()), ..ObjectMeta::default() },
            spec: Some(LeaseSpec {
                holder_identity: Some(self.identity.clone()),
                lease_duration_seconds: Some(self.seconds()),
                acquire_time: Some(now.clone()),
                renew_time: Some(now),
                lease_transitions: Some(0),
                ..LeaseSpec::default()
            }),
        };
        let parameters = PostParams { field_manager: Some(MANAGER.to_owned()), ..PostParams::default() };
        match call("create", what, self.api.create(&parameters, &lease)).await {
            Ok(_) => Ok(true),
            Err(Failure { kind: FailureKind::Conflict, .. }) => Ok(false),
            Err(failure) => Err(failure),
        }
    }

    async fn patch(&self, what: &str, patch: serde_json::Value) -> Result<(), Failure> {
        let parameters = PatchParams { field_manager: Some(MANAGER.to_owned()), ..PatchParams::default() };
        call("patch", what, self.api.patch(&self.name, &parameters, &Patch::Merge(patch))).await.map(|_| ())
    }

    fn seconds(&self) -> i32 {
        i32::try_from(self.duration.as_secs().max(1)).unwrap_or(i32::MAX)
    }
}
