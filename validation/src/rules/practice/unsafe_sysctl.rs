//! The rule `unsafe-sysctl`. Its page is `unsafe_sysctl.md`.

use super::rule;
use crate::admission::is_safe_sysctl;
use crate::levels::Level;
use crate::rules::pod::{spec, spec_path};
use crate::rules::{Findings, Object, Rule};

pub(in crate::rules) static RULE: Rule = rule(
    "unsafe-sysctl",
    Level::Warning,
    ("a sysctl that kubelets refuse unless they are told to allow it", include_str!("unsafe_sysctl.md")),
    check,
);

fn check(object: &Object<'_>, findings: &mut Findings) {
    let context = spec(object.daemon_set).and_then(|spec| spec.security_context.as_ref());
    let sysctls = context.and_then(|context| context.sysctls.as_ref());
    for (index, sysctl) in sysctls.into_iter().flatten().enumerate() {
        let name = sysctl.name.replace('/', ".");
        if !is_safe_sysctl(&name) {
            let message = format!(
                "`{name}` is not a safe sysctl: a kubelet without `--allowed-unsafe-sysctls` refuses each pod with \
                 `SysctlForbidden`, and the controller makes another one"
            );
            let help = "allow it on the nodes and select these, or set it from a privileged init container";
            let path = spec_path().field("securityContext").field("sysctls").index(index).field("name");
            findings.push(RULE.finding(path, message).help(help));
        }
    }
}
