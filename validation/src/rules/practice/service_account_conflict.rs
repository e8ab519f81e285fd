//! The rule `service-account-conflict`. Its page is `service_account_conflict.md`.

use super::rule_of_text;
use crate::edit::Edit;
use crate::finding::Anchor;
use crate::levels::Level;
use crate::rules::pod::spec_path;
use crate::rules::{Findings, Object, Rule};

pub(in crate::rules) static RULE: Rule = rule_of_text(
    "service-account-conflict",
    Level::Warning,
    (
        "`serviceAccount` names another account than `serviceAccountName`, which is the one that counts",
        include_str!("service_account_conflict.md"),
    ),
    check,
);

fn check(object: &Object<'_>, findings: &mut Findings) {
    let Some(written) = object.written else { return };
    let text = |name| written.text(&["spec", "template", "spec", name]).filter(|text| !text.is_empty());
    let (Some(old), Some(name)) = (text("serviceAccount"), text("serviceAccountName")) else { return };
    if old != name {
        let path = spec_path().field("serviceAccount");
        let message =
            format!("the pods use the account `{name}` of `serviceAccountName`; `{old}` has no effect");
        let finding = RULE.finding(path.clone(), message).at(Anchor::Key);
        findings.push(
            finding
                .help("delete `serviceAccount`, which is deprecated")
                .fix(true, vec![Edit::Remove { path }]),
        );
    }
}
