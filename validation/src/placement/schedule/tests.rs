//! Pods are placed as by plain passes over all nodes that wait.

use k8s_openapi::api::apps::v1::DaemonSet;
use k8s_openapi::serde_json::{self, Value, json};

use super::*;
use crate::placement::budget::Budget;
use crate::placement::creation::Creation;
use crate::placement::daemon_pod::{DaemonPod, volumes};
use crate::placement::kind::Kind;
use crate::placement::snapshot::{Snapshot, SnapshotBuilder};
use crate::server::Server;

/// Numbers that look random and are the same in each run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or(0).checked_rem(limit).unwrap_or(0)
    }
}

fn snapshot(numbers: &mut Numbers) -> Snapshot {
    let mut builder = SnapshotBuilder::new(Server::newest());
    let nodes = 2_usize.saturating_add(numbers.below(40));
    for number in 0..nodes {
        let mut labels = json!({ "kubernetes.io/hostname": format!("n{number}") });
        for (key, values) in [("zone", 3), ("rack", 5)] {
            if numbers.below(12) > 0 {
                labels[key] = json!(format!("{key}-{}", numbers.below(values)));
            }
        }
        let node = json!({ "metadata": { "name": format!("n{number}"), "labels": labels } });
        assert!(builder.add(Kind::Node, node).is_ok());
    }
    for number in 0..numbers.below(12) {
        let app = ["new", "old"][numbers.below(2)];
        let pod = json!({
            "metadata": { "name": format!("p{number}"), "namespace": "default", "labels": { "app": app } },
            "spec": { "nodeName": format!("n{}", numbers.below(nodes)), "containers": [] }
        });
        assert!(builder.add(Kind::Pod, pod).is_ok());
    }
    builder.finish()
}

fn daemon_set(numbers: &mut Numbers) -> DaemonSet {
    let key = |numbers: &mut Numbers| ["zone", "rack", "kubernetes.io/hostname"][numbers.below(3)];
    let selector = |numbers: &mut Numbers| match numbers.below(4) {
        0 => json!({ "matchLabels": { "app": "old" } }),
        _ => json!({ "matchLabels": { "app": "new" } }),
    };
    let mut spec = json!({ "containers": [{ "name": "c" }] });
    let constraints: Vec<Value> = (0..numbers.below(3))
        .map(|_| {
            let policy = ["Ignore", "Ignore", "Honor"][numbers.below(3)];
            let least = [Value::Null, json!(2), json!(4)][numbers.below(3)].clone();
            json!({
                "maxSkew": 1_usize.saturating_add(numbers.below(2)), "topologyKey": key(numbers),
                "whenUnsatisfiable": "DoNotSchedule", "labelSelector": selector(numbers),
                "nodeAffinityPolicy": policy, "minDomains": least
            })
        })
        .collect();
    spec["topologySpreadConstraints"] = json!(constraints);
    for kind in ["podAffinity", "podAntiAffinity"] {
        if numbers.below(3) == 0 {
            let terms: Vec<Value> = (0..=numbers.below(2))
                .map(|_| json!({ "topologyKey": key(numbers), "labelSelector": selector(numbers) }))
                .collect();
            spec["affinity"][kind] = json!({ "requiredDuringSchedulingIgnoredDuringExecution": terms });
        }
    }
    let template = json!({ "metadata": { "labels": { "app": "new" } }, "spec": spec });
    let made = json!({
        "metadata": { "name": "new", "namespace": "default" },
        "spec": { "selector": { "matchLabels": { "app": "new" } }, "template": template }
    });
    serde_json::from_value(made).unwrap()
}

/// The nodes that run the pod, by passes over all nodes until one places none, and how many passes placed any.
fn plain(
    cluster: &mut Cluster<'_>,
    decide: &impl Fn(&Cluster<'_>, NodeIndex) -> Option<NodeVerdict>,
) -> (Vec<bool>, usize) {
    let nodes = NodeIndex::try_from(cluster.context.snapshot.nodes().len()).unwrap();
    let mut runs = vec![false; nodes as usize];
    let mut passes = 0_usize;
    loop {
        let before = runs.clone();
        for node in 0..nodes {
            if !runs[node as usize] && decide(cluster, node).unwrap().outcome == Outcome::Runs {
                cluster.place(node);
                runs[node as usize] = true;
            }
        }
        if runs == before {
            return (runs, passes);
        }
        passes = passes.saturating_add(1);
    }
}

#[test]
fn nodes_that_wait_are_asked_as_often_as_it_matters() {
    let mut numbers = Numbers(11);
    let (server, budget) = (Server::newest(), Budget::unbounded());
    let (mut some, mut many) = (0_usize, 0_usize);
    for case in 0..1_500 {
        let (snapshot, daemon_set) = (snapshot(&mut numbers), daemon_set(&mut numbers));
        let template = daemon_set.spec.template.spec.as_ref().unwrap();
        let volumes = volumes(template);
        let creation = Creation::default();
        let made = || {
            let pod = DaemonPod::new(&daemon_set, (template, template), &volumes, &server);
            Cluster::new(pod, &creation, &snapshot, &server, &budget)
        };
        let decide = |cluster: &Cluster<'_>, node: NodeIndex| {
            Some(crate::placement::decide(cluster, &cluster.site(node)?))
        };
        let (expected, passes) = plain(&mut made(), &decide);
        let verdicts = in_turn(&mut made(), decide).unwrap();
        let runs: Vec<bool> = verdicts.iter().map(|verdict| verdict.outcome == Outcome::Runs).collect();
        assert_eq!(runs, expected, "case {case}: {daemon_set:#?}");
        let count = runs.iter().filter(|runs| **runs).count();
        some = some.saturating_add(usize::from(count > 0 && count < runs.len()));
        many = many.saturating_add(usize::from(passes > 2));
    }
    assert!(some > 200 && many > 20, "{some} {many}");
}
