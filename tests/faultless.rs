//! Whether there is anything to say about an object is answered as the long question is: what there is to say.
//!
//! `SEED` and `CASES` ask other and more of them.

use daemonset_tests::cases::Generator;
use daemonset_tests::json::Json;
use daemonset_validation::apiserver::decode::decode;
use daemonset_validation::apiserver::faultless::{
    Kept, faultless_create, faultless_update, is_faultless_create, is_faultless_update,
};
use daemonset_validation::apiserver::strategy::{Admission, admit_create, admit_update};
use daemonset_validation::{Server, Standing, subjects};
use k8s_openapi::api::apps::v1::DaemonSet;

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |value| value.parse().unwrap())
}

/// A document as the server decodes it, and whether it has a selector; nothing if it is no DaemonSet.
fn typed(document: &Json, server: &Server) -> Option<(DaemonSet, bool)> {
    let tree = document.tree();
    let subject = subjects(&tree).pop().filter(|subject| subject.standing() == Standing::DaemonSet)?;
    let decoded = decode(&tree, subject.node, server);
    Some((decoded.daemon_set, decoded.selector_present))
}

fn is_faultless(admission: &Admission) -> bool {
    admission.refusal.is_none() && admission.errors.is_empty()
}

#[derive(Default)]
struct Counts {
    created: u64,
    faultless: u64,
    updated: u64,
    accepted: u64,
    told: u64,
    known: u64,
}

/// What is faultless without a look at the stored template is so with it; of a spec that is known to be faultless only the metadata counts.
fn update(
    new: &DaemonSet,
    known: bool,
    stored: &DaemonSet,
    server: &Server,
    place: &str,
    counts: &mut Counts,
) {
    let long = admit_update(new.clone(), true, stored.clone(), true, server);
    let kept = || Kept { metadata: stored.metadata.clone(), selector: Some(&stored.spec.selector) };
    let short = faultless_update(new.clone(), kept(), server);
    counts.updated += 1;
    counts.accepted += u64::from(is_faultless(&long));
    counts.told += u64::from(short.is_some());
    if let Some(short) = &short {
        assert!(is_faultless(&long), "{:?}: {place}", long.errors);
        assert!(short.whole, "{place}");
        assert_eq!(short.daemon_set.spec, long.daemon_set.spec, "{place}");
        assert_eq!(short.daemon_set.metadata.labels, long.daemon_set.metadata.labels, "{place}");
    }
    if known {
        let shorter = is_faultless_update(new.metadata.clone(), &new.spec.selector, kept(), server);
        assert_eq!(shorter, short.is_some(), "{place}");
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
        let short = faultless_create(new.clone(), &server);
        counts.created += 1;
        counts.faultless += u64::from(short.is_some());
        let known = short.as_ref().is_some_and(|short| short.whole);
        assert_eq!(
            short.map(|short| short.daemon_set),
            is_faultless(&long).then_some(long.daemon_set),
            "{place}"
        );

        // The stored object is the case's own, the new one itself, and the new one with the template of another case.
        if let Some((old, true)) = case.old.as_ref().and_then(|old| typed(old, &server)) {
            update(&new, known, &old, &server, &place, &mut counts);
        }
        update(&new, known, &new, &server, &place, &mut counts);
        if let Some(other) = before.replace(new.clone()) {
            let mut stored = new.clone();
            stored.spec.template = other.spec.template.clone();
            update(&new, known, &stored, &server, &place, &mut counts);
            // A spec that is known keeps its word with other metadata.
            if known {
                counts.known += 1;
                let mut renamed = new.clone();
                renamed.metadata = other.metadata;
                let shorter = is_faultless_create(renamed.metadata.clone(), &server);
                let long = admit_create(renamed, true, &server);
                assert_eq!(shorter, is_faultless(&long), "{place}");
            }
        }
    }
    let Counts { created, faultless, updated, accepted, told, known } = counts;
    println!(
        "{faultless} of {created} are faultless, {known} with other metadata too or not as they should; of {accepted} accepted of \
         {updated} updates {told} were told without the stored template"
    );
    assert!(created > count / 2 && known > created / 10 && told > accepted / 2 && accepted > told);
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

    let kept = Kept { metadata: broken.metadata.clone(), selector: Some(&broken.spec.selector) };
    assert_eq!(faultless_update(good.clone(), kept, &server), None);
    let created = faultless_create(good, &server).unwrap();
    assert!(!created.whole, "it is not remembered");
}
