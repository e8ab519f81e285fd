//! Checks one DaemonSet of a document, in the server's order.

use k8s_openapi::api::apps::v1::DaemonSet;

use crate::apiserver::decode::{self, Decoded, FaultKind};
use crate::apiserver::error::ErrorKind;
use crate::apiserver::strategy::{Admission, admit_create, admit_update};
use crate::edit::Edit;
use crate::finding::{Finding, Severity};
use crate::help;
use crate::path::{FieldPath, PathSegment};
use crate::rules::Levels;
use crate::rules::{Object, check_object};
use crate::server::Server;
use crate::stored::Stored;
use crate::subject::{Subject, SubjectKind};
use crate::tree::Tree;

/// What the server does with the document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServerVerdict {
    /// It stores the object.
    Accepted,
    /// It rejects the object.
    Rejected,
}

/// The result of a check.
#[derive(Debug)]
pub struct Checked {
    /// The server's verdict on a create (or update) with strict field validation.
    pub verdict: ServerVerdict,
    /// All findings, in the server's order.
    pub findings: Vec<Finding>,
    /// The object as the server would store it; `None` if the document is not an `apps/v1` DaemonSet.
    pub daemon_set: Option<DaemonSet>,
}

/// Checks a DaemonSet as a create, or as an update of `stored`, and by the rules about one object. The rules have no influence on the
/// verdict.
///
/// Upstream: the road of `registry/apps/daemonset` behind a strict decoder.
pub fn check(
    tree: &Tree<'_>,
    subject: &Subject,
    stored: Option<Stored<'_>>,
    server: &Server,
    levels: &Levels,
) -> Checked {
    if subject.classify() != SubjectKind::DaemonSet {
        let findings = vec![help::unknown_kind(tree, subject)];
        return Checked { verdict: ServerVerdict::Rejected, findings, daemon_set: None };
    }
    let Decoded { mut daemon_set, selector_present, faults, holes } =
        decode::decode(tree, subject.node, server);
    let namespace = &mut daemon_set.metadata.namespace;
    if namespace.as_deref().is_none_or(str::is_empty) {
        // That of the request.
        *namespace = Some(subject.namespace.clone());
    }
    let admission = match stored {
        None => admit_create(daemon_set, selector_present, server),
        Some(stored) => {
            let (old, old_selector_present) = stored.object(server, selector_present);
            admit_update(daemon_set, selector_present, old, old_selector_present, server)
        }
    };
    let Admission { daemon_set, refusal, errors, warnings } = admission;
    let cx = help::HelpContext { tree, root: subject.node, daemon_set: &daemon_set };
    let undecodable = faults.iter().any(|fault| matches!(fault.kind, FaultKind::WrongType { .. }));
    let mut findings: Vec<Finding> = faults.into_iter().map(help::from_fault).collect();
    findings.extend(refusal.map(help::from_refusal));
    let misspelt: Vec<FieldPath> = findings.iter().filter_map(meant_field).collect();
    for error in errors {
        // The required field is present under a misspelt name, which has its own finding.
        if error.kind == ErrorKind::Required && misspelt.contains(&error.path) {
            continue;
        }
        // The decoder left out a value of the wrong type. What validation says about that branch follows from it.
        let consequence = |hole: &FieldPath| hole.contains(&error.path) || error.path.contains(hole);
        if undecodable && holes.iter().any(consequence) {
            continue;
        }
        findings.push(help::from_field_error(error, &cx));
    }
    let refused = findings.iter().any(|finding| finding.severity == Severity::Error);
    if !refused {
        findings.extend(warnings.into_iter().map(help::from_warning));
    }
    findings.dedup();
    let verdict = if refused { ServerVerdict::Rejected } else { ServerVerdict::Accepted };
    // Of an object that was decoded in part a rule could say what is not so.
    if !undecodable {
        findings.extend(check_object(&Object { daemon_set: &daemon_set, server }, levels));
    }
    Checked { verdict, findings, daemon_set: Some(daemon_set) }
}

/// The field that a misspelt key was probably meant to be.
fn meant_field(finding: &Finding) -> Option<FieldPath> {
    let [Edit::Rename { path, key }] = finding.fix.as_ref()?.edits.as_slice() else { return None };
    let (_, parent) = path.segments().split_last()?;
    Some(FieldPath::from_segments(parent.to_vec()).join(PathSegment::Field(key.clone().into())))
}
