//! The namespace of the request (`-n`), as kubectl applies it to each document.

use daemonset_validation::{Anchor, FieldPath, Finding, Severity, Subject, Tree};

/// Puts an object without a namespace into that of the request.
///
/// Upstream: `cli-runtime/pkg/resource.SetNamespace`, `cli-runtime/pkg/resource.RequireNamespace`.
///
/// # Errors
///
/// kubectl's error, if the object has another namespace.
pub(super) fn in_namespace(
    subject: &mut Subject,
    tree: &Tree<'_>,
    namespace: Option<&str>,
) -> Result<(), Box<Finding>> {
    let Some(wanted) = namespace else { return Ok(()) };
    let metadata = tree.get(subject.node, "metadata");
    let written = metadata.and_then(|metadata| tree.get_str(metadata, "namespace")).unwrap_or_default();
    if written.is_empty() {
        wanted.clone_into(&mut subject.namespace);
        return Ok(());
    }
    if written == wanted {
        return Ok(());
    }
    let message = format!(
        "the namespace from the provided object \"{written}\" does not match the namespace \"{wanted}\". You must pass \
         '--namespace={written}' to perform this operation."
    );
    let path = FieldPath::of(&["metadata", "namespace"]);
    let mut finding = Finding::new("api/invalid", Severity::Error, path, message);
    finding.anchor = Anchor::Value;
    Err(Box::new(finding.help(format!("give `-n {written}`, or take the namespace out of the manifest"))))
}
