//! Waits until the real controller and scheduler have nothing more to do for a DaemonSet, and reads what they did.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::objects::{Judged, Objects};
use super::placement::{Place, Placement};
use super::refusal::{by_admission, sentence};
use super::sentence::about_this_node;

/// They need about a second for a few dozen nodes; a busy machine gets more.
const AT_REST: Duration = Duration::from_secs(45);

/// As long nothing may change for it to be called rest.
const STILL: Duration = Duration::from_millis(250);

/// As long where pods are refused, which the controller tries again ever more seldom: it has then tried eight times.
const STILL_REFUSED: Duration = Duration::from_millis(1500);

/// The DaemonSet that only shows which nodes another one wants.
const TWIN: &str = "twin";

/// How many pods were not stored, and what the server said of them.
type Missing = Option<(usize, String)>;

/// Creates the DaemonSet, unless it is there already, and waits until each of its pods is bound or found unschedulable.
///
/// # Errors
///
/// Where the server fails, or where it does not come to rest.
pub fn place(objects: &mut Objects<'_>, daemon_set: &Value) -> Result<Placement, String> {
    let name = daemon_set["metadata"]["name"].as_str().unwrap_or_default();
    let namespace = daemon_set["metadata"]["namespace"].as_str().unwrap_or("default");
    let mut placement = Placement::new(&format!("{namespace}/{name}"));
    match objects.apply_daemon_set(daemon_set)? {
        Judged::Stored(warnings) => {
            placement.warnings = warnings.into_iter().filter(|warning| by_admission(warning)).collect();
        }
        Judged::Rejected => placement.rejected = true,
        Judged::Refused(message) => {
            placement.rejected = true;
            placement.said = Some(sentence(&message).to_owned());
        }
    }
    if placement.rejected {
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
        } else if let Ok((placement, missing)) = &last
            && still_since.elapsed() >= if missing.is_some() { STILL_REFUSED } else { STILL }
        {
            let mut placement = placement.clone();
            if let Some((count, said)) = missing {
                refused(objects, daemon_set, &mut placement, *count, said)?;
            }
            return Ok(placement);
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
) -> Result<Result<(Placement, Missing), String>, String> {
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
    let leaving: Vec<&Value> =
        all.iter().filter(own).filter(|pod| pod["metadata"]["deletionTimestamp"].is_string()).collect();
    for pod in &leaving {
        // There is no kubelet that would end it.
        objects.end(pod)?;
    }
    if !leaving.is_empty() {
        return Ok(Err("pods of the version before are still there".into()));
    }
    let mut pods = 0;
    for pod in all.iter().filter(own) {
        if stored["status"]["updatedNumberScheduled"] != stored["status"]["currentNumberScheduled"] {
            return Ok(Err("the update goes on".into()));
        }
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
    if pods < placement.desired {
        let said = refusals(objects, uid)?;
        let [said] = said.as_slice() else {
            return Ok(Err(format!("{pods} pods of {}, refused by {said:?}", placement.desired)));
        };
        let missing = usize::try_from(placement.desired.saturating_sub(pods)).unwrap_or(usize::MAX);
        return Ok(Ok((placement, Some((missing, said.clone())))));
    }
    if pods != placement.desired {
        return Ok(Err(format!("{pods} pods of {}", placement.desired)));
    }
    Ok(Ok((placement, None)))
}

/// Writes down which nodes have no pod because it was not stored. No event names them: the nodes are those where a DaemonSet with the same
/// rules, and nothing that the server could refuse, has its pods.
fn refused(
    objects: &mut Objects<'_>,
    daemon_set: &Value,
    placement: &mut Placement,
    count: usize,
    said: &str,
) -> Result<(), String> {
    let spec = &daemon_set["spec"]["template"]["spec"];
    let mut twin = json!({ "containers": [{ "name": "main", "image": "example.com/main:1" }] });
    for key in ["nodeSelector", "affinity", "tolerations", "hostNetwork", "nodeName"] {
        if !spec[key].is_null() {
            twin[key] = spec[key].clone();
        }
    }
    let rules = twin.to_string();
    let wanted = match objects.wanted.get(&rules) {
        // No scenario with refused pods has nodes of its own.
        Some(wanted) => wanted.clone(),
        None => wanted_by(objects, twin)?,
    };
    objects.wanted.insert(rules, wanted.clone());
    if u64::try_from(wanted.len()) != Ok(placement.desired) {
        return Err(format!("{} nodes are wanted, and {} pods desired", wanted.len(), placement.desired));
    }
    let stored = placement.nodes.values().filter(|place| **place != Place::NotWanted).count();
    let place =
        if stored == 0 { Place::Refused(said.to_owned()) } else { Place::Short(count, said.to_owned()) };
    for node in wanted {
        if let Some(Place::Pending(why)) = placement.nodes.get(&node) {
            // Which pods these are would be another thing in each run.
            return Err(format!("the pod for {node} was stored and waits: {why:?}"));
        }
        placement.nodes.insert(node, place.clone());
    }
    Ok(())
}

/// The nodes where a DaemonSet with this template has its pods.
fn wanted_by(objects: &mut Objects<'_>, template: Value) -> Result<Vec<String>, String> {
    let labels = json!({ "app": TWIN });
    let twin = json!({
        "apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": { "namespace": "default", "name": TWIN },
        "spec": {
            "selector": { "matchLabels": labels },
            "template": { "metadata": { "labels": labels }, "spec": template },
        },
    });
    let placement = place(objects, &twin)?;
    objects.delete_daemon_set(&twin)?;
    let wanted = placement.nodes.into_iter().filter(|(_, place)| *place != Place::NotWanted);
    Ok(wanted.map(|(node, _)| node).collect())
}

/// What the server said last of the pods that it did not store, each sentence once: while an update goes on, a quota is used more or less.
fn refusals(objects: &Objects<'_>, uid: &Value) -> Result<Vec<String>, String> {
    let events = objects.list("v1", "Event")?;
    let own = |event: &&Value| event["involvedObject"]["uid"] == *uid && event["reason"] == "FailedCreate";
    let own: Vec<&Value> = events.iter().filter(own).collect();
    let last = own.iter().filter_map(|event| event["lastTimestamp"].as_str()).max();
    let of_last = own.iter().filter(|event| event["lastTimestamp"].as_str() == last);
    let mut said: Vec<String> = of_last.map(|event| sentence(&word(&event["message"])).to_owned()).collect();
    said.sort();
    said.dedup();
    Ok(said)
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
