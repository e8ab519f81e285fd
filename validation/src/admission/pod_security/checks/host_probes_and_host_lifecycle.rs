//! Probes and lifecycle handlers name no host.
//!
//! Upstream: `pod-security-admission/policy.CheckHostProbesAndHostLifecycle`.

use std::collections::BTreeSet;

use k8s_openapi::api::core::v1::{HTTPGetAction, TCPSocketAction};

use crate::admission::pod_security::check::{Check, CheckVersion};
use crate::admission::pod_security::check_id::PodSecurityCheck;
use crate::admission::pod_security::level::PodSecurityLevel;
use crate::admission::pod_security::subject::{Part, Subject};
use crate::admission::pod_security::violation::{Forbidden, Wanted, change};
use crate::admission::pod_security::words::{join_quoted, plural};
use crate::path::FieldPath;

pub(super) const CHECK: Check = Check {
    id: PodSecurityCheck::HostProbesAndHostLifecycle,
    level: PodSecurityLevel::Baseline,
    versions: &[CheckVersion { since: 34, run: since_34, overrides: None }],
};

/// Where a container may name hosts: the field, the one inside it, and the hosts of both ways to ask.
type Handler<'s> =
    (&'static str, Option<&'static str>, Option<&'s HTTPGetAction>, Option<&'s TCPSocketAction>);

fn handlers<'s>(part: &Part<'s>) -> impl Iterator<Item = Handler<'s>> {
    let probes = part.probes.into_iter().filter_map(|(field, probe)| {
        let probe = probe?;
        Some((field, None, probe.http_get.as_ref(), probe.tcp_socket.as_ref()))
    });
    let lifecycle = part.lifecycle.into_iter().flat_map(|lifecycle| {
        [("postStart", lifecycle.post_start.as_ref()), ("preStop", lifecycle.pre_stop.as_ref())]
    });
    probes.chain(lifecycle.filter_map(|(field, handler)| {
        let handler = handler?;
        Some(("lifecycle", Some(field), handler.http_get.as_ref(), handler.tcp_socket.as_ref()))
    }))
}

fn path(part: &Part<'_>, field: &'static str, inner: Option<&'static str>) -> FieldPath {
    let outer = part.path().field(field);
    match inner {
        Some(inner) => outer.field(inner),
        None => outer,
    }
}

fn since_34(pod: Subject<'_>) -> Option<Forbidden> {
    // Each name once and sorted, unlike in the other checks.
    let (mut names, mut hosts, mut changes) = (BTreeSet::new(), BTreeSet::new(), Vec::new());
    for part in pod.containers() {
        for (field, inner, http, tcp) in handlers(&part) {
            let http = ("httpGet", http.and_then(|http| http.host.as_deref()));
            let tcp = ("tcpSocket", tcp.and_then(|tcp| tcp.host.as_deref()));
            for (way, host) in [http, tcp] {
                let Some(host) = host.filter(|host| !host.is_empty()) else { continue };
                names.insert(part.name);
                hosts.insert(host);
                changes.push(change(path(&part, field, inner).field(way).field("host"), Wanted::Absent));
            }
        }
    }
    (!names.is_empty()).then(|| Forbidden {
        reason: "probe or lifecycle host",
        detail: format!(
            "{} {} {} {} {}",
            plural(names.len(), "container", "containers"),
            join_quoted(names.iter().copied()),
            plural(names.len(), "uses", "use"),
            plural(hosts.len(), "probe or lifecycle host", "probe or lifecycle hosts"),
            join_quoted(hosts.iter().copied())
        ),
        changes,
    })
}
