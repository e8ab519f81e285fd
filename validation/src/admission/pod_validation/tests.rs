//! Places and sentences of refusals. The comparison with the server's code is in `tests/admission`.

use k8s_openapi::api::core::v1::{Container, ContainerPort};

use super::*;
use crate::admission::pod_defaults;

#[test]
fn two_containers_with_one_port_on_the_hosts_network() {
    let container = |name: &str| Container {
        name: name.to_owned(),
        image: Some("registry.example/agent:1".to_owned()),
        image_pull_policy: Some("IfNotPresent".to_owned()),
        termination_message_policy: Some("File".to_owned()),
        ports: Some(vec![ContainerPort {
            container_port: 9100,
            protocol: Some("TCP".to_owned()),
            ..ContainerPort::default()
        }]),
        ..Container::default()
    };
    let mut pod = Pod {
        namespace: "agents".to_owned(),
        generate_name: "meter-".to_owned(),
        finalizers: vec!["keep".to_owned()],
        ..Pod::default()
    };
    pod.spec.containers = vec![container("main"), container("rbac-proxy")];
    pod.spec.host_network = Some(true);
    pod.spec.termination_grace_period_seconds = Some(30);
    pod.spec.restart_policy = Some("Always".to_owned());
    pod.spec.dns_policy = Some("ClusterFirst".to_owned());
    let server = Server::newest();
    pod_defaults::set(&mut pod.spec, &server);
    prepare(&mut pod, &server);
    let refusal = validate(&pod, &server).unwrap();
    assert_eq!(
        refusal.message,
        "[metadata.finalizers[0]: Invalid value: \"keep\": name is neither a standard finalizer name nor is it fully \
         qualified, spec.containers[1].ports[0].hostPort: Duplicate value: \"TCP//9100\"]"
    );
    let Detail::Invalid(errors) = &refusal.detail else { panic!("{refusal:?}") };
    let places: Vec<String> = errors.iter().map(|error| error.path.to_string()).collect();
    assert_eq!(
        places,
        ["spec.template.metadata.finalizers[0]", "spec.template.spec.containers[1].ports[0].hostPort"]
    );
    assert_eq!(refusal.path, errors[0].path);
    pod.finalizers.clear();
    let one = validate(&pod, &server).unwrap();
    assert_eq!(one.message, "spec.containers[1].ports[0].hostPort: Duplicate value: \"TCP//9100\"");
}

#[test]
fn of_very_many_errors_the_first_are_said() {
    let port = |_| ContainerPort {
        container_port: 80,
        host_port: Some(80),
        protocol: Some("TCP".to_owned()),
        ..ContainerPort::default()
    };
    let container = Container {
        name: "main".to_owned(),
        image: Some("i".to_owned()),
        ports: Some((0..1000).map(port).collect()),
        ..Container::default()
    };
    let pod = Pod {
        generate_name: "meter-".to_owned(),
        spec: k8s_openapi::api::core::v1::PodSpec { containers: vec![container], ..Default::default() },
        ..Pod::default()
    };
    let refusal = validate(&pod, &Server::newest()).unwrap();
    let duplicates = refusal.message.matches("Duplicate value").count();
    assert_eq!(duplicates, IN_FULL);
    assert!(refusal.message.ends_with(", and 899 more]"), "{}", refusal.message);
}
