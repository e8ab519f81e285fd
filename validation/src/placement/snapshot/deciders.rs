//! Who else may decide about a DaemonSet or its pods.

use std::collections::BTreeSet;

use k8s_openapi::api::apps::v1::DaemonSet;

use super::Snapshot;
use super::around::{Decider, Rule, Scope};
use crate::matching::{Labels, label_selector};
use crate::placement::kind::Kind;

const NAMESPACE_NAME: &str = "kubernetes.io/metadata.name";

/// A webhook configuration or a policy that matches.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Matching {
    /// Its kind.
    pub kind: Kind,
    /// Its name.
    pub name: String,
    /// Whether what it does not answer is refused.
    pub fails: bool,
}

/// What is asked about.
struct Request<'r> {
    group: &'static str,
    resource: &'static str,
    labels: &'r Labels,
}

impl Snapshot {
    /// The webhook configurations and policies that match a DaemonSet or its pods, by kind and name. Their conditions are not evaluated.
    ///
    /// Upstream: `apiserver/admission/plugin/webhook/generic.Webhook.ShouldCallHook`,
    /// `apiserver/admission/plugin/policy/matching.Matcher.Matches`.
    pub fn deciders(&self, daemon_set: &DaemonSet) -> Vec<Matching> {
        let namespace = daemon_set.metadata.namespace.as_deref().unwrap_or("default");
        let mut of_namespace =
            self.namespaces.get(namespace).map(|found| found.labels.clone()).unwrap_or_default();
        of_namespace.entry(NAMESPACE_NAME.to_owned()).or_insert_with(|| namespace.to_owned());
        let none = Labels::new();
        let template = daemon_set.spec.template.metadata.as_ref();
        let of_pods = template.and_then(|metadata| metadata.labels.as_ref()).unwrap_or(&none);
        let requests = [
            Request {
                group: "apps",
                resource: "daemonsets",
                labels: daemon_set.metadata.labels.as_ref().unwrap_or(&none),
            },
            Request { group: "", resource: "pods", labels: of_pods },
        ];
        let matches = |scope: &Scope| requests.iter().any(|request| scope.matches(request, &of_namespace));
        let mut found = BTreeSet::new();
        let mut add = |kind, name: &str, fails| {
            found.insert(Matching { kind, name: name.to_owned(), fails });
        };
        let tables = [
            (Kind::MutatingWebhookConfiguration, &self.around.mutating_webhooks),
            (Kind::ValidatingWebhookConfiguration, &self.around.validating_webhooks),
        ];
        for (kind, table) in tables {
            for (name, webhooks) in table.iter() {
                let matching: Vec<&Decider> = webhooks.iter().filter(|one| matches(&one.scope)).collect();
                if !matching.is_empty() {
                    add(kind, name, matching.iter().any(|one| one.fails()));
                }
            }
        }
        let around = &self.around;
        let policies = [
            (Kind::ValidatingAdmissionPolicy, &around.policies, &around.bindings),
            (Kind::MutatingAdmissionPolicy, &around.mutating_policies, &around.mutating_bindings),
        ];
        for (kind, table, bindings) in policies {
            for (name, policy) in table.iter().filter(|(_, policy)| matches(&policy.scope)) {
                let mut of_policy = bindings.values().filter(|one| *one.policy_name == *name);
                let is_bound = of_policy.any(|one| {
                    let reaches = |scope: &Scope| scope.rules.is_none() || matches(scope);
                    (kind == Kind::MutatingAdmissionPolicy || one.denies())
                        && one.match_resources.as_ref().is_none_or(reaches)
                });
                if is_bound {
                    add(kind, name, policy.fails());
                }
            }
        }
        found.into_iter().collect()
    }

    /// The names of OpenShift's SecurityContextConstraints, sorted.
    pub fn security_context_constraints(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.around.security_contexts.keys().collect();
        names.sort_unstable();
        names
    }
}

impl Scope {
    fn matches(&self, request: &Request<'_>, namespace: &Labels) -> bool {
        let selects = |selector: &Option<_>, labels| {
            // A selector that cannot be read is not known to leave anything out.
            selector.as_ref().is_none_or(|one| label_selector::matches(one, labels).unwrap_or(true))
        };
        let any = |rules: &Option<Vec<Rule>>| rules.iter().flatten().any(|rule| rule.matches(request));
        any(&self.rules)
            && !any(&self.exclude_resource_rules)
            && selects(&self.namespace_selector, namespace)
            && selects(&self.object_selector, request.labels)
    }
}

impl Rule {
    /// Whether the rule matches the creation of such objects.
    fn matches(&self, request: &Request<'_>) -> bool {
        let has = |list: &[Box<str>], wanted: &str| {
            list.iter().any(|one| matches!(&**one, "*") || **one == *wanted)
        };
        has(&self.operations, "CREATE")
            && has(&self.api_groups, request.group)
            && has(&self.api_versions, "v1")
            && (has(&self.resources, request.resource) || self.resources.iter().any(|one| &**one == "*/*"))
            && self.scope.as_deref() != Some("Cluster")
    }
}
