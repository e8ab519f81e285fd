//! Findings that follow from another one, whatever the change is that resolves it.

use crate::finding::{Finding, Severity};
use crate::path::{FieldPath, PathSegment};

use crate::tree::Value;

use super::look::{Look, below, last_name};
use super::missing::{is_mismatch, missing_part};
use super::volumes::volumes_path;

/// Marks them.
pub(super) fn mark(findings: &mut [Finding], look: &Look<'_>) {
    for position in 0..findings.len() {
        let Some(finding) = findings.get(position) else { continue };
        if !finding.is_shown() || finding.severity != Severity::Error {
            continue;
        }
        let cause = of_the_same_place(position, findings, look)
            .or_else(|| of_a_missing_part(position, findings, look))
            .or_else(|| of_selector(finding, findings))
            .or_else(|| of_volume(position, findings, look))
            .or_else(|| of_host_port(finding, findings))
            .or_else(|| of_wrong_sibling(finding, findings))
            .or_else(|| of_security_context(finding, findings))
            .or_else(|| of_second_document(finding, findings))
            .or_else(|| of_the_same_name(finding, findings, look));
        if let (Some(cause), Some(finding)) = (cause, findings.get_mut(position)) {
            finding.consequence_of = Some(cause);
        }
    }
}

/// The field of a finding that people are shown below a path.
fn shown_below(findings: &[Finding], place: &FieldPath) -> Option<String> {
    let inside = |other: &&Finding| {
        other.is_shown() && other.severity == Severity::Error && place.contains(&other.path)
    };
    findings.iter().find(inside).map(|other| other.field.clone())
}

/// The findings before this one that people are shown.
fn shown_before(position: usize, findings: &[Finding]) -> impl Iterator<Item = &Finding> {
    let before = findings.get(..position).unwrap_or_default().iter();
    before.filter(|other| other.is_shown() && other.severity == Severity::Error)
}

/// The server says several things of one value.
fn of_the_same_place(position: usize, findings: &[Finding], look: &Look<'_>) -> Option<String> {
    let finding = findings.get(position)?;
    // Of a collection they may be about several parts.
    if matches!(look.value(finding.path.segments()), Some(Value::Mapping(_) | Value::Sequence(_))) {
        return None;
    }
    let invalid =
        |finding: &Finding| matches!(finding.rule, "api/invalid" | "api/required" | "api/not-found");
    let same =
        |other: &&Finding| invalid(other) && other.field == finding.field && other.path == finding.path;
    shown_before(position, findings).find(same).filter(|_| invalid(finding)).map(|other| other.field.clone())
}

/// A part of the object is missing, and with it several values.
fn of_a_missing_part(position: usize, findings: &[Finding], look: &Look<'_>) -> Option<String> {
    let finding = findings.get(position)?;
    let part = missing_part(&finding.path, look)?;
    let same = |other: &&Finding| missing_part(&other.path, look) == Some(part);
    shown_before(position, findings).find(same).map(|other| other.field.clone())
}

/// A selector or labels with a fault do not match each other.
fn of_selector(finding: &Finding, findings: &[Finding]) -> Option<String> {
    if !is_mismatch(finding) {
        return None;
    }
    let parts = [&["spec", "selector"][..], &["spec", "template", "metadata"]].map(FieldPath::of);
    let inside = |other: &&Finding| {
        let wrong = matches!(other.rule, "api/decode" | "api/unknown-field");
        let part = parts.iter().any(|part| part.contains(&other.path) || other.path.contains(part));
        other.is_shown() && wrong && part
    };
    findings.iter().find(inside).map(|other| other.field.clone())
}

/// A mount of a volume that exists and has a finding, because the server passes over such a volume; of a volume whose name has a fault; or
/// of a volume that another mount lacks as well.
fn of_volume(position: usize, findings: &[Finding], look: &Look<'_>) -> Option<String> {
    let finding = findings.get(position)?;
    let segments = finding.path.segments();
    if finding.rule != "api/not-found" || last_name(segments) != Some("name") {
        return None;
    }
    let name = look.text(segments)?;
    let volumes = volumes_path();
    let items = look.node(volumes.segments()).map(|list| look.tree.items(list)).unwrap_or_default();
    let own = items.iter().position(|item| look.tree.get_str(*item, "name") == Some(name));
    if let Some(own) = own
        && let Some(cause) = shown_below(findings, &volumes.clone().index(own))
    {
        return Some(cause);
    }
    let wrong = |other: &&Finding| {
        let whole = other.path == volumes;
        let of_name = volumes.contains(&other.path)
            && last_name(other.path.segments()) == Some("name")
            && other.path.segments().len() == volumes.segments().len().saturating_add(2);
        other.is_shown() && matches!(other.rule, "api/decode" | "api/required") && (whole || of_name)
    };
    if let Some(other) = findings.iter().find(wrong) {
        return Some(other.field.clone());
    }
    let mut before = shown_before(position, findings).filter(|other| other.rule == finding.rule);
    let same = |other: &&Finding| items.is_empty() || look.text(other.path.segments()) == Some(name);
    before.find(same).map(|other| other.field.clone())
}

/// A host port that differs from a container port that is wrong itself.
fn of_host_port(finding: &Finding, findings: &[Finding]) -> Option<String> {
    let (_, port) = finding.path.segments().split_last()?;
    if last_name(finding.path.segments()) != Some("hostPort") || finding.rule != "api/invalid" {
        return None;
    }
    shown_below(findings, &below(port, "containerPort"))
}

/// Structs whose fields are only valid together.
const TOGETHER: &[&str] = &[
    "rollingUpdate",
    "tolerations",
    "matchExpressions",
    "ports",
    "topologySpreadConstraints",
    "resources",
    "updateStrategy",
];

/// A value that does not fit one of the wrong type beside it.
fn of_wrong_sibling(finding: &Finding, findings: &[Finding]) -> Option<String> {
    if !matches!(finding.rule, "api/invalid" | "api/required" | "api/not-supported") {
        return None;
    }
    let (_, above) = finding.path.segments().split_last()?;
    let block = above.iter().rev().find_map(|segment| match segment {
        PathSegment::Field(name) => Some(&**name),
        _ => None,
    })?;
    if !TOGETHER.contains(&block) {
        return None;
    }
    let above = FieldPath::from_segments(above.to_vec());
    let wrong =
        |other: &&Finding| other.is_shown() && other.rule == "api/decode" && above.contains(&other.path);
    findings.iter().find(wrong).map(|other| other.field.clone())
}

/// What only a privileged container may have, where `privileged` has a fault.
fn of_security_context(finding: &Finding, findings: &[Finding]) -> Option<String> {
    if finding.rule != "api/forbidden" || last_name(finding.path.segments()) != Some("mountPropagation") {
        return None;
    }
    let container = finding.path.segments().get(..5)?;
    let context = below(container, "securityContext");
    let wrong = |other: &&Finding| {
        other.is_shown()
            && matches!(other.rule, "api/decode" | "api/unknown-field")
            && (context.contains(&other.path) || other.path == context)
    };
    findings.iter().find(wrong).map(|other| other.field.clone())
}

/// Keys of a second object that begins without a separator.
fn of_second_document(finding: &Finding, findings: &[Finding]) -> Option<String> {
    let second = |other: &&Finding| {
        other.is_shown()
            && other.rule == "api/duplicate-key"
            && matches!(other.field.as_str(), "apiVersion" | "kind")
    };
    let main = findings.iter().find(second)?;
    let root = finding.path.segments().len() == 1 && finding.rule == "api/duplicate-key";
    (root && main.field != finding.field).then(|| main.field.clone())
}

/// A reference to a name that has the same fault.
fn of_the_same_name(finding: &Finding, findings: &[Finding], look: &Look<'_>) -> Option<String> {
    let text = look.text(finding.path.segments())?;
    let defines = |other: &&Finding| {
        other.is_shown()
            && other.path != finding.path
            && other.message == finding.message
            && other.rule == finding.rule
            && matches!(other.path.segments(), [.., PathSegment::Index(_), PathSegment::Field(name)] if name == "name")
            && look.text(other.path.segments()) == Some(text)
    };
    let own = matches!(finding.path.segments(), [.., PathSegment::Index(_), PathSegment::Field(name)] if name == "name");
    findings.iter().find(defines).filter(|_| !own).map(|other| other.field.clone())
}
