//! Durations on the command line: `500ms`, `30s`, `5m`, `8760h`, `90d`.

use std::time::Duration;

/// The longest duration, in seconds: a hundred years. Sums of it must not overflow.
const LONGEST: u64 = 100 * 366 * 86_400;

/// Parses a duration.
///
/// # Errors
///
/// A message that names the accepted format.
pub(crate) fn parse(text: &str) -> Result<Duration, String> {
    let duration = humantime::parse_duration(text).map_err(|error| {
        format!("{error}; write a number with a unit, such as 500ms, 30s, 5m, 12h or 90d")
    })?;
    if duration.as_secs() > LONGEST {
        return Err("longer than a hundred years".to_owned());
    }
    Ok(duration)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_units() {
        for (text, expected) in [
            ("0s", 0),
            ("30s", 30_000),
            ("500ms", 500),
            ("5m", 300_000),
            ("8760h", 31_536_000_000),
            ("90d", 7_776_000_000),
        ] {
            assert_eq!(parse(text).unwrap(), Duration::from_millis(expected), "{text}");
        }
        for text in ["", "s", "30", "-1s", "99999999999999999999s", "40000d", "é"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
