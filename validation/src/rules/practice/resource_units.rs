//! The rule `resource-units`. Its page is `resource_units.md`.

use super::rule;
use crate::edit::Edit;
use crate::levels::Level;
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
        let mut seen_cpu = None;
        let mut seen_memory = None;
        // A request that is copied from the limit is the same mistake.
        for (field, list, least) in
            [("limits", &resources.limits, LEAST_LIMIT), ("requests", &resources.requests, LEAST_REQUEST)]
        {
            let path = listed.path().field("resources").field(field);
            let amount = |name: &str| list.as_ref().and_then(|list| list.get(name));
            if let Some(cpu) = amount("cpu").filter(|cpu| seen_cpu != Some(&cpu.0)) {
                seen_cpu = Some(&cpu.0);
                let cpus = Quantity::of(cpu).value();
                if cpus >= MOST_CPUS && cpu.0.bytes().all(|byte| byte.is_ascii_digit()) {
                    let path = path.clone().key("cpu");
                    let meant = format!("{cpus}m");
                    let edit = Edit::Replace { path: path.clone(), value: meant.clone().into() };
                    let message = format!("`{}` means {cpus} whole CPUs", cpu.0);
                    let help = format!("write `{meant}` for {cpus} thousandths of a CPU");
                    findings.push(RULE.finding(path, message).help(help).fix(false, vec![edit]));
                }
            }
            if let Some(memory) = amount("memory").filter(|memory| seen_memory != Some(&memory.0)) {
                seen_memory = Some(&memory.0);
                let quantity = Quantity::of(memory);
                let bytes = quantity.value();
                // The server warns of fractions of a byte itself.
                let is_whole = Quantity::new(bytes, quantity.format()) == quantity;
                if bytes > 0 && bytes < least && is_whole {
                    let message = if field == "limits" {
                        format!("`{}` is {bytes} bytes: no container starts with so little memory", memory.0)
                    } else {
                        format!("`{}` is {bytes} bytes, less than any program takes", memory.0)
                    };
                    let finding = RULE.finding(path.key("memory"), message);
                    findings.push(
                        finding.help(format!("write the unit, for example `{}`", meant_memory(&memory.0))),
                    );
                }
            }
        }
    }
}

/// The amount in megabytes, as it was probably meant.
fn meant_memory(written: &str) -> String {
    let digits: String = written.chars().take_while(char::is_ascii_digit).collect();
    match digits.parse::<u32>() {
        Ok(number @ 4..=65_536) => format!("{number}Mi"),
        _ => "64Mi".to_owned(),
    }
}
