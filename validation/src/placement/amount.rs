//! Amounts as people write them.

const UNITS: [(i64, &str); 5] =
    [(1 << 50, "Pi"), (1 << 40, "Ti"), (1 << 30, "Gi"), (1 << 20, "Mi"), (1 << 10, "Ki")];

/// An amount of a resource in the scheduler's units, as a manifest would have it: `250m`, `512Mi`, `3`.
pub(super) fn shown(resource: &str, amount: i64) -> String {
    match resource {
        "cpu" if amount % 1000 == 0 => (amount / 1000).to_string(),
        "cpu" => format!("{amount}m"),
        name if name == "memory" || name == "ephemeral-storage" || name.starts_with("hugepages-") => {
            bytes(amount)
        }
        _ => amount.to_string(),
    }
}

/// The largest unit that leaves no rest; where there is none, a smaller one rounded down, since a request of that much fits.
fn bytes(amount: i64) -> String {
    let exact = UNITS.iter().find(|(unit, _)| amount >= *unit && amount.checked_rem(*unit) == Some(0));
    let close = || UNITS.iter().find(|(unit, _)| amount.checked_div(*unit).is_some_and(|units| units >= 100));
    match exact.or_else(close) {
        Some((unit, letters)) => format!("{}{letters}", amount.checked_div(*unit).unwrap_or(amount)),
        None => amount.to_string(),
    }
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
            assert_eq!(shown(resource, amount), wanted, "{resource} {amount}");
        }
    }
}
