//! Restart policies and restart rules of containers.

use k8s_openapi::api::core::v1::ContainerRestartRule;

use crate::apiserver::context::Context;
use crate::apiserver::error::Errors;
use crate::gates::Change;
use crate::path::Path;

/// The restart policy that makes an init container a sidecar.
pub(super) const ALWAYS: &str = "Always";

/// With the gate for restart rules, init containers may have any restart policy, and sidecars may have rules if
/// `RestartAllContainers` is supported. Without the gate, `Always` is the only restart policy of an init container.
///
/// Upstream: `core/validation.validateInitContainerRestartPolicy`.
pub(super) fn validate_init_container_restart_policy(
    policy: Option<&str>,
    rules: &[ContainerRestartRule],
    path: &Path<'_>,
    cx: &Context<'_>,
    errors: &mut Errors,
) {
    let Some(policy) = policy else {
        if !rules.is_empty() {
            let detail = "must specify restartPolicy when restart rules are used";
            errors.required(&path.field("restartPolicy"), detail);
        }
        return;
    };
    if !cx.options.allow_container_restart_policy_rules {
        if policy != ALWAYS {
            errors.not_supported(&path.field("restartPolicy"), policy, &[ALWAYS]);
        }
    } else if policy != ALWAYS || cx.options.allow_restart_all_containers {
        validate_container_restart_policy(Some(policy), rules, path, cx, errors);
    } else if !rules.is_empty() {
        let detail = "restartPolicyRules are not allowed for init containers with restart policy Always";
        errors.forbidden(&path.field("restartPolicyRules"), detail);
    }
}

/// The policy is one of three values. There are at most 20 rules, and they require a policy.
///
/// Upstream: `core/validation.validateContainerRestartPolicy`.
pub(super) fn validate_container_restart_policy(
    policy: Option<&str>,
    rules: &[ContainerRestartRule],
    path: &Path<'_>,
    cx: &Context<'_>,
    errors: &mut Errors,
) {
    match policy {
        Some(ALWAYS | "Never" | "OnFailure") => {}
        Some(other) => {
            let supported = [ALWAYS, "Never", "OnFailure"];
            errors.not_supported(&path.field("restartPolicy"), other, &supported);
        }
        None if rules.is_empty() => return,
        None => {
            let detail = "must specify restartPolicy when restart rules are used";
            errors.required(&path.field("restartPolicy"), detail);
        }
    }
    let rules_path = path.field("restartPolicyRules");
    validate_count(rules.len(), 20, &rules_path, cx, errors);
    for (index, rule) in rules.iter().enumerate() {
        validate_rule(rule, &rules_path.index(index), cx, errors);
    }
}

/// The action is `Restart` or, if supported, `RestartAllContainers`. The rule has exit codes.
fn validate_rule(rule: &ContainerRestartRule, path: &Path<'_>, cx: &Context<'_>, errors: &mut Errors) {
    let known: &[&str] = &["Restart", "RestartAllContainers"];
    let one = known.get(..1).unwrap_or_default();
    let allowed = if cx.options.allow_restart_all_containers { known } else { one };
    if !allowed.contains(&rule.action.as_str()) {
        let listed = if cx.has(Change::RestartRuleErrorsAreExact) { allowed } else { one };
        errors.not_supported(&path.field("action"), &rule.action, listed);
    }
    let Some(exit_codes) = &rule.exit_codes else {
        errors.required(&path.field("exitCodes"), "must be specified");
        return;
    };
    let codes_path = path.field("exitCodes");
    if !matches!(exit_codes.operator.as_str(), "In" | "NotIn") {
        errors.not_supported(&codes_path.field("operator"), &exit_codes.operator, &["In", "NotIn"]);
    }
    let values = exit_codes.values.as_deref().unwrap_or_default();
    validate_count(values.len(), 255, &codes_path.field("values"), cx, errors);
}

/// A list has at most `max` items. Earlier minors report a longer list as `TooLong`.
fn validate_count(count: usize, max: usize, path: &Path<'_>, cx: &Context<'_>, errors: &mut Errors) {
    if count > max {
        if cx.has(Change::RestartRuleErrorsAreExact) {
            errors.too_many(path, count, max);
        } else {
            errors.too_long(path, max);
        }
    }
}
