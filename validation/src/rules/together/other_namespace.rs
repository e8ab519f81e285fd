//! The rule `other-namespace`. Its page is `other_namespace.md`.

use super::{MOST, is_placeholder, name, rule};
use crate::levels::Level;
use crate::placement::Kind;
use crate::rules::{PeerFindings, Rule};
use crate::together::{Companion, Member, Together, What};

pub(in crate::rules) static RULE: Rule = rule(
    "other-namespace",
    Level::Warning,
    ("what the pods need stands in the files, but in another namespace", include_str!("other_namespace.md")),
    check,
);

fn check(together: &Together<'_>, findings: &mut PeerFindings) {
    for (place, member) in together.members() {
        // What has no namespace written gets the one of the request, which is not known.
        if !member.uses.namespace_is_written || is_placeholder(&member.peer.namespace) {
            continue;
        }
        references(together, place, &member, findings);
        bindings(together, place, &member, findings);
    }
}

/// Objects that the pods name, and that the files have in other namespaces only.
fn references(together: &Together<'_>, place: usize, member: &Member<'_>, findings: &mut PeerFindings) {
    let beside = together.beside(place);
    let namespaced = member.uses.references.iter().filter(|used| used.kind.is_namespaced());
    for used in namespaced.filter(|used| &*used.name != "default").take(MOST) {
        let named = |one: &&&Companion| one.kind == used.kind.as_str() && one.name == used.name;
        let mut elsewhere = beside.iter().filter(named).peekable();
        let Some(first) = elsewhere.peek().copied() else { continue };
        if elsewhere.any(|one| {
            !one.namespace_is_written
                || is_placeholder(&one.namespace)
                || *one.namespace == *member.peer.namespace
        }) {
            continue;
        }
        let (namespace, kind) = (&member.peer.namespace, used.kind.as_str());
        let message = format!(
            "{} is in namespace `{}`, and pods of namespace `{namespace}` cannot use it",
            first.shown(),
            first.namespace
        );
        let help = format!("put the {kind} and the DaemonSet into one namespace");
        findings.push(place, RULE.finding(used.path.clone(), message).help(help));
    }
}

/// Bindings that give rights to an account of the same name in another namespace.
fn bindings(together: &Together<'_>, place: usize, member: &Member<'_>, findings: &mut PeerFindings) {
    let Some(account) = member.uses.account.as_deref().filter(|account| *account != "default") else {
        return;
    };
    let namespace = member.peer.namespace.as_str();
    let beside = together.beside(place);
    let is_written = |one: &&Companion, namespace: &str| {
        one.kind == Kind::ServiceAccount.as_str() && &*one.name == account && &*one.namespace == namespace
    };
    let mut missed: Vec<&Companion> = Vec::new();
    for one in beside.iter().copied() {
        let What::Binding { accounts } = &one.what else { continue };
        let mut same = accounts.iter().filter(|subject| &*subject.name == account).peekable();
        if same.peek().is_none() {
            continue;
        }
        // An account of this name that the files have in the other namespace may be meant.
        let is_right = same.any(|subject| {
            let of = &*subject.namespace;
            of.is_empty()
                || of == namespace
                || is_placeholder(of)
                || beside.iter().any(|one| is_written(one, of))
        });
        if is_right {
            continue;
        }
        missed.push(one);
    }
    for one in missed.into_iter().take(MOST) {
        let of = match &one.what {
            What::Binding { accounts } => accounts.iter().find(|subject| &*subject.name == account),
            _ => None,
        };
        let of = of.map(|subject| &*subject.namespace).unwrap_or_default();
        let message = format!(
            "{} gives its rights to ServiceAccount `{account}` of namespace `{of}`, and these pods use the one of `{namespace}`",
            one.shown()
        );
        let help = format!("write `namespace: {namespace}` in the subject of the binding");
        let path = account_path(member).unwrap_or_else(name);
        findings.push(place, RULE.finding(path, message).help(help));
    }
}

fn account_path(member: &Member<'_>) -> Option<crate::path::FieldPath> {
    let used = member.uses.references.iter().find(|used| used.kind == Kind::ServiceAccount)?;
    Some(used.path.clone())
}
