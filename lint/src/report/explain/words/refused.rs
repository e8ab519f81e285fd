//! What to do where the API server does not store the pod.

use daemonset_validation::placement::Cause;
use daemonset_validation::words::refused::advice;

use super::Sentence;

/// The steps, each of which helps by itself; none where the server's sentence says all.
pub(super) fn steps(cause: &Cause) -> Vec<Sentence> {
    let Cause::Refused(refused) = cause else { return Vec::new() };
    let sentence = |text: &str, is_command| match is_command {
        true => Sentence::command(text),
        false => Sentence::new(text),
    };
    advice(refused).iter().map(|one| sentence(&one.text, one.is_command)).collect()
}

/// The steps in one sentence.
pub(super) fn remedy(cause: &Cause) -> Option<Sentence> {
    let mut steps = steps(cause);
    if steps.len() == 1 {
        return steps.pop();
    }
    (!steps.is_empty()).then(|| Sentence::joined(steps, "; or "))
}
