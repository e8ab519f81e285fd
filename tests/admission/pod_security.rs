//! The plugin `PodSecurity` says of random pods and DaemonSets what the server's own plugin says, at all levels and versions.
//!
//! The recorded answers are in `corpus/pod_security.jsonl`. Where `ORACLE_BIN` names the folder of the built oracles, fresh pods are
//! compared as well (`CASES`, 50,000 by default; one in `SWEEP` at all versions, 16 by default; `SEED`), and `UPDATE=1` records again.

use daemonset_tests::admission::pod_security::{
    MODE, Question, Run, Tally, Theirs, check_names, compare, enforcing, question,
};
use daemonset_tests::differential::Oracle;
use daemonset_tests::{root, setting, update};
use daemonset_validation::Server;
use daemonset_validation::admission::{
    Detail, FieldChange, Lookup, PodSecurityCheck, PodSecurityRefusal, Surroundings, Wanted,
    validate_pod_security,
};
use daemonset_validation::{FieldPath, PathSegment};
use k8s_openapi::api::core::v1::PodTemplateSpec;
use serde_json::{Value, json};

/// How many cases are recorded.
const RECORDED: u64 = 600;
const RECORDED_SEED: u64 = 16;

/// One fresh case in so many is compared at all versions.
const SWEEP: u64 = 16;

/// Asks the oracles for the recorded cases, all of them at all versions. A line has a case's answers by minor, `null` where the minor
/// answers as the one before it.
fn record(path: &std::path::Path) {
    let lines: Vec<String> = (0..RECORDED).map(|number| question(RECORDED_SEED, number, 1)).collect();
    let of_minor = |minor: &&str| -> Vec<Theirs> {
        let answers: Vec<Theirs> = Oracle::ask_all(minor, MODE, lines.clone()).unwrap();
        answers.into_iter().map(Theirs::condensed).collect()
    };
    let answers: Vec<Vec<Theirs>> = Server::supported().iter().map(of_minor).collect();
    let names: Vec<Vec<String>> =
        Server::supported().iter().map(|minor| check_names(minor).unwrap()).collect();
    let mut text = format!("{}\n", json!({ "checks": names }));
    for number in 0..lines.len() {
        let given: Vec<&Theirs> = answers.iter().map(|answers| &answers[number]).collect();
        let shown = given.iter().enumerate();
        let shown =
            shown.map(|(minor, answer)| (minor == 0 || given[minor - 1] != *answer).then_some(answer));
        text.push_str(&serde_json::to_string(&shown.collect::<Vec<_>>()).unwrap());
        text.push('\n');
    }
    std::fs::write(path, text).unwrap();
}

#[test]
fn recorded_answers_are_ours_too() {
    let path = root().join("tests/corpus/pod_security.jsonl");
    if update() && Server::supported().iter().all(|minor| Oracle::is_built(minor)) {
        record(&path);
    }
    let recorded = std::fs::read_to_string(&path).unwrap();
    let (names, answers) = recorded.split_once('\n').unwrap();
    let names: Value = serde_json::from_str(names).unwrap();
    let names: Vec<Vec<String>> = serde_json::from_value(names["checks"].clone()).unwrap();
    assert_eq!(names.len(), Server::supported().len());
    let mut tallies: Vec<Tally> = names.iter().map(|names| Tally::new(names.len())).collect();
    for (number, answers) in (0..).zip(answers.lines()) {
        let line = question(RECORDED_SEED, number, 1);
        let mut theirs = Theirs::default();
        let answers: Vec<Option<Theirs>> = serde_json::from_str(answers).unwrap();
        for ((minor, tally), answer) in Server::supported().iter().zip(&mut tallies).zip(answers) {
            theirs = answer.unwrap_or(theirs);
            tally.add(&line, &theirs, &Server::of_version(minor).unwrap());
        }
    }
    for ((minor, tally), names) in Server::supported().iter().zip(&tallies).zip(&names) {
        assert_proves_something(minor, tally, names);
        assert_eq!(tally.cases, RECORDED);
    }
}

/// All answers agree, and each check of upstream was violated and passed.
fn assert_proves_something(minor: &str, tally: &Tally, names: &[String]) {
    assert!(tally.differences.is_empty(), "{minor}: {}", tally.differences.join("\n"));
    assert!(names.len() > 25, "{minor}: {names:?}");
    assert_eq!(tally.not_reached(names), Vec::<&str>::new(), "{minor}");
    let share = tally.cases / 10;
    assert!(
        tally.refused > share && tally.refused < tally.cases - share,
        "{minor}: {} refused",
        tally.refused
    );
    assert!(tally.warned > share && tally.warned < tally.cases - share, "{minor}: {} warned", tally.warned);
    assert!(tally.swept > 0, "{minor}: none at every version");
}

#[test]
fn fresh_answers_are_the_plugins() {
    let seed = setting("SEED", std::process::id().into());
    for minor in Server::supported() {
        if !Oracle::is_built(minor) {
            println!("skipped: no oracle for {minor} in ORACLE_BIN");
            continue;
        }
        let (cases, sweep) = (setting("CASES", 50_000), setting("SWEEP", SWEEP));
        let tally = compare(minor, Run { seed, cases, sweep, processors: 2 }).unwrap();
        let names = check_names(minor).unwrap();
        println!("{minor}, seed {seed}: {}", tally.lines(&names).join("\n"));
        assert_proves_something(minor, &tally, &names);
    }
}

/// The refusal of a pod of the template where a level is enforced.
fn refusal(
    template: &PodTemplateSpec,
    level: &str,
    version: &str,
    server: &Server,
) -> Option<PodSecurityRefusal> {
    let line = json!({ "config": {}, "namespace": { "name": "team" }, "template": template }).to_string();
    let pod = Question::read(&line).unwrap().pod();
    let namespace = enforcing(level, version);
    let surroundings = Surroundings { namespace: Lookup::Found(&namespace), ..Surroundings::default() };
    let refusal = validate_pod_security(&pod, &surroundings, server)?;
    let Detail::PodSecurity(detail) = refusal.detail else { panic!("{refusal:?}") };
    // The place that a report points to is one that has to be changed.
    assert!(detail.violations[0].changes.iter().any(|change| change.path == refusal.path), "{detail:?}");
    Some(detail)
}

/// What is at a path below `spec.template`; what is not there is made.
fn place<'v>(template: &'v mut Value, path: &FieldPath) -> &'v mut Value {
    path.segments()[2..].iter().fold(template, |value, segment| match segment {
        PathSegment::Field(name) => &mut value[name.as_ref()],
        PathSegment::Key(name) => &mut value[name.as_ref()],
        PathSegment::Index(index) => &mut value[*index],
    })
}

/// The path without its last step.
fn above(path: &FieldPath) -> FieldPath {
    let segments = path.segments();
    FieldPath::from_segments(segments[..segments.len() - 1].to_vec())
}

/// Does what a change says. Items of lists become `null`, so that the indexes of others stay true.
fn follow(template: &mut Value, FieldChange { path, to }: &FieldChange) {
    match to {
        Wanted::True => *place(template, path) = json!(true),
        Wanted::False => *place(template, path) = json!(false),
        Wanted::Text(text) => *place(template, path) = json!(text),
        Wanted::Including(item) => {
            let list = place(template, path);
            let mut items = list.as_array().cloned().unwrap_or_default();
            items.push(json!(item));
            *list = json!(items);
        }
        Wanted::AnotherVolumeSource => {
            let name = |segment: &PathSegment| matches!(segment, PathSegment::Index(_));
            let whole = if path.segments().last().is_some_and(name) { path.clone() } else { above(path) };
            let volume = place(template, &whole);
            *volume = json!({ "name": volume["name"], "emptyDir": {} });
        }
        Wanted::Absent => {
            assert!(!place(template, path).is_null(), "{path} is not there");
            *place(template, path) = Value::Null;
        }
    }
}

fn without_null_items(value: &mut Value) {
    match value {
        Value::Array(items) => {
            items.retain(|item| !item.is_null());
            items.iter_mut().for_each(without_null_items);
        }
        Value::Object(fields) => {
            fields.retain(|_, field| !field.is_null());
            fields.values_mut().for_each(without_null_items);
        }
        _ => {}
    }
}

#[test]
fn pods_that_are_changed_as_the_detail_says_are_taken() {
    let server = Server::newest();
    let mut changed = vec![0; PodSecurityCheck::ALL.len()];
    for number in 0..3_000 {
        let question = Question::read(&question(RECORDED_SEED + 1, number, SWEEP)).unwrap();
        for (level, version) in
            [("baseline", "v1.18"), ("restricted", "v1.20"), ("baseline", "latest"), ("restricted", "latest")]
        {
            let Some(detail) = refusal(&question.template, level, version, &server) else { continue };
            let sufficient = refusal(&question.template, detail.sufficient.as_str(), version, &server);
            assert_eq!(sufficient, None, "{level}:{version} {question:?}");
            let mut template = serde_json::to_value(&question.template).unwrap();
            for violation in &detail.violations {
                changed[violation.check as usize] += 1;
                assert!(!violation.changes.is_empty(), "{violation:?}");
                violation.changes.iter().for_each(|change| follow(&mut template, change));
            }
            without_null_items(&mut template);
            let template = serde_json::from_value(template).unwrap();
            let again = refusal(&template, level, version, &server);
            assert_eq!(again, None, "{level}:{version} {question:?}\n{detail:?}");
        }
    }
    for (check, count) in PodSecurityCheck::ALL.iter().zip(changed) {
        assert!(count > 20, "{} was violated {count} times", check.id());
    }
}

#[test]
fn what_is_not_known_refuses_nothing() {
    let template = json!({ "spec": { "hostPID": true, "containers": [{ "name": "a" }] } });
    let line = json!({ "config": {}, "namespace": { "name": "team" }, "template": template }).to_string();
    let pod = Question::read(&line).unwrap().pod();
    let namespace = enforcing("restricted", "latest");
    for (namespace, is_refused) in
        [(Lookup::Unknown, false), (Lookup::Absent, false), (Lookup::Found(&namespace), true)]
    {
        let surroundings = Surroundings { namespace, ..Surroundings::default() };
        let refusal = validate_pod_security(&pod, &surroundings, &Server::newest());
        assert_eq!(refusal.is_some(), is_refused, "{namespace:?}");
    }
}
