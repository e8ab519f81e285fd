//! Checks one DaemonSet of a document, in the server's order.

use k8s_openapi::api::apps::v1::DaemonSet;

use crate::apiserver::decode::{self, Decoded};
use crate::apiserver::error_list::{Errors, Followers};
use crate::apiserver::strategy::{Admission, admit_create_within, admit_update_within};
use crate::edit::Edit;
use crate::finding::{Finding, Severity};
use crate::help;
use crate::ledger::{Bounds, Ledger, Rest};
use crate::meter::TooLarge;
use crate::path::{FieldPath, PathSegment};
use crate::rules::Levels;
use crate::rules::{Object, Written, check_object_within};
use crate::server::Server;
use crate::stored::Stored;
use crate::subject::{Subject, SubjectKind};
use crate::tree::Tree;

/// What the server does with the document.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ServerVerdict {
    /// It stores the object.
    Accepted,
    /// It rejects the object.
    #[default]
    Rejected,
}

/// The result of a check.
#[derive(Debug, Default)]
pub struct Checked {
    /// The server's verdict on a create (or update) with strict field validation.
    pub verdict: ServerVerdict,
    /// The findings, in the server's order.
    pub findings: Vec<Finding>,
    /// The findings beyond the bounds of the check.
    pub rest: Rest,
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
    // No text takes all memory that there is.
    check_within(tree, subject, stored, server, levels, Bounds::all()).unwrap_or_default()
}

/// The same with bounded findings and memory.
///
/// # Errors
///
/// [`TooLarge`] if the object or the stored one takes more memory than the bounds allow.
pub fn check_within(
    tree: &Tree<'_>,
    subject: &Subject,
    stored: Option<Stored<'_>>,
    server: &Server,
    levels: &Levels,
    bounds: Bounds,
) -> Result<Checked, TooLarge> {
    if subject.classify() != SubjectKind::DaemonSet {
        let findings = vec![help::unknown_kind(tree, subject)];
        let rest = Rest::default();
        return Ok(Checked { verdict: ServerVerdict::Rejected, findings, rest, daemon_set: None });
    }
    let (meter, meter_of_stored) = (bounds.meter(), bounds.meter());
    let mut ledger = Ledger::new(bounds);
    let Decoded { mut daemon_set, selector_present, faults, unknown_fields, undecodable, holes } =
        decode::decode_within(tree, subject.node, server, &mut ledger, &meter)?;
    let namespace = &mut daemon_set.metadata.namespace;
    if namespace.as_deref().is_none_or(str::is_empty) {
        // That of the request.
        *namespace = Some(subject.namespace.clone());
    }
    let mut findings: Vec<Finding> = faults.into_iter().map(help::from_fault).collect();
    let counted = unknown_fields.into_iter().map(help::from_fault);
    let misspelt =
        findings.iter().filter_map(meant_field).chain(counted.filter_map(|one| meant_field(&one))).collect();
    // The required field is present under a misspelt name, or what is required is in a value that the decoder left out: that has its own
    // finding.
    let errors = Errors::within(ledger, Followers { misspelt, holes });
    let new = (daemon_set, selector_present);
    let (admission, mut ledger) = match stored {
        None => admit_create_within(new.0, new.1, server, errors),
        Some(stored) => {
            let old = stored.object(server, selector_present, &meter_of_stored)?;
            admit_update_within(new, old, server, errors)
        }
    };
    let Admission { daemon_set, refusal, errors, warnings } = admission;
    let cx = help::HelpContext::new(tree, subject.node, &daemon_set);
    let mut admitted = |finding: &Finding| ledger.admits(finding.rule, &finding.field, &finding.message);
    findings.extend(refusal.map(help::from_refusal).filter(&mut admitted));
    findings.extend(errors.into_iter().map(|error| help::from_field_error(error, &cx)));
    let refused = ledger.has_rest() || findings.iter().any(|finding| finding.severity == Severity::Error);
    let mut admitted = |finding: &Finding| ledger.admits(finding.rule, &finding.field, &finding.message);
    if !refused {
        findings.extend(warnings.into_iter().map(help::from_warning).filter(&mut admitted));
    }
    findings.dedup();
    let verdict = if refused { ServerVerdict::Rejected } else { ServerVerdict::Accepted };
    // Of an object that was decoded in part a rule could say what is not so.
    if undecodable.is_none() {
        let written = Some(Written { tree, node: subject.node });
        let object = Object { daemon_set: &daemon_set, server, written };
        let (of_rules, with_rules) = check_object_within(&object, levels, ledger);
        findings.extend(of_rules);
        ledger = with_rules;
    }
    Ok(Checked { verdict, findings, rest: ledger.into_rest(), daemon_set: Some(daemon_set) })
}

/// The field that a misspelt key was probably meant to be.
fn meant_field(finding: &Finding) -> Option<FieldPath> {
    let [Edit::Rename { path, key }] = finding.fix.as_ref()?.edits.as_slice() else { return None };
    let (_, parent) = path.segments().split_last()?;
    Some(FieldPath::from_segments(parent.to_vec()).join(PathSegment::Field(key.clone().into())))
}
