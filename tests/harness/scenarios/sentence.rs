//! The scheduler's sentences: which of them are about a daemon pod's own node, and which filter says each.

/// What the scheduler's filters say, by the words that only they use.
const SENTENCES: &[(&str, &str)] = &[
    ("Insufficient ", "NodeResourcesFit"),
    ("Too many pods", "NodeResourcesFit"),
    ("free ports", "NodePorts"),
    ("untolerated taint", "TaintToleration"),
    ("taints that the pod didn't tolerate", "TaintToleration"),
    ("were unschedulable", "NodeUnschedulable"),
    ("Pod's node affinity/selector", "NodeAffinity"),
    ("node affinity doesn't match", "VolumeBinding"),
    ("requested node name", "NodeName"),
    ("topology spread constraints", "PodTopologySpread"),
    ("pod affinity rules", "InterPodAffinity"),
    ("anti-affinity rules", "InterPodAffinity"),
    ("PersistentVolume's node affinity", "VolumeBinding"),
    ("available persistent volumes to bind", "VolumeBinding"),
    ("enough free storage", "VolumeBinding"),
    ("non-existent pv", "VolumeBinding"),
    ("persistentvolumeclaim", "VolumeBinding"),
    ("persistentvolumeclaim", "VolumeRestrictions"),
    ("unbound immediate PersistentVolumeClaims", "VolumeBinding"),
    ("available volume zone", "VolumeZone"),
    ("max volume count", "NodeVolumeLimits"),
    ("no available disk", "VolumeRestrictions"),
    ("ReadWriteOncePod", "VolumeRestrictions"),
    ("resourceclaim", "DynamicResources"),
    ("ResourceClaim", "DynamicResources"),
    ("non-empty scheduling gates", "SchedulingGates"),
    ("required features", "NodeDeclaredFeatures"),
];

/// Whether the plugin is one that says the sentence. A missing claim is noticed by two of them in the same words.
pub(super) fn said_by(sentence: &str, plugin: &str) -> bool {
    SENTENCES.iter().any(|(words, filter)| sentence.contains(words) && *filter == plugin)
}

/// The sentences of a message that are about the daemon pod's own node, without what is said of all the other nodes (which are ruled
/// out at once, since the pod is pinned) and without what is said of preemption.
pub(super) fn about_this_node(message: &str, nodes: usize) -> Vec<String> {
    let body = message.split_once("nodes are available: ").map_or(message, |(_, body)| body);
    let end = ["preemption: ", "no new claims to deallocate"].iter().filter_map(|word| body.find(word)).min();
    let body = body.get(..end.unwrap_or(body.len())).unwrap_or(body).trim().trim_end_matches(['.', ',']);
    // What the last resort after the filters adds where a claim stopped the pod before any node was looked at.
    let body = body.strip_suffix(". not found").unwrap_or(body);
    let mut sentences: Vec<String> = Vec::new();
    for piece in body.split(", ") {
        match piece.split_once(' ') {
            Some((count, sentence)) if count.parse::<usize>().is_ok() => {
                let others = sentence.contains("didn't satisfy plugin(s) [NodeAffinity]");
                if !(others && count.parse() == Ok(nodes.saturating_sub(1))) {
                    sentences.push(sentence.to_owned());
                }
            }
            // A comma inside a sentence.
            _ => match sentences.last_mut() {
                Some(last) => *last = format!("{last}, {piece}"),
                None => sentences.push(piece.to_owned()),
            },
        }
    }
    sentences.sort();
    sentences
}

#[cfg(test)]
mod tests {
    use super::about_this_node;

    #[test]
    fn only_what_is_said_of_the_own_node_is_kept() {
        let message = "0/24 nodes are available: 1 Insufficient cpu, 1 Too many pods, 23 node(s) didn't satisfy plugin(s) \
                       [NodeAffinity]. no new claims to deallocate, preemption: 0/24 nodes are available: 24 Preemption is not helpful.";
        assert_eq!(about_this_node(message, 24), ["Insufficient cpu", "Too many pods"]);
    }
}
