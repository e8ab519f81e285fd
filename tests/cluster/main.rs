//! Starts a real control plane on loopback and compares what it does with DaemonSets, scenario by scenario, with the preview of
//! `daemonset-lint --explain`.
//!
//! `cluster [WORD…]` runs the scenarios whose names contain one of the words, or all. `UPDATE=1` records what the control plane did.

use daemonset_validation::placement::{ADMISSION_KINDS, KINDS};
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use daemonset_tests::controlplane::{ControlPlane, Options, User};
use daemonset_tests::scenarios::{
    Disagreement, Objects, Ours, Placement, Scenario, ahead, compare, corpus, explain_file, explain_live,
    place, read_record, real, write_record,
};
use daemonset_tests::{root, update};
use serde_json::{Value, json};

/// What a run needs at every step.
struct Run<'p> {
    plane: &'p ControlPlane,
    objects: Objects<'p>,
    /// How many objects belong to the fleet, which stays.
    fleet: usize,
    nodes: usize,
    agreed: usize,
    scenarios: usize,
    /// What fails the run.
    faults: Vec<String>,
    /// Scenarios of which the command is known to say something else: what is wrong there is shown, and fails nothing.
    ahead: Vec<String>,
    known: Vec<String>,
}

/// What happened, and by DaemonSet where the command says something else.
type Played = (Vec<Placement>, Vec<(String, Disagreement)>);

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match run(&words) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

fn run(words: &[String]) -> Result<bool, String> {
    let start = Instant::now();
    let options = Options {
        without_admission: Vec::new(),
        // Claims are as the scenarios write them, so nobody may bind them or declare them lost.
        controllers: vec![
            "daemonset-controller",
            "namespace-controller",
            "serviceaccount-controller",
            "resourcequota-controller",
        ],
        users: vec![User { name: "viewer".into(), groups: Vec::new() }],
        ..Options::default()
    };
    let plane = ControlPlane::start(&options)?;
    println!("the control plane is ready after {:.1} s", start.elapsed().as_secs_f64());
    let fleet = Scenario::fleet()?;
    let mut objects = Objects::new(&plane)?;
    for object in &fleet.objects {
        objects.create(object)?;
    }
    let kept = objects.made();
    let mut run = Run {
        plane: &plane,
        objects,
        fleet: kept,
        nodes: 0,
        agreed: 0,
        scenarios: 0,
        faults: Vec::new(),
        ahead: ahead(),
        known: Vec::new(),
    };

    println!("{:<52} {:>6} {:>6}  disagreements", "scenario", "nodes", "agree");
    let chosen = |name: &str| words.is_empty() || words.iter().any(|word| name.contains(word.as_str()));
    for scenario in
        [Scenario::ours()?, Scenario::refused()?].iter().flatten().filter(|scenario| chosen(&scenario.name))
    {
        run.scenario(scenario, &scenario.record())?;
    }
    match corpus() {
        Some(corpus) => {
            for scenario in real(&corpus).iter().filter(|scenario| chosen(&scenario.name)) {
                run.scenario(scenario, &scenario.record_of_real())?;
            }
        }
        None => println!("skipped: the real manifests of ../shared/corpus are absent"),
    }
    run.refusals()?;
    println!(
        "{} scenarios, {} nodes compared, {} agree, {:.0} s",
        run.scenarios,
        run.nodes,
        run.agreed,
        start.elapsed().as_secs_f64()
    );
    for fault in &run.known {
        println!("known: {fault}");
    }
    for fault in &run.faults {
        println!("{fault}");
    }
    Ok(run.faults.is_empty())
}

impl Run<'_> {
    fn scenario(&mut self, scenario: &Scenario, record: &Path) -> Result<(), String> {
        let outcome = self.play(scenario);
        if let Err(error) = &outcome {
            self.faults.push(format!("{}: {error}", scenario.name));
            println!("{:<52} {:>6} {:>6}  could not be played", scenario.name, "-", "-");
        }
        self.objects.clean(self.fleet)?;
        let Ok((placements, disagreements)) = outcome else { return Ok(()) };
        let nodes: usize = placements.iter().map(|placement| placement.nodes.len()).sum();
        let differ = disagreements.iter().filter(|(_, disagreement)| !disagreement.node.is_empty()).count();
        self.scenarios += 1;
        self.nodes += nodes;
        self.agreed += nodes.saturating_sub(differ);
        let more = match disagreements.len() {
            0 => String::new(),
            count => format!("{count}"),
        };
        println!("{:<52} {nodes:>6} {:>6}  {more}", scenario.name, nodes.saturating_sub(differ));
        if disagreements.is_empty() && self.ahead.contains(&scenario.name) {
            self.known
                .push(format!("{} agrees now: tests/cluster/ahead.txt need not name it", scenario.name));
        }
        for (daemon_set, Disagreement { node, real, ours }) in &disagreements {
            let known = self.ahead.contains(&scenario.name);
            let list = if known { &mut self.known } else { &mut self.faults };
            list.push(format!("{} {daemon_set} {node}\n    real: {real}\n    ours: {ours}", scenario.name));
        }
        self.recorded(scenario, &placements, record)
    }

    /// Plays one scenario: the placements, and where the command disagrees.
    fn play(&mut self, scenario: &Scenario) -> Result<Played, String> {
        self.objects.explicit = scenario.explicit;
        for object in &scenario.objects {
            self.objects.create(object)?;
        }
        let (mut placements, mut disagreements) = (Vec::new(), Vec::new());
        for (number, daemon_set) in scenario.daemon_sets.iter().enumerate() {
            for object in scenario.changes.get(&number).into_iter().flatten() {
                self.objects.change(object)?;
            }
            self.objects.make_room(daemon_set)?;
            // The servers learn of what was made by watching; what they do not know yet they could overlook.
            std::thread::sleep(std::time::Duration::from_millis(400));
            let ours = self.ask(daemon_set)?;
            let real = place(&mut self.objects, daemon_set)?;
            for (way, ours) in ["live", "file"].iter().zip(&ours) {
                let found = compare(&real, ours);
                disagreements
                    .extend(found.into_iter().map(|one| (format!("{} ({way})", real.daemon_set), one)));
            }
            // The same disagreement by both roads is one.
            let mut seen = std::collections::HashSet::new();
            disagreements.retain(|(name, one)| {
                let name = name.trim_end_matches(" (file)").trim_end_matches(" (live)").to_owned();
                seen.insert((name, one.node.clone(), one.real.clone()))
            });
            placements.push(real);
        }
        Ok((placements, disagreements))
    }

    /// What the command says: from the API server, and from what kubectl prints.
    fn ask(&self, daemon_set: &Value) -> Result<[Ours; 2], String> {
        let folder = self.plane.folder();
        let manifest = folder.join("manifest.json");
        std::fs::write(&manifest, daemon_set.to_string()).map_err(|error| error.to_string())?;
        let kinds = "nodes,pods,daemonsets,persistentvolumes,persistentvolumeclaims,storageclasses,csinodes,csidrivers,\
                     priorityclasses,runtimeclasses,namespaces,poddisruptionbudgets,limitranges,resourcequotas,serviceaccounts";
        let printed =
            self.plane.kubectl(&["get", kinds, "-A", "-o", "json"]).map_err(|error| error.to_string())?;
        if !printed.status.success() {
            return Err(format!("kubectl: {}", String::from_utf8_lossy(&printed.stderr)));
        }
        let snapshot = folder.join("snapshot.json");
        let mut list: Value = serde_json::from_slice(&printed.stdout).map_err(|error| error.to_string())?;
        if let Some(items) = list["items"].as_array_mut() {
            // Of a kind without objects kubectl prints nothing; that it was asked for is said by an empty list.
            items.extend(KINDS.into_iter().chain(ADMISSION_KINDS).map(|kind| {
                let name = format!("{}List", kind.as_str());
                json!({ "apiVersion": kind.api_version(), "kind": name, "items": [] })
            }));
        }
        std::fs::write(&snapshot, list.to_string()).map_err(|error| error.to_string())?;
        let one = |mut all: Vec<Ours>| match all.len() {
            1 => Ok(all.remove(0)),
            count => Err(format!("the command answers for {count} DaemonSets")),
        };
        let live = one(explain_live(&self.plane.kubeconfig(), &manifest)?)?;
        let file = one(explain_file(&[&snapshot], &manifest)?)?;
        Ok([live, file])
    }

    /// Somebody who may do nothing is told which right is missing; somebody who may list nodes alone gets an answer.
    fn refusals(&mut self) -> Result<(), String> {
        let manifest = root().join("tests/tutorial/fluentd-logging.yaml");
        let viewer = self.plane.kubeconfig_of("viewer");
        match explain_live(&viewer, &manifest) {
            Err(told) if told.contains("verb list") && told.contains("nodes") => {}
            other => self.faults.push(format!("somebody without rights: {other:?}")),
        }
        let nodes = json!([{ "apiGroups": [""], "resources": ["nodes"], "verbs": ["get", "list"] }]);
        self.plane.grant("viewer", &nodes)?;
        match explain_live(&viewer, &manifest) {
            Ok(all) if all.iter().all(|ours| !ours.nodes.is_empty()) => {}
            other => self.faults.push(format!("somebody who may list nodes alone: {other:?}")),
        }
        Ok(())
    }

    fn recorded(&mut self, scenario: &Scenario, placements: &[Placement], path: &Path) -> Result<(), String> {
        let text = write_record(placements);
        if read_record(&text)? != *placements {
            self.faults.push(format!("{}: its record does not say what happened", scenario.name));
        }
        if update() {
            return std::fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()));
        }
        if std::fs::read_to_string(path).unwrap_or_default() != text {
            self.faults.push(format!(
                "{}: the control plane did something else than is recorded:\n{text}",
                scenario.name
            ));
        }
        Ok(())
    }
}
