//! The API server's sentences about a pod that it does not store: what stands before them, and who says each.

/// What only one of the plugins says.
const SENTENCES: &[(&str, &str)] = &[
    ("violates PodSecurity ", "PodSecurity"),
    ("exceeded quota: ", "ResourceQuota"),
    ("failed quota: ", "ResourceQuota"),
    ("error looking up service account ", "ServiceAccount"),
    ("the service account referenced by the pod", "ServiceAccount"),
    ("because service account ", "ServiceAccount"),
    ("no PriorityClass with name ", "Priority"),
    ("the integer value of priority ", "Priority"),
    ("the string value of PreemptionPolicy ", "Priority"),
    ("pod rejected: ", "RuntimeClass"),
    ("conflict: runtimeClass.", "RuntimeClass"),
    ("because it is being terminated", "NamespaceLifecycle"),
    ("namespaces \"", "NamespaceLifecycle"),
    ("usage per Container ", "LimitRanger"),
    ("usage per Pod ", "LimitRanger"),
    ("ratio per Container ", "LimitRanger"),
    ("ratio per Pod ", "LimitRanger"),
];

/// The plugin that says a sentence; `Validation` where none of them does.
pub(super) fn refused_by(sentence: &str) -> &'static str {
    SENTENCES.iter().find(|(words, _)| sentence.contains(words)).map_or("Validation", |(_, plugin)| plugin)
}

/// Whether a warning is one of admission, and not of the object's own strategy.
pub(super) fn by_admission(warning: &str) -> bool {
    warning.starts_with("would violate PodSecurity ")
}

/// The sentence without what stands before it about an object whose name is another one in every run.
pub(super) fn sentence(message: &str) -> &str {
    // What the recorder of events puts before the eleventh message that is like the ones before.
    let message = message.strip_prefix("(combined from similar events): ").unwrap_or(message);
    let message = message.strip_prefix("Error creating: ").unwrap_or(message);
    let begins = [" is forbidden: ", " is invalid: "]
        .iter()
        .filter_map(|words| message.find(words).map(|at| at + words.len()))
        .min();
    begins.and_then(|at| message.get(at..)).unwrap_or(message)
}

#[cfg(test)]
mod tests {
    use super::{refused_by, sentence};

    #[test]
    fn a_sentence_begins_after_the_object() {
        let event = "(combined from similar events): Error creating: pods \"a-x7\" is forbidden: exceeded quota: few, requested: pods=1, \
                     used: pods=2, limited: pods=2";
        let said = sentence(event);
        assert_eq!(said, "exceeded quota: few, requested: pods=1, used: pods=2, limited: pods=2");
        assert_eq!(refused_by(said), "ResourceQuota");
        let invalid = "Error creating: Pod \"a-x7\" is invalid: spec.containers[1].ports[0].hostPort: Duplicate value: \"TCP//9100\"";
        assert_eq!(sentence(invalid), "spec.containers[1].ports[0].hostPort: Duplicate value: \"TCP//9100\"");
        assert_eq!(refused_by(sentence(invalid)), "Validation");
        assert_eq!(sentence("namespaces \"gone\" not found"), "namespaces \"gone\" not found");
    }
}
