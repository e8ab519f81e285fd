//! When a container is restarted, where it does not follow its pod.

use k8s_openapi::api::core::v1::ContainerRestartRule;

use crate::apiserver::context::Context;
use crate::apiserver::error::Errors;
use crate::gates::Change;
use crate::path::Path;

/// The restart policy of an init container that makes a sidecar of it.
pub(super) const ALWAYS: &str = "Always";

/// Where rules of restarting are known, an init container has what other containers have, and a sidecar can have rules only
/// where all containers can be restarted at once; before, it could be a sidecar and no more.
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

/// A container's policy is one of three; its rules, at most twenty, add to a policy and each look at exit codes.
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

/// A rule restarts its container, or all where the server knows how, for some exit codes.
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

/// A list has at most so many items; servers once called a list that has more too long.
fn validate_count(count: usize, max: usize, path: &Path<'_>, cx: &Context<'_>, errors: &mut Errors) {
    if count > max {
        if cx.has(Change::RestartRuleErrorsAreExact) {
            errors.too_many(path, count, max);
        } else {
            errors.too_long(path, max);
        }
    }
}
