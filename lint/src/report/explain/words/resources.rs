//! Resources and host ports.

use daemonset_validation::placement::{HeldPort, Insufficient};

use super::Sentence;

/// A host port that is in use.
pub(super) fn host_port(held: &HeldPort) -> Sentence {
    let sentence = Sentence::new("host port ").text(&held.port.shown()).text(" is in use");
    match &held.holder {
        Some(pod) => sentence.text(" by pod ").pod(pod),
        None => sentence,
    }
}

/// A resource with too little free capacity.
pub(super) fn insufficient(numbers: &Insufficient) -> Sentence {
    let Insufficient { name, requested, used, allocatable } = numbers;
    match (&**name, *allocatable) {
        ("pods", 0) => Sentence::new("the node allows no pods (allocatable pods: 0)"),
        ("pods", most) => {
            Sentence::new("the node has ").count(*used).text(" of at most ").count(most).text(" pods")
        }
        (name, 0) => {
            Sentence::new("the node has no ").text(name).text(", the pod requests ").amount(name, *requested)
        }
        (name, all) => Sentence::new("the pod requests ")
            .amount(name, *requested)
            .text(" ")
            .text(name)
            .text(", but ")
            .amount(name, numbers.free())
            .text(" of ")
            .amount(name, all)
            .text(" is free"),
    }
}
