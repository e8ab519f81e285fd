//! Who else may decide about an object: webhooks and policies, reduced to what they match.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use serde::Deserialize;

/// A webhook or a policy.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(default, rename_all = "camelCase")]
pub struct Decider {
    /// `name` of the webhook; empty for a policy, which is found by its object's name.
    pub name: Box<str>,
    /// `failurePolicy`; the server's default is `Fail`.
    failure_policy: Option<Box<str>>,
    /// What it matches.
    #[serde(flatten)]
    pub scope: Scope,
    /// `matchConditions`, which may leave objects out.
    match_conditions: Option<Vec<serde::de::IgnoredAny>>,
}

/// What a webhook, a policy or a binding matches.
///
/// Upstream: `admissionregistration/v1.MatchResources`.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(default, rename_all = "camelCase")]
pub struct Scope {
    /// `rules`, or `resourceRules` of a policy. `None` in a binding matches all that the policy does.
    #[serde(alias = "resourceRules")]
    pub rules: Option<Vec<Rule>>,
    /// `excludeResourceRules`.
    pub exclude_resource_rules: Option<Vec<Rule>>,
    /// `namespaceSelector`.
    pub namespace_selector: Option<LabelSelector>,
    /// `objectSelector`.
    pub object_selector: Option<LabelSelector>,
}

/// Requests that match.
///
/// Upstream: `admissionregistration/v1.RuleWithOperations`.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(default, rename_all = "camelCase")]
pub struct Rule {
    /// `operations`, such as `CREATE` and `*`.
    pub operations: Vec<Box<str>>,
    /// `apiGroups`.
    pub api_groups: Vec<Box<str>>,
    /// `apiVersions`.
    pub api_versions: Vec<Box<str>>,
    /// `resources`, such as `pods`, `*` and `*/*`.
    pub resources: Vec<Box<str>>,
    /// `scope`.
    pub scope: Option<Box<str>>,
}

/// The binding of a policy.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(default, rename_all = "camelCase")]
pub struct Binding {
    /// `spec.policyName`.
    pub policy_name: Box<str>,
    /// `spec.matchResources`.
    pub match_resources: Option<Scope>,
    /// `spec.validationActions`.
    validation_actions: Vec<Box<str>>,
}

impl Decider {
    /// Whether an object is refused where this one gives no answer.
    pub fn fails(&self) -> bool {
        self.failure_policy.as_deref() != Some("Ignore")
    }

    /// Whether conditions that are not evaluated here may leave objects out.
    pub fn has_conditions(&self) -> bool {
        self.match_conditions.as_ref().is_some_and(|conditions| !conditions.is_empty())
    }
}

impl Binding {
    /// Whether it refuses objects, and does not only warn.
    pub fn denies(&self) -> bool {
        self.validation_actions.iter().any(|action| &**action == "Deny")
    }
}
