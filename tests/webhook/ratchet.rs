//! An update is denied exactly for what it adds: nodes, host ports, other DaemonSets.
//!
//! `SEED` and `CASES` choose other updates, and more.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use arc_swap::ArcSwap;
use daemonset_tests::random::Random;
use daemonset_tests::setting;
use daemonset_tests::updates::{snapshot, stored, update};
use daemonset_validation::facts::{Facts, NodeSet, NodeState, PeerRelation};
use daemonset_validation::placement::{
    Budget, Kind, OutcomeKind, Preview, Snapshot, explain, template_ports,
};
use daemonset_validation::rules::RULES;
use daemonset_validation::{Finding, Server};
use daemonset_webhook::config::{Config, Level};
use daemonset_webhook::placement::{Judgement, Old, Question, judge_on};
use daemonset_webhook::policy::Levels;
use daemonset_webhook::review::{self, Context, FaultlessSpecs, PlacementJudge};
use k8s_openapi::api::apps::v1::DaemonSet;
use serde_json::{Value, json};

/// Every rule that the webhook can check denies.
fn strict() -> Levels {
    let all = RULES.iter().filter(|rule| rule.admission.is_some());
    let levels = all.map(|rule| (rule.id.to_owned(), Level::Deny)).collect::<BTreeMap<_, _>>();
    Levels::new(&Config { levels, ..Config::default() })
}

/// Judges on one cluster.
struct Judge<'j> {
    snapshot: &'j Snapshot,
    server: &'j Server,
    levels: &'j Levels,
}

impl Judge<'_> {
    fn judge(&self, new: &DaemonSet, old: Option<&DaemonSet>) -> Judgement {
        let budget = Budget::unbounded();
        let question = Question { server: self.server, levels: self.levels, named_nodes: 3, budget: &budget };
        let mut old = || old.map_or(Old::None, |old| Old::Object(Box::new(old.clone())));
        judge_on(new, &mut old, self.snapshot, &question)
    }
}

/// A fact about which two findings can be compared: the rule, the node by name, and the port and the name of another DaemonSet.
type Fact = (String, Option<String>, Option<String>, Option<String>);

/// The facts of findings, one by one.
fn facts(findings: &[Finding], snapshot: &Snapshot) -> BTreeSet<Fact> {
    let mut all = BTreeSet::new();
    let names = |nodes: &NodeSet| -> Vec<Option<String>> {
        if nodes.is_empty() {
            return vec![None];
        }
        nodes.iter().map(|node| Some(snapshot.nodes().get(node as usize).unwrap().name.to_string())).collect()
    };
    for finding in findings {
        // Two rules say of nodes that the DaemonSet does not run there; the same is a fact of both.
        let rule = match finding.rule {
            "lands-nowhere" => "skips-nodes",
            rule => rule,
        };
        match finding.facts.as_deref() {
            None => _ = all.insert((format!("{rule} {}", finding.message), None, None, None)),
            Some(Facts::Cluster | Facts::Whole) => _ = all.insert((rule.to_owned(), None, None, None)),
            Some(Facts::Nodes(_, nodes) | Facts::Unknown(_, nodes)) => {
                all.extend(names(nodes).into_iter().map(|node| (rule.to_owned(), node, None, None)));
            }
            Some(Facts::Peers(_, peers)) => {
                for peer in peers {
                    let other = format!("{}/{}", peer.namespace, peer.name);
                    let mut ports: Vec<Option<String>> = peer
                        .ports
                        .iter()
                        .map(|(protocol, port)| Some(format!("{port}/{protocol}")))
                        .collect();
                    if ports.is_empty() {
                        ports.push(None);
                    }
                    for node in names(&peer.nodes) {
                        for port in &ports {
                            all.insert((rule.to_owned(), node.clone(), port.clone(), Some(other.clone())));
                        }
                    }
                }
            }
        }
    }
    all
}

fn nodes_of(preview: &Preview, wanted: impl Fn(OutcomeKind) -> bool) -> NodeSet {
    let nodes = (0_u32..).zip(&preview.verdicts);
    nodes.filter(|(_, verdict)| wanted(verdict.outcome.kind())).map(|(node, _)| node).collect()
}

/// The nodes that the update loses, told from the previews alone.
fn lost(new: &Preview, old: &Preview) -> NodeSet {
    use OutcomeKind::{NotWanted, Pending, Runs};
    nodes_of(old, |kind| kind == Runs).and(&nodes_of(new, |kind| matches!(kind, Pending | NotWanted)))
}

#[test]
fn an_update_is_denied_exactly_for_what_it_adds() {
    let (seed, count) = (setting("SEED", 20_261_130), setting("CASES", 20_000));
    let threads = std::thread::available_parallelism().map_or(1, |cores| cores.get() as u64);
    let seen = std::thread::scope(|scope| {
        let parts: Vec<_> = (0..threads)
            .map(|first| scope.spawn(move || judge_updates(seed, (first, threads), count.div_ceil(threads))))
            .collect();
        parts.into_iter().fold(Seen::default(), |all, part| all.and(part.join().unwrap()))
    });
    let Seen { judged, denied, kept, rules } = seen;
    println!("of {judged} updates {denied} introduce something, {kept} keep something: {rules:#?}");
    for rule in ["skips-nodes", "lands-nowhere", "pending", "host-port-clash", "placement-unknown"] {
        assert!(rules.get(rule).is_some_and(|count| *count > judged / 200), "few of {rule}: {rules:#?}");
    }
    assert!(rules.contains_key("overlapping-selectors"), "{rules:#?}");
    assert!(denied > judged / 5 && kept > judged / 5, "{denied} {kept}");
}

/// What was seen of so many updates.
#[derive(Default)]
struct Seen {
    judged: u64,
    /// Those that introduce something.
    denied: u64,
    /// Those that keep something.
    kept: u64,
    /// How often a rule found something that an update introduces.
    rules: BTreeMap<&'static str, u64>,
}

impl Seen {
    fn and(mut self, other: Self) -> Self {
        self.judged += other.judged;
        self.denied += other.denied;
        self.kept += other.kept;
        other.rules.into_iter().for_each(|(rule, count)| *self.rules.entry(rule).or_default() += count);
        self
    }
}

/// Judges so many updates: those with every so manyth number from a first one on.
fn judge_updates(seed: u64, (first, step): (u64, u64), count: u64) -> Seen {
    let (server, levels) = (Server::newest(), strict());
    let mut seen = Seen::default();
    let mut number = first;
    while seen.judged < count {
        number += step;
        let Some(case) = update(seed, number, &server) else { continue };
        seen.judged += 1;
        // Some clusters lack a kind, so that some answers are unknown.
        let unread = match number % 10 {
            0 => Some(Kind::PersistentVolumeClaim),
            1 => Some(Kind::Namespace),
            _ => None,
        };
        let cluster = snapshot(&case.objects, unread, &server);
        let (new, old) = (stored(&case.new, &server), stored(&case.old, &server));
        let judge = Judge { snapshot: &cluster, server: &server, levels: &levels };
        let place = || format!("seed {seed} case {number}\nold {}\nnew {}", case.old, case.new);

        let same = judge.judge(&old, Some(&old));
        assert!(same.introduced.is_empty(), "{:#?}\n{}", same.introduced, place());

        let of_old = judge.judge(&old, None);
        let created = judge.judge(&new, None);
        let updated = judge.judge(&new, Some(&old));
        assert!(of_old.kept.is_empty() && created.kept.is_empty());
        let (had, found) = (facts(&of_old.introduced, &cluster), facts(&created.introduced, &cluster));
        let added = facts(&updated.introduced, &cluster);
        let not_new: Vec<_> = added.intersection(&had).collect();
        assert!(not_new.is_empty(), "the stored object has it: {not_new:#?}\n{}", place());
        let invented: Vec<_> = added.difference(&found).collect();
        assert!(invented.is_empty(), "a create would not be denied for it: {invented:#?}\n{}", place());
        // Nothing gets lost on the way: what is not introduced is kept.
        let rules = |judged: &Judgement| -> BTreeSet<&str> {
            judged.introduced.iter().chain(&judged.kept).map(|finding| finding.rule).collect()
        };
        assert_eq!(rules(&updated), rules(&created), "{}", place());

        nodes_are_exact(&cluster, &server, (&new, &old), &updated, &place);
        ports_are_exact(&had, &found, &added, &cluster, &old, &place);
        seen.denied += u64::from(!updated.introduced.is_empty());
        seen.kept += u64::from(!updated.kept.is_empty());
        for finding in &updated.introduced {
            *seen.rules.entry(finding.rule).or_default() += 1;
        }
    }
    seen
}

/// Nodes that are lost are introduced, and no others.
fn nodes_are_exact(
    cluster: &Snapshot,
    server: &Server,
    (new, old): (&DaemonSet, &DaemonSet),
    updated: &Judgement,
    place: &dyn Fn() -> String,
) {
    let (new, old) = (explain(new, cluster, server), explain(old, cluster, server));
    let lost = lost(&new, &old);
    let said = updated.introduced.iter().find_map(|finding| match finding.facts.as_deref() {
        Some(Facts::Nodes(NodeState::Absent, nodes)) => Some(nodes.clone()),
        _ => None,
    });
    assert_eq!(said.unwrap_or_default(), lost, "{}", place());
    let refused = |preview: &Preview| nodes_of(preview, |kind| kind == OutcomeKind::Refused);
    let may_be_refused = nodes_of(&old, |kind| matches!(kind, OutcomeKind::Refused | OutcomeKind::Unknown));
    let said = updated.introduced.iter().find_map(|finding| match finding.facts.as_deref() {
        Some(Facts::Nodes(NodeState::Refused, nodes)) if finding.rule == "pods-refused" => {
            Some(nodes.clone())
        }
        _ => None,
    });
    assert_eq!(said.unwrap_or_default(), refused(&new).without(&may_be_refused), "{}", place());
    for finding in &updated.introduced {
        if let Some(Facts::Nodes(NodeState::Absent, nodes)) = finding.facts.as_deref() {
            let names: Vec<&str> =
                nodes.iter().map(|node| &*cluster.nodes().get(node as usize).unwrap().name).collect();
            let named = names.iter().filter(|name| finding.message.contains(**name)).count();
            let is_cut = ["…", " other", "more node"].iter().any(|word| finding.message.contains(word));
            assert!(named == names.len() || named > 0 && is_cut, "{} of {names:?}", finding.message);
        }
    }
}

/// A clash is introduced where the stored version does not have it, unless it is not known whether it would run there.
fn ports_are_exact(
    had: &BTreeSet<Fact>,
    found: &BTreeSet<Fact>,
    added: &BTreeSet<Fact>,
    cluster: &Snapshot,
    old: &DaemonSet,
    place: &dyn Fn() -> String,
) {
    let server = Server::newest();
    let unknown = nodes_of(&explain(old, cluster, &server), |kind| kind == OutcomeKind::Unknown);
    let old_ports = old.spec.template.spec.as_ref().map(template_ports).unwrap_or_default();
    let clashes = |facts: &BTreeSet<Fact>| -> BTreeSet<Fact> {
        facts.iter().filter(|(rule, ..)| rule == "host-port-clash").cloned().collect()
    };
    let of_had = clashes(had);
    for fact in clashes(found).difference(&of_had) {
        let (_, node, port, _) = fact;
        let index = cluster.nodes().iter().position(|one| Some(&*one.name) == node.as_deref()).unwrap();
        let may_have = unknown.contains(u32::try_from(index).unwrap())
            && old_ports.iter().any(|one| Some(format!("{}/{}", one.port.port, one.port.protocol)) == *port);
        assert!(added.contains(fact) || may_have, "{fact:?} is not introduced\n{}", place());
    }
}

/// Shuffles what stands in no order: nodes, tolerations, ports, terms and their values.
fn shuffled(value: &Value, random: &mut Random) -> Value {
    let mut value = value.clone();
    let spec = &mut value["spec"]["template"]["spec"];
    shuffle(&mut spec["tolerations"], random);
    shuffle(&mut spec["containers"][0]["ports"], random);
    let terms = "/affinity/nodeAffinity/requiredDuringSchedulingIgnoredDuringExecution/nodeSelectorTerms";
    if let Some(terms) = spec.pointer_mut(terms) {
        shuffle(terms, random);
        for term in terms.as_array_mut().into_iter().flatten() {
            shuffle(&mut term["matchExpressions"], random);
            for expression in term["matchExpressions"].as_array_mut().into_iter().flatten() {
                shuffle(&mut expression["values"], random);
            }
        }
    }
    value
}

fn shuffle(list: &mut Value, random: &mut Random) {
    if let Some(list) = list.as_array_mut() {
        for place in (1..list.len()).rev() {
            list.swap(place, random.below(place + 1));
        }
    }
}

/// What becomes of the pod on each node, by name.
fn outcomes(daemon_set: &DaemonSet, cluster: &Snapshot, server: &Server) -> BTreeMap<String, OutcomeKind> {
    let verdicts = explain(daemon_set, cluster, server).verdicts;
    let nodes = cluster.nodes().iter().zip(verdicts);
    nodes.map(|(node, verdict)| (node.name.to_string(), verdict.outcome.kind())).collect()
}

#[test]
fn the_order_of_lists_and_nodes_does_not_matter() {
    let (seed, count) = (setting("SEED", 20_261_201), setting("CASES", 4_000));
    let (server, levels) = (Server::newest(), strict());
    let (mut compared, mut denied) = (0, 0);
    for number in 0..count {
        let Some(case) = update(seed, number, &server) else { continue };
        let random = &mut Random::of_case(seed, number ^ 0xABCD);
        let cluster = snapshot(&case.objects, None, &server);
        let mut objects = Value::from(case.objects.clone());
        shuffle(&mut objects, random);
        let other_cluster = snapshot(objects.as_array().unwrap(), None, &server);
        let (new, old) = (stored(&case.new, &server), stored(&case.old, &server));
        let (new_shuffled, old_shuffled) =
            (stored(&shuffled(&case.new, random), &server), stored(&shuffled(&case.old, random), &server));
        // Pods that keep each other away are placed in the order of the nodes, so the previews themselves may differ.
        let same = |one: &DaemonSet, other: &DaemonSet| {
            outcomes(one, &cluster, &server) == outcomes(other, &other_cluster, &server)
        };
        if !same(&new, &new_shuffled) || !same(&old, &old_shuffled) {
            continue;
        }
        let stable = |facts: BTreeSet<Fact>| -> BTreeSet<Fact> {
            // Of the others in the cluster the same holds; their previews are not compared here, and these rules read them.
            let reads_others = |rule: &str| rule == "uncovered-nodes";
            facts.into_iter().filter(|(rule, _, _, other)| other.is_none() && !reads_others(rule)).collect()
        };
        let one = Judge { snapshot: &cluster, server: &server, levels: &levels }.judge(&new, Some(&old));
        let other = Judge { snapshot: &other_cluster, server: &server, levels: &levels }
            .judge(&new_shuffled, Some(&old_shuffled));
        compared += 1;
        denied += u64::from(!one.introduced.is_empty());
        assert_eq!(
            stable(facts(&one.introduced, &cluster)),
            stable(facts(&other.introduced, &other_cluster)),
            "seed {seed} case {number}"
        );
        let selectors = |judged: &Judgement| -> BTreeSet<String> {
            let peers = judged.introduced.iter().filter_map(|finding| match finding.facts.as_deref() {
                Some(Facts::Peers(PeerRelation::Selectors, peers)) => Some(peers),
                _ => None,
            });
            peers.flatten().map(|peer| peer.name.to_string()).collect()
        };
        assert_eq!(selectors(&one), selectors(&other), "seed {seed} case {number}");
    }
    assert!(compared > count / 4 && denied > compared / 5, "{compared} {denied}");
    println!("{compared} updates are judged alike in another order, {denied} of them introduce something");
}

/// A cluster that changes while reviews are judged.
struct Churning {
    snapshots: Vec<Arc<Snapshot>>,
    now: ArcSwap<Snapshot>,
}

impl PlacementJudge for Churning {
    fn judge(&self, new: &DaemonSet, old: &mut dyn FnMut() -> Old, question: &Question<'_>) -> Judgement {
        judge_on(new, old, &self.now.load_full(), question)
    }
}

/// Replaces the snapshot about 500 times a second until it is told to stop. Returns how often.
fn churn(cluster: &Churning, stop: &AtomicBool) -> usize {
    let mut replaced = 0;
    for snapshot in cluster.snapshots.iter().cycle() {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        cluster.now.store(snapshot.clone());
        replaced += 1;
        std::thread::sleep(Duration::from_millis(2));
    }
    replaced
}

/// Nodes of which some are cordoned, tainted or without a label, other ones in each state of the cluster.
fn states(server: &Server) -> Vec<Arc<Snapshot>> {
    let state = |turn: usize| {
        let node = |number: usize| {
            let state = (number + turn) % 7;
            let mut node = json!({
                "apiVersion": "v1", "kind": "Node",
                "metadata": { "name": format!("n{number}"), "labels": { "zone": format!("z{}", number % 3) } },
                "spec": {}, "status": { "allocatable": { "cpu": "4", "memory": "8Gi", "pods": "110" } }
            });
            match state {
                0 => node["spec"]["taints"] = json!([{ "key": "gpu", "effect": "NoSchedule" }]),
                1 => node["metadata"]["labels"] = json!({}),
                2 => node["status"]["allocatable"]["cpu"] = json!("0"),
                _ => {}
            }
            node
        };
        let mut objects: Vec<Value> = (0..30).map(node).collect();
        let mut other = agent(9100, "z1", "1");
        other["metadata"]["name"] = json!("other");
        objects.push(other);
        Arc::new(snapshot(&objects, None, server))
    };
    (0..7).map(state).collect()
}

fn agent(port: u16, zone: &str, image: &str) -> Value {
    json!({
        "apiVersion": "apps/v1", "kind": "DaemonSet",
        "metadata": { "name": "agent", "namespace": "default", "uid": "u", "creationTimestamp": "2026-11-01T00:00:00Z" },
        "spec": {
            "selector": { "matchLabels": { "app": "agent" } }, "updateStrategy": { "type": "OnDelete" }, "revisionHistoryLimit": 10,
            "template": { "metadata": { "labels": { "app": "agent" } }, "spec": {
                "nodeSelector": { "zone": zone }, "restartPolicy": "Always", "dnsPolicy": "ClusterFirst",
                "terminationGracePeriodSeconds": 30,
                "containers": [{
                    "name": "c", "image": format!("registry.example/agent:{image}"), "terminationMessagePolicy": "File",
                    "imagePullPolicy": "IfNotPresent", "resources": { "requests": { "cpu": "1" } },
                    "ports": [{ "containerPort": 80, "hostPort": port, "protocol": "TCP" }]
                }]
            } }
        }
    })
}

fn body(new: &Value, old: &Value) -> String {
    json!({
        "apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview",
        "request": {
            "uid": "u", "operation": "UPDATE", "kind": { "group": "apps", "version": "v1", "kind": "DaemonSet" },
            "userInfo": { "username": "admin" }, "object": new, "oldObject": old
        }
    })
    .to_string()
}

/// Under node events, whatever state the cluster is in, an update that introduces nothing is not denied, and one that introduces a clash on
/// every node is.
#[test]
fn updates_that_introduce_nothing_pass_while_the_cluster_changes() {
    let (count, server, levels) = (setting("CASES", 10_000), Server::newest(), strict());
    let snapshots = states(&server);
    let cluster = Churning { now: ArcSwap::new(snapshots[0].clone()), snapshots };
    let (stop, budget) = (AtomicBool::new(false), Budget::unbounded());
    let (mut wrongly, mut missed, mut warned) = (0, 0, 0);
    let replaced = std::thread::scope(|scope| {
        let churning = scope.spawn(|| churn(&cluster, &stop));
        let known = FaultlessSpecs::default();
        for number in 0..count {
            let context = Context {
                levels: &levels,
                server: Some(server),
                faultless: &known,
                placement: Some(&cluster),
                named_nodes: 3,
                budget: &budget,
            };
            let decide = |new: &Value, old: &Value| {
                review::judge(body(new, old).as_bytes(), &context).unwrap().decision.answer
            };
            // The image changes, which moves no pod.
            let (new, old) = (agent(9100, "z1", &format!("v{number}")), agent(9100, "z1", "1"));
            let answer = decide(&new, &old);
            wrongly += u64::from(!answer.allowed());
            warned += u64::from(!answer.warnings.is_empty());
            if number % 100 == 0 {
                missed += u64::from(decide(&new, &agent(9200, "z1", "1")).allowed());
                missed += u64::from(decide(&new, &agent(9100, "z2", "1")).allowed());
            }
        }
        stop.store(true, Ordering::Relaxed);
        churning.join().unwrap()
    });
    println!("of {count} updates {wrongly} are denied wrongly; the cluster changed {replaced} times");
    assert_eq!((wrongly, missed), (0, 0));
    // They were judged: there was something to find.
    assert_eq!(warned, count);
    assert!(replaced > 100, "{replaced}");
}
