//! The preview agrees with what a real control plane did. `cargo run -p daemonset-tests --features tools --bin cluster` recorded it; the
//! command reads the same cluster from a file.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use daemonset_tests::root;
use daemonset_tests::scenarios::{
    Scenario, Snapshot, ahead, compare, corpus, explain_file, read_record, real,
};

/// The disagreements of a scenario with its record.
fn faults(fleet: &Scenario, scenario: &Scenario, record: &Path) -> Vec<String> {
    let text =
        std::fs::read_to_string(record).unwrap_or_else(|error| panic!("{}: {error}", record.display()));
    let placements = read_record(&text).unwrap();
    assert_eq!(placements.len(), scenario.daemon_sets.len(), "{}", record.display());
    let folder = tempfile::tempdir().unwrap();
    let manifest = folder.path().join("manifest.json");
    let mut snapshot = Snapshot::new(&fleet.objects, scenario);
    let mut faults = Vec::new();
    for (number, (daemon_set, real)) in scenario.daemon_sets.iter().zip(&placements).enumerate() {
        snapshot.apply(scenario.changes.get(&number).map(Vec::as_slice).unwrap_or_default());
        std::fs::write(&manifest, daemon_set.to_string()).unwrap();
        let path = snapshot.write(folder.path()).unwrap();
        let ours =
            explain_file(&[&path], &manifest).unwrap_or_else(|error| panic!("{}: {error}", scenario.name));
        assert_eq!(ours.len(), 1, "{}", scenario.name);
        for one in compare(real, &ours[0]) {
            faults.push(format!(
                "{} {} {}\n    real: {}\n    ours: {}",
                scenario.name, real.daemon_set, one.node, one.real, one.ours
            ));
        }
        snapshot.add(daemon_set, real);
    }
    faults
}

/// The faults of all scenarios, but for those of which the command is known to say something else: these are only shown.
fn all_faults(scenarios: &[Scenario], record: fn(&Scenario) -> PathBuf) -> Vec<String> {
    let (fleet, ahead) = (Scenario::fleet().unwrap(), ahead());
    // `cargo test --test cluster -- --nocapture` shows what is known, and what the list need not name any more.
    let mut all = Vec::new();
    for scenario in scenarios {
        let found = faults(&fleet, scenario, &record(scenario));
        if ahead.contains(&scenario.name) {
            println!("known: {}", shown(&found));
        } else {
            all.extend(found);
        }
    }
    all
}

fn shown(faults: &[String]) -> String {
    format!("{} disagreements\n{}", faults.len(), faults.join("\n"))
}

#[test]
fn the_command_says_what_the_control_plane_did() {
    let scenarios = Scenario::ours().unwrap();
    assert!(scenarios.len() >= 50, "{} scenarios", scenarios.len());
    let all = all_faults(&scenarios, Scenario::record);
    assert!(all.is_empty(), "{}", shown(&all));
}

#[test]
fn the_command_says_which_pods_the_control_plane_did_not_store() {
    let scenarios = Scenario::refused().unwrap();
    assert!(scenarios.len() >= 40, "{} scenarios", scenarios.len());
    let all = all_faults(&scenarios, Scenario::record);
    assert!(all.is_empty(), "{}", shown(&all));
}

#[test]
fn every_record_has_its_scenario() {
    let folders = ["tests/cluster/scenarios", "tests/cluster/admission"];
    let records = folders.iter().flat_map(|folder| std::fs::read_dir(root().join(folder)).unwrap());
    let records = records.map(|entry| entry.unwrap().path());
    let records: BTreeSet<_> =
        records.filter(|path| path.extension().is_some_and(|it| it == "expected")).collect();
    let scenarios = [Scenario::ours().unwrap(), Scenario::refused().unwrap()];
    let wanted: BTreeSet<_> = scenarios.iter().flatten().map(Scenario::record).collect();
    assert_eq!(records, wanted);
}

/// Others' manifests, read in place: `../shared/corpus`.
#[test]
fn real_daemon_sets_land_where_the_control_plane_put_them() {
    let Some(corpus) = corpus() else {
        println!("skipped: ../shared/corpus is absent");
        return;
    };
    let all = all_faults(&real(&corpus), Scenario::record_of_real);
    assert!(all.is_empty(), "{}", shown(&all));
}
