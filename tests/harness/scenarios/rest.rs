//! Waits until the real controller and scheduler have nothing more to do for a DaemonSet, and reads what they did.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::objects::Objects;
use super::placement::{Place, Placement};
use super::sentence::about_this_node;

/// They need about a second for a few dozen nodes; a busy machine gets more.
const AT_REST: Duration = Duration::from_secs(45);

/// As long nothing may change for it to be called rest.
const STILL: Duration = Duration::from_millis(250);

/// Creates the DaemonSet, unless it is there already, and waits until each of its pods is bound or found unschedulable.
///
/// # Errors
///
/// Where the server fails, or where it does not come to rest.
pub fn place(objects: &mut Objects<'_>, daemon_set: &Value) -> Result<Placement, String> {
    let name = daemon_set["metadata"]["name"].as_str().unwrap_or_default();
    let namespace = daemon_set["metadata"]["namespace"].as_str().unwrap_or("default");
    let mut placement = Placement {
        daemon_set: format!("{namespace}/{name}"),
        rejected: false,
        desired: 0,
        nodes: BTreeMap::new(),
        preempted: BTreeMap::new(),
    };
    if objects.get(daemon_set)?.is_none() && !objects.create_daemon_set(daemon_set)? {
        placement.rejected = true;
        return Ok(placement);
    }
    let start = Instant::now();
    let mut still_since = Instant::now();
    let mut last = Err("nothing was read".to_owned());
    loop {
        let now = look(objects, daemon_set, &placement)?;
        if now != last {
            still_since = Instant::now();
            last = now;
        } else if let Ok(placement) = &last
            && still_since.elapsed() >= STILL
        {
            return Ok(placement.clone());
        }
        if start.elapsed() > AT_REST {
            return match last {
                Ok(_) => Err(format!("{namespace}/{name} does not come to rest")),
                Err(waits) => Err(format!("{namespace}/{name} does not come to rest: {waits}")),
            };
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// One look: the placement, or what is still to be waited for.
fn look(
    objects: &Objects<'_>,
    daemon_set: &Value,
    empty: &Placement,
) -> Result<Result<Placement, String>, String> {
    let Some(stored) = objects.get(daemon_set)? else { return Ok(Err("it is gone".into())) };
    let number = |value: &Value| value.as_u64().unwrap_or(0);
    if number(&stored["status"]["observedGeneration"]) < number(&stored["metadata"]["generation"]) {
        return Ok(Err("the controller has not seen it".into()));
    }
    let mut placement = empty.clone();
    placement.desired = number(&stored["status"]["desiredNumberScheduled"]);
    let nodes = objects.list("v1", "Node")?;
    for node in &nodes {
        placement.nodes.insert(word(&node["metadata"]["name"]), Place::NotWanted);
    }
    let (all, uid) = (objects.list("v1", "Pod")?, &stored["metadata"]["uid"]);
    let own = |pod: &&Value| {
        pod["metadata"]["ownerReferences"]
            .as_array()
            .is_some_and(|owners| owners.iter().any(|owner| owner["uid"] == *uid))
    };
    let mut pods = 0;
    for pod in all.iter().filter(own) {
        pods += 1;
        let target = target(pod);
        let place = if pod["spec"]["nodeName"].is_string() {
            Place::Runs
        } else {
            let Some(message) = unschedulable(pod) else {
                return Ok(Err(format!("the pod for {target} is neither bound nor unschedulable")));
            };
            if pod["status"]["nominatedNodeName"].is_string() {
                placement.preempted.insert(target.clone(), victims(&all, &target));
            }
            // The pod's own name is another one in every run.
            let message = message.replace(&word(&pod["metadata"]["name"]), "POD");
            Place::Pending(about_this_node(&message, nodes.len()))
        };
        placement.nodes.insert(target, place);
    }
    if pods != placement.desired {
        return Ok(Err(format!("{pods} pods of {}", placement.desired)));
    }
    Ok(Ok(placement))
}

/// The node that a daemon pod is for.
fn target(pod: &Value) -> String {
    let terms = &pod["spec"]["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]["nodeSelectorTerms"];
    let pinned = &terms[0]["matchFields"][0]["values"][0];
    word(if pinned.is_string() { pinned } else { &pod["spec"]["nodeName"] })
}

/// The scheduler's message, where it found no place.
fn unschedulable(pod: &Value) -> Option<&str> {
    let conditions = pod["status"]["conditions"].as_array()?;
    let condition = conditions
        .iter()
        .find(|condition| condition["type"] == "PodScheduled" && condition["status"] == "False")?;
    condition["message"].as_str()
}

/// The pods of a node that are on their way out.
fn victims(pods: &[Value], node: &str) -> Vec<String> {
    let leaving = pods
        .iter()
        .filter(|pod| pod["spec"]["nodeName"] == node && pod["metadata"]["deletionTimestamp"].is_string());
    let mut names: Vec<_> = leaving
        .map(|pod| format!("{}/{}", word(&pod["metadata"]["namespace"]), word(&pod["metadata"]["name"])))
        .collect();
    names.sort();
    names
}

fn word(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
