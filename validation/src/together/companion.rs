//! An object of the files that is no DaemonSet, in a few facts.

use std::hash::{DefaultHasher, Hash, Hasher};

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, LabelSelectorRequirement};

use crate::matching::Labels;
use crate::peers::labels::{CompactLabels, CompactSelector};
use crate::subject;
use crate::tree::{NodeId, Tree, Value};

/// An object of the files that may mean something to a DaemonSet.
#[derive(Clone, Debug)]
pub struct Companion {
    /// `kind`.
    pub kind: &'static str,
    /// `metadata.namespace`, or the one of the request; empty for a kind without namespaces.
    pub namespace: Box<str>,
    /// Whether the namespace is written in the object.
    pub namespace_is_written: bool,
    /// `metadata.name`.
    pub name: Box<str>,
    /// Its first line in its text, from 1.
    pub line: usize,
    /// Where it is written, as reports show it: `agent.yaml:12`.
    pub origin: String,
    /// The file of a folder in which it was found; empty where it was named.
    pub file: String,
    /// What it is.
    pub what: What,
}

/// What an object is to a DaemonSet.
#[derive(Clone, Debug)]
pub enum What {
    /// A workload with pods of its own.
    Workload {
        /// Which pods it selects.
        selector: CompactSelector,
        /// The labels of its pods.
        labels: CompactLabels,
    },
    /// An autoscaler of a DaemonSet.
    Scaler {
        /// The name of the DaemonSet.
        target: Box<str>,
    },
    /// A disruption budget.
    Budget {
        /// Which pods it is for.
        selector: CompactSelector,
        /// The field that needs the number of replicas; `None` where it counts pods.
        needs_scale: Option<&'static str>,
    },
    /// A Service.
    Service {
        /// Which pods it is for.
        selector: CompactLabels,
        /// The ports of pods that it names.
        ports: Box<[Box<str>]>,
    },
    /// A claim.
    Claim {
        /// The only access mode, where it is one for one node or one pod.
        single: Option<&'static str>,
    },
    /// Configuration, of which the fingerprint tells whether it changes.
    Config {
        /// The keys of its data.
        keys: Box<[Box<str>]>,
        /// The fingerprint of its data.
        print: u64,
        /// Whether the stored object has other data.
        changed: bool,
        /// Whether its data can never change.
        immutable: bool,
    },
    /// A Secret.
    Secret {
        /// The keys of its data; empty where something else fills it in.
        keys: Box<[Box<str>]>,
    },
    /// A binding of rights.
    Binding {
        /// The service accounts that get them.
        accounts: Box<[Subject]>,
    },
    /// Something that pods name.
    Named,
}

/// A service account in a binding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// Its namespace; empty where none is written.
    pub namespace: Box<str>,
    /// Its name.
    pub name: Box<str>,
}

impl Companion {
    /// The kinds that an object may have.
    pub const KINDS: [&'static str; 16] = [
        "Deployment",
        "StatefulSet",
        "ReplicaSet",
        "Job",
        "HorizontalPodAutoscaler",
        "ScaledObject",
        "PodDisruptionBudget",
        "Service",
        "PersistentVolumeClaim",
        "ConfigMap",
        "Secret",
        "ServiceAccount",
        "PriorityClass",
        "RuntimeClass",
        "RoleBinding",
        "ClusterRoleBinding",
    ];

    /// The object, if it may mean something to a DaemonSet.
    pub fn of(tree: &Tree<'_>, subject: &subject::Subject) -> Option<Self> {
        let kind = Self::KINDS.into_iter().find(|kind| *kind == subject.kind)?;
        if subject.name.is_empty() {
            return None;
        }
        let group = subject.api_version.split_once('/').map(|(group, _)| group).unwrap_or_default();
        let read = Reader { tree, object: subject.node };
        let what = match (group, kind) {
            ("apps", "Deployment" | "StatefulSet" | "ReplicaSet") | ("batch", "Job") => read.workload()?,
            ("autoscaling", "HorizontalPodAutoscaler") => read.scaler("HorizontalPodAutoscaler")?,
            ("keda.sh", "ScaledObject") => read.scaler("ScaledObject")?,
            ("policy", "PodDisruptionBudget") => read.budget()?,
            ("", "Service") => read.service()?,
            ("", "PersistentVolumeClaim") => read.claim(),
            ("", "ConfigMap") => read.config(),
            ("", "Secret") => read.secret(),
            ("", "ServiceAccount")
            | ("scheduling.k8s.io", "PriorityClass")
            | ("node.k8s.io", "RuntimeClass") => What::Named,
            ("rbac.authorization.k8s.io", "RoleBinding" | "ClusterRoleBinding") => read.binding()?,
            _ => return None,
        };
        let is_namespaced = !matches!(kind, "PriorityClass" | "RuntimeClass" | "ClusterRoleBinding");
        let metadata = tree.get(subject.node, "metadata");
        let written = metadata.and_then(|metadata| tree.get_str(metadata, "namespace")).unwrap_or_default();
        Some(Self {
            kind,
            namespace: if is_namespaced { subject.namespace.as_str().into() } else { "".into() },
            namespace_is_written: !written.is_empty(),
            name: subject.name.as_str().into(),
            line: 0,
            origin: String::new(),
            file: String::new(),
            what,
        })
    }

    /// Its kind, name and place: `Service agent (agent.yaml:12)`.
    pub fn shown(&self) -> String {
        let Self { kind, name, origin, .. } = self;
        if origin.is_empty() { format!("{kind} `{name}`") } else { format!("{kind} `{name}` ({origin})") }
    }
}

struct Reader<'t, 'a> {
    tree: &'t Tree<'a>,
    object: NodeId,
}

impl Reader<'_, '_> {
    fn at(&self, path: &[&str]) -> Option<NodeId> {
        path.iter().try_fold(self.object, |node, key| self.tree.get(node, key))
    }

    fn text(&self, node: NodeId) -> Option<&str> {
        match self.tree.value(node) {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    fn pairs(&self, node: Option<NodeId>) -> Option<Labels> {
        let entries = self.tree.entries(node?).iter();
        let pairs =
            entries.filter_map(|entry| Some((entry.key.to_string(), self.text(entry.value)?.to_owned())));
        Some(pairs.collect())
    }

    fn texts(&self, node: Option<NodeId>) -> Vec<String> {
        let items = node.map(|node| self.tree.items(node)).unwrap_or_default();
        items.iter().filter_map(|item| self.text(*item)).map(str::to_owned).collect()
    }

    /// The selector at a path; one without requirements selects nothing here.
    fn selector(&self, path: &[&str]) -> Option<CompactSelector> {
        let node = self.at(path)?;
        let get = |node: NodeId, key: &str| self.tree.get_str(node, key).unwrap_or_default().to_owned();
        let expressions = self.tree.get(node, "matchExpressions");
        let expressions = expressions.map(|list| self.tree.items(list)).unwrap_or_default().iter();
        let expressions: Vec<LabelSelectorRequirement> = expressions
            .map(|one| LabelSelectorRequirement {
                key: get(*one, "key"),
                operator: get(*one, "operator"),
                values: Some(self.texts(self.tree.get(*one, "values"))).filter(|values| !values.is_empty()),
            })
            .collect();
        Some(CompactSelector::new(&LabelSelector {
            match_labels: self.pairs(self.tree.get(node, "matchLabels")),
            match_expressions: (!expressions.is_empty()).then_some(expressions),
        }))
    }

    fn workload(&self) -> Option<What> {
        let labels = self.pairs(self.at(&["spec", "template", "metadata", "labels"]))?;
        // The selector of a Job is made by the server.
        let selector = self.selector(&["spec", "selector"]).unwrap_or_default();
        Some(What::Workload { selector, labels: CompactLabels::new(Some(&labels)) })
    }

    /// The target of an autoscaler, if it is a DaemonSet.
    fn scaler(&self, kind: &str) -> Option<What> {
        let target = self.at(&["spec", "scaleTargetRef"])?;
        // KEDA's default is a Deployment.
        let default = if kind == "ScaledObject" { "Deployment" } else { "" };
        let is_ours = self.tree.get_str(target, "kind").unwrap_or(default) == "DaemonSet";
        is_ours.then_some(What::Scaler { target: self.tree.get_str(target, "name")?.into() })
    }

    fn budget(&self) -> Option<What> {
        let selector = self.selector(&["spec", "selector"])?;
        let is_percent =
            |node: NodeId| matches!(self.tree.value(node), Value::String(text) if text.ends_with('%'));
        let needs_scale = if self.at(&["spec", "maxUnavailable"]).is_some() {
            Some("maxUnavailable")
        } else {
            self.at(&["spec", "minAvailable"]).filter(|node| is_percent(*node)).map(|_| "minAvailable")
        };
        Some(What::Budget { selector, needs_scale })
    }

    fn service(&self) -> Option<What> {
        let selector = self.pairs(self.at(&["spec", "selector"])).filter(|pairs| !pairs.is_empty())?;
        let ports = self.at(&["spec", "ports"]).map(|list| self.tree.items(list)).unwrap_or_default();
        let names = ports.iter().filter_map(|port| self.tree.get_str(*port, "targetPort"));
        // A number in quotes is a number to the server's defaults, and no name either way.
        let names = names.filter(|name| name.bytes().any(|byte| byte.is_ascii_alphabetic()));
        Some(What::Service {
            selector: CompactLabels::new(Some(&selector)),
            ports: names.map(Box::from).collect(),
        })
    }

    fn claim(&self) -> What {
        let modes = self.texts(self.at(&["spec", "accessModes"]));
        let single = match modes.as_slice() {
            [only] if only == "ReadWriteOnce" => Some("ReadWriteOnce"),
            [only] if only == "ReadWriteOncePod" => Some("ReadWriteOncePod"),
            _ => None,
        };
        What::Claim { single }
    }

    fn config(&self) -> What {
        let mut hasher = DefaultHasher::new();
        for field in ["data", "binaryData"] {
            let entries = self.at(&[field]).map(|node| self.tree.entries(node)).unwrap_or_default();
            let mut pairs: Vec<(&str, &str)> = entries
                .iter()
                .map(|entry| (&*entry.key, self.text(entry.value).unwrap_or_default()))
                .collect();
            pairs.sort_unstable();
            (field, pairs).hash(&mut hasher);
        }
        let immutable = self.at(&["immutable"]).map(|node| self.tree.value(node));
        let immutable = matches!(immutable, Some(Value::Bool(true)));
        let keys = self.keys(&["data", "binaryData"]);
        What::Config { keys, print: hasher.finish(), changed: false, immutable }
    }

    fn keys(&self, fields: &[&str]) -> Box<[Box<str>]> {
        let lists = fields.iter().filter_map(|field| self.at(&[field]));
        lists.flat_map(|list| self.tree.entries(list)).map(|entry| Box::from(&*entry.key)).collect()
    }

    fn secret(&self) -> What {
        let kind = self.tree.get_str(self.object, "type").unwrap_or_default();
        // A controller adds the keys of a token.
        let is_filled_in = kind == "kubernetes.io/service-account-token";
        What::Secret { keys: if is_filled_in { Box::default() } else { self.keys(&["data", "stringData"]) } }
    }

    fn binding(&self) -> Option<What> {
        let subjects = self.tree.items(self.at(&["subjects"])?).iter();
        let accounts: Box<[Subject]> = subjects
            .filter(|one| self.tree.get_str(**one, "kind") == Some("ServiceAccount"))
            .filter_map(|one| {
                Some(Subject {
                    namespace: self.tree.get_str(*one, "namespace").unwrap_or_default().into(),
                    name: self.tree.get_str(*one, "name")?.into(),
                })
            })
            .collect();
        (!accounts.is_empty()).then_some(What::Binding { accounts })
    }
}
