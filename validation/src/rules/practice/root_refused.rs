//! The rule `root-refused`. Its page is `root_refused.md`.

use super::rule;
use crate::levels::Level;
use crate::rules::pod::{containers, spec, spec_path};
use crate::rules::{Findings, Object, Rule};

pub(in crate::rules) static RULE: Rule = rule(
    "root-refused",
    Level::Error,
    (
        "`runAsNonRoot` and `runAsUser: 0` hold for one container, which never starts",
        include_str!("root_refused.md"),
    ),
    check,
);

fn check(object: &Object<'_>, findings: &mut Findings) {
    let Some(spec) = spec(object.daemon_set) else { return };
    if spec.os.as_ref().is_some_and(|os| os.name == "windows") {
        return;
    }
    let of_pod = spec.security_context.as_ref();
    for listed in containers(spec) {
        let own = listed.container.security_context.as_ref();
        let own_user = own.and_then(|context| context.run_as_user);
        let user = own_user.or_else(|| of_pod.and_then(|context| context.run_as_user));
        let own_rule = own.and_then(|context| context.run_as_non_root);
        let non_root = own_rule.or_else(|| of_pod.and_then(|context| context.run_as_non_root));
        if user == Some(0) && non_root == Some(true) {
            let context =
                if own_user.is_some() { listed.path() } else { spec_path() }.field("securityContext");
            let message = format!(
                "`{}` would run as root, which `runAsNonRoot: true` forbids: the kubelet does not start it",
                listed.container.name
            );
            let help =
                "write the number of another user, or `runAsNonRoot: false` on the container that needs root";
            findings.push(RULE.finding(context.field("runAsUser"), message).help(help));
        }
    }
}
