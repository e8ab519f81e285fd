//! The short check of an object without faults agrees with the complete check.
//!
//! `SEED` and `CASES` choose other cases, and more.

use daemonset_tests::cases::Generator;
use daemonset_tests::json::Json;
use daemonset_tests::setting;
use daemonset_validation::apiserver::decode::decode;
use daemonset_validation::apiserver::faultless::{
    StoredParts, faultless_spec, is_faultless_create, is_faultless_update,
};
use daemonset_validation::apiserver::strategy::{Admission, admit_create, admit_update};
use daemonset_validation::{Server, SubjectKind, subjects};
use k8s_openapi::api::apps::v1::{DaemonSet, DaemonSetSpec};

/// A document as the server decodes it, and whether it has a selector; nothing if it is no DaemonSet.
fn typed(document: &Json, server: &Server) -> Option<(DaemonSet, bool)> {
    let tree = document.tree();
    let subject = subjects(&tree).pop().filter(|subject| subject.classify() == SubjectKind::DaemonSet)?;
    let decoded = decode(&tree, subject.node, server);
    Some((decoded.daemon_set, decoded.selector_present))
}

fn is_faultless(admission: &Admission) -> bool {
    admission.refusal.is_none() && admission.errors.is_empty()
}

#[derive(Default)]
struct Counts {
    created: u64,
    accepted: u64,
    told: u64,
    updated: u64,
    updates_accepted: u64,
    updates_told: u64,
    others: u64,
}

/// What is faultless without a look at the stored template is so with it.
fn update(
    new: &DaemonSet,
    spec: Option<&DaemonSetSpec>,
    stored: &DaemonSet,
    server: &Server,
    place: &str,
    counts: &mut Counts,
) {
    let long = admit_update(new.clone(), true, stored.clone(), true, server);
    counts.updated += 1;
    counts.updates_accepted += u64::from(is_faultless(&long));
    let Some(spec) = spec else { return };
    let kept = StoredParts { metadata: stored.metadata.clone(), selector: Some(&stored.spec.selector) };
    if is_faultless_update(new.metadata.clone(), &spec.selector, kept, server) {
        counts.updates_told += 1;
        assert!(is_faultless(&long), "{:?}: {place}", long.errors);
        assert_eq!(*spec, long.daemon_set.spec, "{place}");
    }
}

#[test]
fn what_is_faultless_is_found_to_be_so() {
    let (seed, count) = (setting("SEED", 20_261_126), setting("CASES", 6_000));
    let generator = Generator::new(Server::supported().len() - 1, Vec::new());
    let mut counts = Counts::default();
    let mut before: Option<DaemonSet> = None;
    for number in 0..count {
        let case = generator.case(seed, number);
        let minor = Server::supported()[usize::try_from(number).unwrap() % Server::supported().len()];
        let server = Server::of_version(minor).unwrap();
        let place = format!("seed {seed} case {number} minor {minor}");
        // Without a selector nobody asks for a short answer.
        let Some((new, true)) = typed(&case.document, &server) else { continue };
        let long = admit_create(new.clone(), true, &server);
        let spec = faultless_spec(new.spec.clone(), &server);
        counts.created += 1;
        counts.accepted += u64::from(is_faultless(&long));
        if let Some(spec) = &spec {
            let short = is_faultless_create(new.metadata.clone(), &server);
            counts.told += u64::from(short);
            assert_eq!(short, is_faultless(&long), "{:?}: {place}", long.errors);
            assert!(!short || *spec == long.daemon_set.spec, "{place}");
        }

        // The stored object is the case's own, the new one itself, and the new one with the template of another case.
        if let Some((old, true)) = case.old.as_ref().and_then(|old| typed(old, &server)) {
            update(&new, spec.as_ref(), &old, &server, &place, &mut counts);
        }
        update(&new, spec.as_ref(), &new, &server, &place, &mut counts);
        if let Some(other) = before.replace(new.clone()) {
            let mut stored = new.clone();
            stored.spec.template = other.spec.template.clone();
            update(&new, spec.as_ref(), &stored, &server, &place, &mut counts);
            // A spec that is faultless stays so with other metadata.
            if spec.is_some() {
                counts.others += 1;
                let mut renamed = new.clone();
                renamed.metadata = other.metadata;
                let shorter = is_faultless_create(renamed.metadata.clone(), &server);
                let long = admit_create(renamed, true, &server);
                assert_eq!(shorter, is_faultless(&long), "{place}");
            }
        }
    }
    let Counts { created, accepted, told, updated, updates_accepted, updates_told, others } = counts;
    println!(
        "of {accepted} accepted of {created} new objects {told} were told, and {others} specs with other metadata; of {updates_accepted} \
         accepted of {updated} updates {updates_told} were told without the stored template"
    );
    assert!(created > count / 2 && others > created / 10 && accepted > told && told > accepted * 8 / 10);
    assert!(updates_accepted > updates_told && updates_told > updates_accepted / 2);
}

/// Where the stored object breaks the rule for `matchLabelKeys`, an older one holds, which is the stricter one.
#[test]
fn what_is_stored_can_make_the_server_stricter() {
    let with = |constraint: &str| {
        let text = format!(
            r#"{{"apiVersion":"apps/v1","kind":"DaemonSet","metadata":{{"name":"a","namespace":"b"}},"spec":{{
            "selector":{{"matchLabels":{{"app":"a"}}}},"template":{{"metadata":{{"labels":{{"app":"a"}}}},"spec":{{
            "containers":[{{"name":"c","image":"i","terminationMessagePolicy":"File","imagePullPolicy":"Always"}}],
            "topologySpreadConstraints":[{{"maxSkew":1,"topologyKey":"zone","whenUnsatisfiable":"DoNotSchedule",
            "matchLabelKeys":["app"],"labelSelector":{constraint}}}]}}}}}}}}"#
        );
        serde_json::from_str::<DaemonSet>(&text).unwrap()
    };
    let server = Server::newest();
    let good = with(r#"{"matchLabels":{"app":"a"}}"#);
    let broken =
        with(r#"{"matchLabels":{"app":"a"},"matchExpressions":[{"key":"app","operator":"Exists"}]}"#);
    let faultless =
        |stored: &DaemonSet| is_faultless(&admit_update(good.clone(), true, stored.clone(), true, &server));
    assert!(faultless(&good) && !faultless(&broken), "the case is one");

    let mut without = good.spec.clone();
    if let Some(pod) = &mut without.template.spec {
        pod.topology_spread_constraints.as_mut().unwrap()[0].match_label_keys = None;
    }
    assert!(faultless_spec(without, &server).is_some(), "nothing else is wrong with it");
    assert_eq!(faultless_spec(good.spec, &server), None);
}
