//! What to do where the API server does not store the pod.

use daemonset_validation::admission::Plugin;
use daemonset_validation::placement::{Cause, RefusedPod};

use super::Sentence;

/// The steps, each of which helps by itself; none where the server's sentence says all.
pub(super) fn steps(cause: &Cause) -> Vec<Sentence> {
    let Cause::Refused(refused) = cause else { return Vec::new() };
    of_plugin(refused)
}

/// The steps in one sentence.
pub(super) fn remedy(cause: &Cause) -> Option<Sentence> {
    let mut steps = steps(cause);
    if steps.len() == 1 {
        return steps.pop();
    }
    (!steps.is_empty()).then(|| Sentence::joined(steps, "; or "))
}

fn of_plugin(refused: &RefusedPod) -> Vec<Sentence> {
    let RefusedPod { refusal, namespace } = refused;
    match refusal.plugin {
        Plugin::PodSecurity => vec![Sentence::command(&format!(
            "kubectl label namespace {namespace} pod-security.kubernetes.io/enforce=privileged --overwrite"
        ))],
        _ => Vec::new(),
    }
}
