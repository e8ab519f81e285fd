//! How many pods the quotas of a namespace take: the server's answer and ours.

use daemonset_validation::Server;
use daemonset_validation::admission::quota::{Room, room};
use daemonset_validation::admission::{Pod, Refusal};
use k8s_openapi::api::core::v1::{PodSpec, ResourceQuota};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::admission::quota_cases::{quota, spec};
use crate::random::Random;

/// Up to how many pods are created.
const MOST: usize = 40;

/// A pod, the quotas of its namespace, and how many such pods are created.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Case {
    /// The pod's spec.
    pub spec: Value,
    /// The quotas.
    pub quotas: Vec<Value>,
    /// How many pods are created at most.
    pub most: usize,
}

/// The server's answer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Answer {
    /// How many pods are taken.
    pub taken: usize,
    /// What is said to the next one; empty where all are taken.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub refusal: String,
    /// Why the question could not be answered.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub malformed: String,
    /// Why the server's code failed.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub panic: String,
}

impl Answer {
    /// The answer without the words about the pod's name.
    #[must_use]
    pub fn bare(mut self) -> Self {
        if let Some(rest) = self.refusal.strip_prefix("pods \"a\" is forbidden: ") {
            self.refusal = rest.to_owned();
        }
        self
    }
}

/// The case `number` of the stream `seed`.
pub fn case(seed: u64, number: u64) -> Case {
    let mut random = Random::of_case(seed, number);
    let random = &mut random;
    let spec = spec(random);
    let count = if random.percent(60) { 1 } else { random.below(4) };
    let quotas = ["one", "two", "three"].iter().take(count).map(|name| quota(name, random)).collect();
    Case { spec, quotas, most: 1 + random.below(MOST) }
}

/// The question as the oracle reads it: one line.
pub fn question(number: u64, case: &Case) -> String {
    let pod = json!({ "metadata": { "name": "a", "namespace": "agents" }, "spec": case.spec });
    json!({ "id": number, "pod": pod, "quotas": case.quotas, "most": case.most }).to_string()
}

/// Our answer.
///
/// # Panics
///
/// Where the case is no pod or no quota.
pub fn ours(case: &Case, server: &Server) -> Answer {
    let spec: PodSpec = match serde_json::from_value(case.spec.clone()) {
        Ok(spec) => spec,
        Err(error) => panic!("{error}: {}", case.spec),
    };
    let quotas: Vec<ResourceQuota> = match serde_json::from_value(Value::Array(case.quotas.clone())) {
        Ok(quotas) => quotas,
        Err(error) => panic!("{error}: {:?}", case.quotas),
    };
    let quotas: Vec<&ResourceQuota> = quotas.iter().collect();
    let pod = Pod { namespace: String::from("agents"), spec, ..Pod::default() };
    let after =
        |taken: usize, refusal: Refusal| Answer { taken, refusal: refusal.message, ..Answer::default() };
    let all = Answer { taken: case.most, ..Answer::default() };
    match room(&pod, &quotas, server) {
        Room::Takes(taken, refusal) if taken < case.most => after(taken, refusal),
        Room::Takes(..) | Room::Unlimited => all,
        Room::None(refusal) => after(0, refusal),
    }
}
