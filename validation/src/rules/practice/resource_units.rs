//! The rule `resource-units`. Its page is `resource_units.md`.

use k8s_openapi::apimachinery::pkg::api::resource::Quantity as Written;

use super::rule;
use crate::edit::Edit;
use crate::finding::Finding;
use crate::levels::Level;
use crate::path::FieldPath;
use crate::quantity::Quantity;
use crate::rules::pod::{containers, spec};
use crate::rules::{Findings, Object, Rule};

pub(in crate::rules) static RULE: Rule = rule(
    "resource-units",
    Level::Warning,
    ("an amount of CPU or memory is probably meant in another unit", include_str!("resource_units.md")),
    check,
);

/// No container runtime starts a container with a lower limit, in bytes: it kills its own first process.
const LEAST_LIMIT: i64 = 4 * 1024 * 1024;

/// A request below this, in bytes, is less than any program takes.
const LEAST_REQUEST: i64 = 64 * 1024;

/// From so many CPUs on, a number without a unit was meant in thousandths.
const MOST_CPUS: i64 = 50;

fn check(object: &Object<'_>, findings: &mut Findings) {
    let Some(spec) = spec(object.daemon_set) else { return };
    for listed in containers(spec) {
        let Some(resources) = &listed.container.resources else { continue };
        let limit = |name: &str| resources.limits.as_ref().and_then(|list| list.get(name));
        for (field, list) in [("limits", &resources.limits), ("requests", &resources.requests)] {
            // A request that is the same as the limit is the same mistake: the server copies it.
            let amount = |name: &str| {
                let amount = list.as_ref()?.get(name)?;
                (field == "limits" || limit(name) != Some(amount)).then_some(amount)
            };
            let path = |name: &str| listed.path().field("resources").field(field).key(name);
            if let Some(found) = amount("cpu").and_then(|cpu| whole_cpus(cpu, || path("cpu"))) {
                // With a limit, changing the request alone would not do.
                let is_alone = field == "requests" && limit("cpu").is_none();
                findings.push(if is_alone { found } else { Finding { fix: None, ..found } });
            }
            if let Some(found) =
                amount("memory").and_then(|memory| few_bytes(memory, field, || path("memory")))
            {
                findings.push(found);
            }
        }
    }
}

/// What is said of an amount of CPU.
fn whole_cpus(cpu: &Written, path: impl FnOnce() -> FieldPath) -> Option<Finding> {
    let cpus = Quantity::of(cpu).value();
    if cpus < MOST_CPUS || !cpu.0.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let (path, meant) = (path(), format!("{cpus}m"));
    let edit = Edit::Replace { path: path.clone(), value: meant.clone().into() };
    let message = format!("`{}` means {cpus} whole CPUs", cpu.0);
    let help = format!("write `{meant}` for {cpus} thousandths of a CPU");
    Some(RULE.finding(path, message).help(help).fix(false, vec![edit]))
}

/// What is said of an amount of memory.
fn few_bytes(memory: &Written, field: &str, path: impl FnOnce() -> FieldPath) -> Option<Finding> {
    let quantity = Quantity::of(memory);
    let bytes = quantity.value();
    let least = if field == "limits" { LEAST_LIMIT } else { LEAST_REQUEST };
    // The server warns of fractions of a byte itself.
    let is_whole = Quantity::new(bytes, quantity.format()) == quantity;
    if bytes <= 0 || bytes >= least || !is_whole {
        return None;
    }
    let effect = if field == "limits" {
        "no container starts with so little memory"
    } else {
        "no program gets by with so little memory"
    };
    let message = format!("`{}` is {bytes} bytes: {effect}", memory.0);
    let help = format!("write the unit, for example `{}`", meant_memory(&memory.0));
    Some(RULE.finding(path(), message).help(help))
}

/// The amount in megabytes, as it was probably meant.
fn meant_memory(written: &str) -> String {
    let digits: String = written.chars().take_while(char::is_ascii_digit).collect();
    match digits.parse::<u32>() {
        Ok(number @ 4..=65_536) => format!("{number}Mi"),
        _ => "64Mi".to_owned(),
    }
}
