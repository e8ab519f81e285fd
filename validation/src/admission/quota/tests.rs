//! What the comparison with the server's code does not reach: quotas without a status, pods that are deleted first, large numbers.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{
    Container, PodSpec, ResourceQuota, ResourceQuotaSpec, ResourceQuotaStatus, ResourceRequirements,
};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity as Written;

use super::*;

fn list(entries: &[(&str, &str)]) -> BTreeMap<String, Written> {
    entries.iter().map(|(name, amount)| ((*name).to_owned(), Written((*amount).to_owned()))).collect()
}

fn pod(requests: &[(&str, &str)]) -> Pod {
    let resources =
        ResourceRequirements { requests: Some(list(requests)), ..ResourceRequirements::default() };
    let container = Container { name: "main".to_owned(), resources: Some(resources), ..Container::default() };
    let spec = PodSpec { containers: vec![container], ..PodSpec::default() };
    Pod { spec, ..Pod::default() }
}

fn quota(hard: &[(&str, &str)], used: &[(&str, &str)]) -> ResourceQuota {
    let mut quota = ResourceQuota::default();
    quota.metadata.name = Some("compute".to_owned());
    quota.spec = Some(ResourceQuotaSpec { hard: Some(list(hard)), ..ResourceQuotaSpec::default() });
    if !used.is_empty() {
        quota.status = Some(ResourceQuotaStatus { hard: Some(list(hard)), used: Some(list(used)) });
    }
    quota
}

fn said(room: &Room) -> (usize, &str) {
    match room {
        Room::Unlimited => (usize::MAX, ""),
        Room::Takes(taken, refusal) => (*taken, &refusal.message),
        Room::None(refusal) => (0, &refusal.message),
    }
}

#[test]
fn a_quota_that_is_new_is_read_as_its_controller_will_write_it() {
    let server = Server::newest();
    let (pod, quota) = (pod(&[("cpu", "1")]), quota(&[("requests.cpu", "2500m")], &[]));
    let expected = "exceeded quota: compute, requested: requests.cpu=1, used: requests.cpu=2, \
                    limited: requests.cpu=2500m";
    assert_eq!(said(&room(&pod, &[&quota], &server)), (2, expected));
}

#[test]
fn pods_that_are_deleted_first_make_room() {
    let server = Server::newest();
    let quota = quota(&[("pods", "5"), ("requests.cpu", "5")], &[("pods", "5"), ("requests.cpu", "4500m")]);
    let (old, new) = (pod(&[("cpu", "900m")]), pod(&[("cpu", "1")]));
    assert_eq!(said(&room(&new, &[&quota], &server)).0, 0);
    let after = |count| room_after(&new, &[&quota], &[Freed { pod: &old, count }], &server);
    assert_eq!(said(&after(1)).0, 1);
    // Five pods are gone, so nothing is in use.
    assert_eq!(said(&after(5)).0, 5);
    assert_eq!(said(&after(50)).0, 5);
    let full = "exceeded quota: compute, requested: pods=1,requests.cpu=1, used: pods=5,requests.cpu=5, \
                limited: pods=5,requests.cpu=5";
    assert_eq!(said(&after(50)).1, full);
}

#[test]
fn pods_that_the_quota_does_not_count_make_no_room() {
    let server = Server::newest();
    let mut quota = quota(&[("pods", "1")], &[("pods", "1")]);
    let spec = quota.spec.get_or_insert_default();
    spec.scopes = Some(vec!["NotBestEffort".to_owned()]);
    let (old, new) = (pod(&[]), pod(&[("cpu", "1")]));
    assert_eq!(said(&room_after(&new, &[&quota], &[Freed { pod: &old, count: 1 }], &server)).0, 0);
    assert_eq!(said(&room(&old, &[&quota], &server)).0, usize::MAX);
}

#[test]
fn large_limits_are_not_counted_up_to() {
    let server = Server::newest();
    let used = [("pods", "0"), ("requests.memory", "1")];
    let pod = pod(&[("memory", "1")]);
    let enough = quota(&[("pods", "1E"), ("requests.memory", "1Ei")], &used);
    assert_eq!(said(&room(&pod, &[&enough], &server)).0, usize::MAX);
    let large = quota(&[("pods", "1000000007"), ("requests.memory", "1Ei")], &used);
    assert_eq!(said(&room(&pod, &[&large], &server)).0, 1_000_000_007);
}

#[test]
fn of_two_quotas_the_one_that_is_full_first_speaks() {
    let server = Server::newest();
    let pod = pod(&[("cpu", "1")]);
    let mut small = quota(&[("count/pods", "2")], &[("count/pods", "0")]);
    small.metadata.name = Some("small".to_owned());
    let large = quota(&[("pods", "3")], &[("pods", "0")]);
    let (taken, sentence) =
        (2, "exceeded quota: small, requested: count/pods=1, used: count/pods=2, limited: count/pods=2");
    assert_eq!(said(&room(&pod, &[&large, &small], &server)), (taken, sentence));
    assert_eq!(said(&room(&pod, &[&small, &large], &server)), (taken, sentence));
}

#[test]
fn the_place_is_the_first_container_that_lacks_something() {
    let quota = quota(&[("limits.cpu", "2"), ("pods", "9")], &[("limits.cpu", "0"), ("pods", "0")]);
    let Room::None(refusal) = room(&pod(&[("cpu", "1")]), &[&quota], &Server::newest()) else {
        panic!("there is no limit")
    };
    assert_eq!(refusal.message, "failed quota: compute: must specify limits.cpu for: main");
    assert_eq!(refusal.path.to_string(), "spec.template.spec.containers[0].resources");
}
