//! Amounts of resources as manifests have them.

use std::fmt;

const UNITS: [(i64, &str); 5] =
    [(1 << 50, "Pi"), (1 << 40, "Ti"), (1 << 30, "Gi"), (1 << 20, "Mi"), (1 << 10, "Ki")];

/// An amount of a resource in milli-CPU, bytes or counts, as a manifest would have it: `250m`, `512Mi`, `3`.
pub const fn shown(resource: &str, amount: i64) -> Shown<'_> {
    Shown { resource, amount }
}

/// An amount that prints as a manifest would have it.
#[derive(Clone, Copy, Debug)]
pub struct Shown<'r> {
    resource: &'r str,
    amount: i64,
}

/// An amount with the resource's name: `500m CPU`, `3Gi memory`, `2 nvidia.com/gpu`.
pub fn named(resource: &str, amount: i64) -> String {
    let name = if resource == "cpu" { "CPU" } else { resource };
    format!("{} {name}", shown(resource, amount))
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let amount = self.amount;
        match self.resource {
            "cpu" if amount % 1000 == 0 => write!(f, "{}", amount / 1000),
            "cpu" => write!(f, "{amount}m"),
            name if name == "memory" || name == "ephemeral-storage" || name.starts_with("hugepages-") => {
                match unit(amount) {
                    Some((unit, letters)) => {
                        write!(f, "{}{letters}", amount.checked_div(unit).unwrap_or(amount))
                    }
                    None => write!(f, "{amount}"),
                }
            }
            _ => write!(f, "{amount}"),
        }
    }
}

/// The largest unit that leaves no rest; where there is none, a smaller one rounded down, since a request of that much fits.
fn unit(amount: i64) -> Option<(i64, &'static str)> {
    let exact = UNITS.iter().find(|(unit, _)| amount >= *unit && amount.checked_rem(*unit) == Some(0));
    let close = || UNITS.iter().find(|(unit, _)| amount.checked_div(*unit).is_some_and(|units| units >= 100));
    exact.or_else(close).copied()
}

#[cfg(test)]
mod tests {
    use super::shown;

    #[test]
    fn amounts_are_written_as_in_a_manifest() {
        let cases = [
            ("cpu", 2000, "2"),
            ("cpu", 250, "250m"),
            ("memory", 512 << 20, "512Mi"),
            ("memory", 3 << 30, "3Gi"),
            ("memory", (3 << 30) + 1, "3072Mi"),
            ("memory", 1000, "1000"),
            ("nvidia.com/gpu", 4, "4"),
        ];
        for (resource, amount, wanted) in cases {
            assert_eq!(shown(resource, amount).to_string(), wanted, "{resource} {amount}");
        }
    }
}
