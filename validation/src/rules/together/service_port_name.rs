//! The rule `service-port-name`. Its page is `service_port_name.md`.

use super::{MOST, is_placeholder, rule};
use crate::finding::Anchor;
use crate::levels::Level;
use crate::path::FieldPath;
use crate::peers::labels::CompactLabels;
use crate::rules::{PeerFindings, Rule};
use crate::together::{Companion, Together, What};
use crate::words::names::folded;

pub(in crate::rules) static RULE: Rule = rule(
    "service-port-name",
    Level::Warning,
    ("a Service of the files names a port that the pods do not have", include_str!("service_port_name.md")),
    check,
);

fn check(together: &Together<'_>, findings: &mut PeerFindings) {
    for (place, member) in together.members() {
        let peer = member.peer;
        let here = |one: &&&Companion| *one.namespace == *peer.namespace;
        for one in together.beside(place).iter().filter(here) {
            let What::Service { selector, ports } = &one.what else { continue };
            if ports.is_empty()
                || !matches(selector, &peer.labels)
                || is_for_others(together, place, selector)
            {
                continue;
            }
            let has = |port: &str| member.uses.ports.iter().any(|name| &**name == port);
            let absent = ports.iter().filter(|port| !has(port) && !is_placeholder(port));
            let names: Vec<&str> = member.uses.ports.iter().map(|name| &**name).collect();
            for port in absent.take(MOST) {
                let known = match names.as_slice() {
                    [] => "none has a name".to_owned(),
                    names => format!("they have {}", folded(names)),
                };
                let message = format!(
                    "{} sends to the port `{port}` of these pods, and no container has a port of this name: {known}",
                    one.shown()
                );
                let path = FieldPath::of(&["spec", "template", "spec", "containers"]);
                let help = "give the container's port this name, or the Service the name that the port has";
                findings.push(place, RULE.finding(path, message).at(Anchor::Key).help(help));
            }
        }
    }
}

fn matches(selector: &CompactLabels, labels: &CompactLabels) -> bool {
    selector.iter().all(|(key, value)| labels.get(key) == Some(value))
}

/// Whether the Service is for the pods of other workloads as well: then one of those may have the port.
fn is_for_others(together: &Together<'_>, place: usize, selector: &CompactLabels) -> bool {
    let matching = |labels: &CompactLabels| matches(selector, labels);
    together.daemon_sets(place).filter(|other| matching(&other.peer.labels)).nth(1).is_some()
        || together.beside(place).iter().any(|other| match &other.what {
            What::Workload { labels, .. } => matching(labels),
            _ => false,
        })
}
