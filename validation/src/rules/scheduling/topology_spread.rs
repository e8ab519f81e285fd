//! The rule `topology-spread`. Its page is `topology_spread.md`.

use super::{pod_spec, rule, spec};
use crate::edit::Edit;
use crate::levels::Level;
use crate::rules::{Check, Findings, Object, Rule};

pub(in crate::rules) static RULE: Rule = rule(
    "topology-spread",
    Level::Warning,
    ("a spread constraint can only keep pods of a DaemonSet pending", include_str!("topology_spread.md")),
    Check::Object(check),
);

fn check(object: &Object<'_>, findings: &mut Findings) {
    let Some(spec) = spec(object) else { return };
    for (index, one) in spec.topology_spread_constraints.iter().flatten().enumerate() {
        if one.when_unsatisfiable == "DoNotSchedule" {
            let message = "the controller makes a pod for each node, whatever the constraint says: it can only keep a pod pending";
            let path = pod_spec().field("topologySpreadConstraints").index(index).field("whenUnsatisfiable");
            let item = pod_spec().field("topologySpreadConstraints").index(index);
            let fix = vec![Edit::Remove { path: item }];
            findings.push(RULE.finding(path, message).help("take the constraint out").fix(false, fix));
        }
    }
}
