//! An `apiVersion` or `kind` that no server serves.

use std::borrow::Cow;

use crate::finding::{Anchor, Edit, Finding, Severity};
use crate::path::FieldPath;
use crate::subject::Subject;

/// `no matches for kind …`, as kubectl prints it.
pub(crate) fn unknown_kind(subject: &Subject, has_selector: bool) -> Finding {
    let field = |name: &'static str| FieldPath::of(&[name]);
    let message = format!("no matches for kind \"{}\" in version \"{}\"", subject.kind, subject.api_version);
    let known_kind = subject.kind == "DaemonSet";
    let place = field(if known_kind { "apiVersion" } else { "kind" });
    let finding = Finding::new("api/unknown-kind", Severity::Error, place, message).because("UnknownKind");
    if !known_kind {
        let edit = Edit::Replace { path: field("kind"), value: "DaemonSet".to_owned() };
        return finding.help("did you mean `kind: DaemonSet`?").fix(true, vec![edit]);
    }
    if subject.api_version.is_empty() {
        return finding.at(Anchor::Key).help("add `apiVersion: apps/v1`");
    }
    let more = if has_selector { "" } else { ", and add `spec.selector`, which apps/v1 requires" };
    let help: Cow<'static, str> = match subject.api_version.as_str() {
        "extensions/v1beta1" | "apps/v1beta2" => format!(
            "{} was removed in Kubernetes 1.16: write `apiVersion: apps/v1`{more}",
            subject.api_version
        )
        .into(),
        _ => format!("DaemonSets are in `apps/v1`: write `apiVersion: apps/v1`{more}").into(),
    };
    let edit = Edit::Replace { path: field("apiVersion"), value: "apps/v1".to_owned() };
    finding.label("no server serves DaemonSets in this version").help(help).fix(false, vec![edit])
}
