//! Random clusters with a random DaemonSet, placed by us and by the scheduler's own code.

mod answer;
mod asking;
mod budgets;
mod compare;
mod daemon_set;
mod nodes;
mod orders;
mod ours;
mod pod_parts;
mod pods;
mod shrink;
mod storage;
mod tally;
mod words;

use daemonset_validation::Server;
use daemonset_validation::admission::{Surroundings, admit};
use daemonset_validation::apiserver::strategy::admit_create;
use serde_json::{Map, Value, json};

use crate::random::Random;

pub use answer::{NodeAnswer, ResourceAnswer, read_theirs};
pub use asking::Asking;
pub use compare::{Difference, compare};
pub use orders::differences;
pub use ours::ours;
pub use shrink::shrink;
pub use tally::Tally;

/// A DaemonSet and the cluster on which it is rolled out.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// The DaemonSet, as a user writes it.
    pub daemon_set: Value,
    /// The cluster's objects, as the server stores them.
    pub objects: Vec<Value>,
}

impl Case {
    /// Whether the server takes the DaemonSet, and its pods. Whether it takes pods is compared elsewhere (`admission/`).
    pub fn is_valid(&self, server: &Server) -> bool {
        let Ok(typed) = serde_json::from_value(self.daemon_set.clone()) else { return false };
        let admission = admit_create(typed, true, server);
        let namespace = &self.daemon_set["metadata"]["namespace"];
        let is_there =
            |object: &Value| object["kind"] == "Namespace" && object["metadata"]["name"] == *namespace;
        admission.errors.is_empty()
            && self.objects.iter().any(is_there)
            && admit(&admission.daemon_set, &Surroundings::default(), server).is_ok()
    }

    /// The question for the oracle, without a newline.
    pub fn question(&self, id: u64) -> String {
        json!({ "id": id, "daemonSet": self.daemon_set, "objects": self.objects }).to_string()
    }
}

/// What a case is about. Filters run one behind the other, so a case where everything goes wrong would only ever show the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Theme {
    /// Which nodes the controller wants: selectors, affinity, taints.
    Where,
    /// Host ports.
    Ports,
    /// Requests and what is left.
    Resources,
    /// Volumes that only one pod may have.
    Restrictions,
    /// How many volumes a node takes.
    Limits,
    /// Claims and where their volumes can be.
    Binding,
    /// Zones of volumes.
    Zone,
    /// Topology spread.
    Spread,
    /// Affinity and anti-affinity between pods.
    Affinity,
}

const THEMES: &[Theme] = &[
    Theme::Where,
    Theme::Ports,
    Theme::Ports,
    Theme::Resources,
    Theme::Resources,
    Theme::Restrictions,
    Theme::Limits,
    Theme::Binding,
    Theme::Zone,
    Theme::Spread,
    Theme::Spread,
    Theme::Spread,
    Theme::Affinity,
    Theme::Affinity,
];

/// What the parts of a case share while it is made.
pub(crate) struct Plan<'r> {
    pub(crate) random: &'r mut Random,
    themes: Vec<Theme>,
    pub(crate) nodes: Vec<String>,
    /// The DaemonSet's name and namespace.
    pub(crate) name: &'static str,
    pub(crate) namespace: &'static str,
    /// The labels of the DaemonSet's pods.
    pub(crate) labels: Map<String, Value>,
    /// How many things were named, so that names and start times are distinct.
    pub(crate) counter: usize,
    /// Objects besides nodes and pods.
    pub(crate) others: Vec<Value>,
}

impl Plan<'_> {
    pub(crate) fn about(&self, theme: Theme) -> bool {
        self.themes.contains(&theme)
    }

    pub(crate) fn percent(&mut self, percent: usize) -> bool {
        self.random.percent(percent)
    }

    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.random.below(limit)
    }

    pub(crate) fn pick<T: Copy + Default>(&mut self, choices: &[T]) -> T {
        self.random.pick(choices).copied().unwrap_or_default()
    }

    pub(crate) fn next(&mut self) -> usize {
        self.counter += 1;
        self.counter
    }
}

/// The case with this number; `None` where the server would refuse the DaemonSet that chance made.
pub fn case(seed: u64, number: u64, server: &Server) -> Option<Case> {
    let random = &mut Random::of_case(seed, number);
    let mut themes = vec![*random.pick(THEMES)?];
    themes.extend(THEMES.iter().copied().filter(|_| random.percent(9)));
    let most = if random.percent(70) { 4 } else { 8 };
    let count = 1 + random.below(most);
    let mut plan = Plan {
        themes,
        nodes: (1..=count).map(|node| format!("n{node}")).collect(),
        name: "agent",
        namespace: if random.percent(80) { "default" } else { "team-a" },
        labels: Map::new(),
        counter: 0,
        others: words::namespaces(random),
        random,
    };
    let nodes = nodes::nodes(&mut plan);
    let daemon_set = daemon_set::daemon_set(&mut plan);
    let pods = pods::pods(&mut plan);
    let mut objects = nodes;
    objects.extend(pods);
    objects.append(&mut plan.others);
    objects.extend(budgets::budgets(&mut plan));
    let case = Case { daemon_set, objects };
    case.is_valid(server).then_some(case)
}
