//! The lines below the table of a DaemonSet of the cluster: its status, and its pods.

use std::io::{self, Write};

use daemonset_validation::words::count::{counted, thousands};

use crate::engine::comparison::{Comparison, Fate, NodePod, PodState};
use crate::engine::explain::{ExplainedNode, Explanation};
use crate::shown::shown;

/// The maximum number of nodes that are named of a state; further nodes are counted.
const NAMES: usize = 12;

/// Prints them, if the DaemonSet was read from the cluster.
pub(crate) fn write(explanation: &Explanation, out: &mut dyn Write) -> io::Result<()> {
    let Some(comparison) = &explanation.comparison else { return Ok(()) };
    let Comparison { status, desired, current, ready, misscheduled } = comparison;
    writeln!(out, "\n  STATUS                  VALUE  PREVIEW")?;
    let pods_known = explanation.nodes.iter().any(|node| node.pod.is_some()) || *desired == 0;
    let line = |out: &mut dyn Write, name: &str, value: i32, preview: Option<usize>| {
        let preview = preview.map(thousands).unwrap_or_default();
        writeln!(out, "{}", format!("  {name:22} {value:>6}  {preview:>7}").trim_end())
    };
    line(out, "desiredNumberScheduled", status.desired_number_scheduled, Some(*desired))?;
    line(out, "currentNumberScheduled", status.current_number_scheduled, pods_known.then_some(*current))?;
    line(out, "numberReady", status.number_ready, pods_known.then_some(*ready))?;
    line(out, "numberMisscheduled", status.number_misscheduled, pods_known.then_some(*misscheduled))?;
    line(out, "updatedNumberScheduled", status.updated_number_scheduled.unwrap_or(0), None)?;
    line(out, "numberUnavailable", status.number_unavailable.unwrap_or(0), None)?;
    if explanation.nodes.iter().all(|node| node.pod.is_none()) {
        return Ok(());
    }
    writeln!(out, "\n  PODS")?;
    let is_in = |pod: &NodePod, state: PodState| pod.state == state && pod.fate.is_none();
    for (title, is) in [
        ("ready", &(|pod: &NodePod| is_in(pod, PodState::Ready)) as &dyn Fn(&NodePod) -> bool),
        ("not ready", &|pod| is_in(pod, PodState::NotReady)),
        ("terminating", &|pod| is_in(pod, PodState::Terminating)),
        ("missing: the node should run a pod and has none", &|pod| is_in(pod, PodState::Missing)),
        ("on a node that should not run it: the controller deletes it", &|pod| pod.fate == Some(Fate::Ended)),
        ("on a node that should not run it: the controller keeps it", &|pod| pod.fate == Some(Fate::Stays)),
    ] {
        let nodes: Vec<(&ExplainedNode, &NodePod)> = explanation
            .nodes
            .iter()
            .filter_map(|node| Some((node, node.pod.as_ref()?)))
            .filter(|(_, pod)| is(pod))
            .collect();
        if nodes.is_empty() {
            continue;
        }
        writeln!(out, "  {title} ({}):", counted(nodes.len(), "node"))?;
        for (node, pod) in nodes.iter().take(NAMES) {
            let name = pod.name.as_deref().map(|name| format!("  {}", shown(name))).unwrap_or_default();
            let since =
                pod.ready_since.as_deref().map(|since| format!("  ready since {since}")).unwrap_or_default();
            writeln!(out, "    {}{name}{since}", shown(&node.name))?;
        }
        let rest = nodes.len().saturating_sub(NAMES);
        if rest > 0 {
            writeln!(out, "    … and {} more", thousands(rest))?;
        }
    }
    Ok(())
}
